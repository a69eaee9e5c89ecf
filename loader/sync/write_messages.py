"""Writes what messages say: steps, engagements, enrollments."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection

from loader.database import tables
from loader.database.campaign_steps import KnownTouch
from loader.database.sequences import most_frequent
from loader.database.upsert import Counts, TableCounts, delete, upsert
from loader.mapping.campaigns import name_of_made_up
from loader.mapping.engagements import (
    Message,
    MessageList,
    stale_engagements,
    to_engagements,
)
from loader.mapping.enrollments import (
    EnrollmentFacts,
    infer_enrollments,
    to_assignments,
)
from loader.mapping.ids import campaign_uuid, touch_uuid
from loader.mapping.mapping_config import placeholder
from loader.sync.context import Context


@dataclass
class ProspectMessages:
    """One prospect's messages and what they are read with.

    `listed`: key of each campaign that the prospect is in now -> its start if
    Bonzo shows one. `kept`: rows of loader.enrollment_starts.
    """

    prospect_id: int
    message_list: MessageList
    listed: dict[str, datetime | None]
    kept: list[dict[str, Any]]
    opted_out_seen_at: datetime | None


@dataclass
class NewRows:
    """What a transaction added to the run's books, to be kept once it is through."""

    touches: dict[UUID, KnownTouch] = field(default_factory=dict)
    campaigns: dict[str, str] = field(default_factory=dict)


def write_messages(
    context: Context,
    connection: Connection,
    batch: list[ProspectMessages],
    counts: TableCounts,
) -> NewRows:
    """Store the steps, engagements and enrollments of these prospects."""
    _guess_sequences(context, connection, batch)
    found = NewRows()
    _save_campaigns(context, connection, batch, found, counts)
    _save_touches(context, connection, batch, found, counts)
    _save_engagements(context, connection, batch, counts)
    _save_enrollments(context, connection, batch, counts)
    return found


def _guess_sequences(
    context: Context, connection: Connection, batch: list[ProspectMessages]
) -> None:
    """A first guess for sequences that nobody has loader_errors so far.

    The end of the run corrects it; a good guess saves reading messages again.
    """
    book = context.sequences
    votes: dict[int, Counter] = {}
    for item in batch:
        for sequence in item.message_list.sequences - book.known.keys():
            said = votes.setdefault(sequence, Counter())
            if len(item.listed) == 1:
                said.update(item.listed.keys())
    # Without votes, too: all batches must go by one guess, so that the end of the
    # run knows what was assumed.
    for sequence, said in votes.items():
        best = most_frequent(list(said.elements()), sequence)
        book.guessed.setdefault(sequence, best)
    rows = [sequence_row(i, book.guessed[i]) for i in votes]
    upsert(connection, tables.SEQUENCES, rows)


def sequence_row(sequence: int, key: str) -> dict[str, Any]:
    """A row of loader.sequences for a sequence that the campaign list lacks."""
    return {
        "sequence_id": sequence,
        "campaign_key": key,
        "is_known": False,
        "stop_on_response": False,
    }


def _save_campaigns(
    context: Context,
    connection: Connection,
    batch: list[ProspectMessages],
    found: NewRows,
    counts: TableCounts,
) -> None:
    """Campaigns that only messages name."""
    known = context.listed_campaigns | context.named_campaigns.keys()
    known.update(key for item in batch for key in item.listed)
    keys = {
        message.key(context.sequences)
        for item in batch
        for message in item.message_list.messages
    }
    keys.update(row["campaign_key"] for item in batch for row in item.kept)
    found.campaigns = {k: name_of_made_up(k) for k in keys if k and k not in known}
    add_missing_campaigns(connection, found.campaigns, counts)


def add_missing_campaigns(
    connection: Connection, names: dict[str, str], counts: TableCounts
) -> None:
    """Insert campaigns that are not there; a name that is there is kept."""
    for key, name in names.items():
        added = connection.execute(
            "insert into campaigns (campaign_id, campaign_name) "
            "select %s, %s where not exists "
            "(select 1 from campaigns where campaign_id = %s)",
            [campaign_uuid(key), name, campaign_uuid(key)],
        ).rowcount
        counts.add("campaigns", Counts(added, added))


def _save_touches(
    context: Context,
    connection: Connection,
    batch: list[ProspectMessages],
    found: NewRows,
    counts: TableCounts,
) -> None:
    """New steps, and steps whose latest message is of another type than before."""
    listed = {touch_uuid(t.sequence, t.event): t for t in context.rules.touches}
    examples: dict[UUID, Message] = {}
    for item in batch:
        for message in item.message_list.messages:
            touch_id = None if message.incoming else message.touch_id
            if touch_id is not None:
                best = examples.get(touch_id)
                if best is None or _is_latest(message, best.at, best.message_id):
                    examples[touch_id] = message
    rows = []
    for touch_id, message in examples.items():
        known = context.touches.get(touch_id)
        campaign_id = campaign_uuid(message.key(context.sequences))
        kind, at, by = message.kind, message.at, message.message_id
        if known and not _is_latest(message, known.type_at, known.type_message or 0):
            kind, at, by = known.kind, known.type_at, known.type_message
        kind = listed[touch_id].kind if touch_id in listed else kind
        touch = KnownTouch(campaign_id, kind, at, by)
        if touch != known:
            found.touches[touch_id] = touch
            rows.append(_touch_row(touch_id, touch, message, listed.get(touch_id)))
    written = upsert(connection, tables.TOUCHES, rows)
    upsert(connection, tables.TOUCH_ORIGINS, rows)
    counts.add("touches", written)


def _is_latest(message: Message, at: datetime | None, message_id: int) -> bool:
    """Whether no later message is known; the same one may have changed its type."""
    if message.at is None:
        return False
    return at is None or message.order >= (at, message_id)


def _touch_row(
    touch_id: UUID, touch: KnownTouch, message: Message, listed: Any
) -> dict[str, Any]:
    is_pipeline = message.pipeline_event is not None
    return {
        "touch_id": touch_id,
        "campaign_id": touch.campaign_id,
        "touch_order": listed.order if listed else 0,
        "touch_type": touch.kind,
        "content": listed.content if listed else placeholder(touch.kind),
        "scheduled_delay": listed.delay if listed else 0,
        "origin": "listed" if listed else "derived",
        "sequence_id": None if is_pipeline else message.sequence,
        "event_id": message.pipeline_event if is_pipeline else message.event,
        "type_at": touch.type_at,
        "type_message": touch.type_message,
    }


def _save_engagements(
    context: Context,
    connection: Connection,
    batch: list[ProspectMessages],
    counts: TableCounts,
) -> None:
    """Rows of the messages read; what they say no longer is removed."""
    rows: list[dict[str, Any]] = []
    stale: list[UUID] = []
    for item in batch:
        rows += to_engagements(
            item.prospect_id, item.message_list, context.rules, context.sequences
        )
        # Also of a new prospect: a merge brings messages that were another's.
        if not context.is_first_load:
            stale += stale_engagements(item.message_list)
    written = upsert(connection, tables.ENGAGEMENTS, rows)
    written.deleted = delete(
        connection,
        "delete from touch_engagements where engagement_id = any(%s)",
        stale,
    )
    counts.add("touch_engagements", written)


def _save_enrollments(
    context: Context,
    connection: Connection,
    batch: list[ProspectMessages],
    counts: TableCounts,
) -> None:
    """Make the assignments of these prospects equal to their runs."""
    rows: list[dict[str, Any]] = []
    starts: list[dict[str, Any]] = []
    for item in batch:
        known, new_starts = _known(item, context.clock.started_at)
        starts += new_starts
        runs = infer_enrollments(
            item.message_list.messages, known, context.rules, context.sequences
        )
        rows += to_assignments(item.prospect_id, runs)
    ids = [item.prospect_id for item in batch]
    if not ids:
        return
    written = upsert(connection, tables.ASSIGNMENTS, rows)
    written.deleted = connection.execute(
        "delete from prospect_campaign_assignments "
        "where prospect_id = any(%s) and assignment_id <> all(%s)",
        [ids, [row["assignment_id"] for row in rows]],
    ).rowcount
    counts.add("prospect_campaign_assignments", written)
    _save_starts(connection, batch, starts)


def _known(
    item: ProspectMessages, started_at: datetime
) -> tuple[EnrollmentFacts, list[dict[str, Any]]]:
    """What is known beside the messages, and the starts to keep from now on."""
    starts: dict[str, set[datetime]] = {}
    first_seen: dict[str, datetime] = {}
    for row in item.kept:
        key, at = row["campaign_key"], row["started_at"]
        if not row["is_first_seen"]:
            starts.setdefault(key, set()).add(at)
        elif item.listed.get(key, at) is None:
            first_seen[key] = at
    for key, start in item.listed.items():
        if start is not None:
            starts.setdefault(key, set()).add(start)
        else:
            first_seen.setdefault(key, started_at)
    rows = [
        start_row(item.prospect_id, key, start, first_seen.get(key))
        for key, start in item.listed.items()
    ]
    known = EnrollmentFacts(
        set(item.listed), starts, first_seen, item.opted_out_seen_at
    )
    return known, rows


def start_row(
    prospect_id: int, key: str, start: datetime | None, first_seen: datetime | None
) -> dict[str, Any]:
    """A row of loader.enrollment_starts; the first sight stands in for a start."""
    return {
        "prospect_id": prospect_id,
        "campaign_id": campaign_uuid(key),
        "started_at": start or first_seen,
        "campaign_key": key,
        "is_first_seen": start is None,
    }


def _save_starts(
    connection: Connection, batch: list[ProspectMessages], rows: list[dict[str, Any]]
) -> None:
    """Keep known starts; first-seen ones only while the campaign is listed."""
    upsert(connection, tables.ENROLLMENT_STARTS, rows)
    current = {
        (row["prospect_id"], row["campaign_key"])
        for row in rows
        if row["is_first_seen"]
    }
    for item in batch:
        for row in item.kept:
            key = row["campaign_key"]
            if row["is_first_seen"] and (item.prospect_id, key) not in current:
                connection.execute(
                    "delete from loader.enrollment_starts where prospect_id = %s "
                    "and campaign_key = %s and is_first_seen",
                    [item.prospect_id, key],
                )
