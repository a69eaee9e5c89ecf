"""Writes what messages say: steps, engagements, enrollments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from loader.database import tables
from loader.database.campaign_steps import KnownTouch, known_touches
from loader.database.sequences import most_frequent
from loader.database.upsert import Counts, Writer
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
from loader.mapping.mapping_config import ConfiguredStep, placeholder
from loader.mapping.prospects import CampaignMembership
from loader.sync.context import Context


@dataclass
class ProspectMessages:
    """One prospect's messages and what they are read with.

    `current_campaigns`: key of each campaign that the prospect is in now -> the
    starts that Bonzo shows, if any. `known_starts`: rows of loader.enrollment_starts.
    Without `is_complete` the list lacks messages that Bonzo has.
    """

    prospect_id: int
    message_list: MessageList
    current_campaigns: dict[str, set[datetime]]
    known_starts: list[dict[str, Any]]
    opted_out_seen_at: datetime | None
    is_complete: bool = True


def write_messages(
    context: Context, writer: Writer, batch: list[ProspectMessages]
) -> None:
    """Store the steps, engagements and enrollments of these prospects.

    `resolve_messages` and `guess_sequences` come first.
    """
    if not batch:
        return
    _write_sequences(context, writer, batch)
    _write_campaigns(context, writer, batch)
    _write_touches(context, writer, batch)
    _write_engagements(context, writer, batch)
    _write_enrollments(context, writer, batch)


def guess_sequences(
    context: Context,
    message_lists: Mapping[int, MessageList],
    campaigns: Mapping[int, Iterable[str]],
) -> None:
    """Guess the campaign of sequences that nothing has explained so far.

    `campaigns` are the keys of each prospect's current ones. The end of the run
    corrects the guess; a good one saves reading messages again.
    """
    registry = context.sequences
    votes: dict[int, Counter] = {}
    for prospect_id, message_list in message_lists.items():
        keys = list(campaigns[prospect_id])
        for sequence in filter(registry.is_guess, message_list.sequences):
            votes.setdefault(sequence, Counter())
            if len(keys) == 1:
                votes[sequence].update(keys)
    # Without votes, too: all batches must go by one guess, so that the end of the
    # run knows what was assumed.
    for sequence, keys in votes.items():
        best = most_frequent(list(keys.elements()), sequence)
        registry.guessed.setdefault(sequence, best)


def _write_sequences(
    context: Context, writer: Writer, batch: list[ProspectMessages]
) -> None:
    """Store the guesses that these messages go by."""
    registry = context.sequences
    sequences = {s for item in batch for s in item.message_list.sequences}
    guessed = sorted(filter(registry.is_guess, sequences))
    rows = [sequence_row(i, registry.guessed[i]) for i in guessed]
    writer.upsert(tables.SEQUENCES, rows)


def sequence_row(sequence: int, key: str) -> dict[str, Any]:
    """Return a row of loader.sequences for one that the campaign list lacks."""
    return {
        "sequence_id": sequence,
        "campaign_key": key,
        "is_known": False,
        "stop_on_response": False,
    }


def _write_campaigns(
    context: Context, writer: Writer, batch: list[ProspectMessages]
) -> None:
    """Store campaigns that only messages and earlier enrollments name."""
    keys = {
        message.key(context.sequences)
        for item in batch
        for message in item.message_list.messages
    }
    keys.update(row["campaign_key"] for item in batch for row in item.known_starts)
    add_missing_campaigns(writer, keys - {None} - context.listed_campaigns)


def add_missing_campaigns(writer: Writer, keys: Iterable[str]) -> None:
    """Insert campaigns that are not there; one that is there keeps its name."""
    ids = {campaign_uuid(key): key for key in keys}
    stored = writer.connection.execute(
        "select campaign_id from campaigns where campaign_id = any(%s)", [list(ids)]
    )
    for campaign_id in ids.keys() - {row[0] for row in stored}:
        writer.connection.execute(
            "insert into campaigns (campaign_id, campaign_name) values (%s, %s)",
            [campaign_id, name_of_made_up(ids[campaign_id])],
        )
        writer.counts.add("campaigns", Counts(read=1, inserted=1))


def _write_touches(
    context: Context, writer: Writer, batch: list[ProspectMessages]
) -> None:
    """Store new steps, and steps whose latest message is of another type."""
    latest: dict[UUID, Message] = {}
    for item in batch:
        for message in item.message_list.messages:
            touch_id = None if message.incoming else message.touch_id
            if touch_id is not None:
                best = latest.get(touch_id)
                if best is None or _is_latest(message, best.at, best.message_id):
                    latest[touch_id] = message
    stored = known_touches(writer.connection, latest)
    listed = {touch_uuid(t.sequence, t.event): t for t in context.rules.touches}
    rows = []
    for touch_id, message in latest.items():
        step = listed.get(touch_id)
        campaign_id = campaign_uuid(message.key(context.sequences))
        touch = _touch(message, campaign_id, stored.get(touch_id), step)
        if touch != stored.get(touch_id):
            rows.append(_touch_row(touch_id, touch, message, step))
    writer.upsert(tables.TOUCHES, rows)
    writer.upsert(tables.TOUCH_ORIGINS, rows)


def _touch(
    message: Message,
    campaign_id: UUID,
    stored: KnownTouch | None,
    listed: ConfiguredStep | None,
) -> KnownTouch:
    """Return the step as its latest message shows it; a listed type wins."""
    kind, at, by = message.kind, message.at, message.message_id
    if stored and not _is_latest(message, stored.type_at, stored.type_message or 0):
        kind, at, by = stored.kind, stored.type_at, stored.type_message
    return KnownTouch(campaign_id, listed.kind if listed else kind, at, by)


def _is_latest(message: Message, at: datetime | None, message_id: int) -> bool:
    """Return whether no later message is known; the same one may have changed."""
    if message.at is None:
        return False
    return at is None or message.order >= (at, message_id)


def _touch_row(
    touch_id: UUID, touch: KnownTouch, message: Message, listed: ConfiguredStep | None
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


def _write_engagements(
    context: Context, writer: Writer, batch: list[ProspectMessages]
) -> None:
    """Store rows of the messages read; what they say no longer is removed."""
    rows: list[dict[str, Any]] = []
    stale: list[UUID] = []
    for item in batch:
        rows += to_engagements(
            item.prospect_id, item.message_list, context.rules, context.sequences
        )
        # Also of a new prospect: a merge brings messages that were another's.
        stale += stale_engagements(item.message_list)
    writer.upsert(tables.ENGAGEMENTS, rows)
    if stale:
        writer.delete(tables.ENGAGEMENTS, "engagement_id = any(%s)", stale)


def _write_enrollments(
    context: Context, writer: Writer, batch: list[ProspectMessages]
) -> None:
    """Make the assignments of these prospects equal to their enrollments."""
    rows: list[dict[str, Any]] = []
    starts: list[dict[str, Any]] = []
    for item in batch:
        facts, new_starts = _enrollment_facts(item, context.clock.started_at)
        starts += new_starts
        enrollments = infer_enrollments(
            item.message_list.messages, facts, context.rules, context.sequences
        )
        rows += to_assignments(item.prospect_id, enrollments)
    writer.upsert(tables.ASSIGNMENTS, rows)
    writer.delete(
        tables.ASSIGNMENTS,
        "prospect_id = any(%s) and assignment_id <> all(%s)",
        # Enrollments of messages that were not to be had this time stay.
        [item.prospect_id for item in batch if item.is_complete],
        [row["assignment_id"] for row in rows],
    )
    _write_starts(writer, batch, starts)


def _enrollment_facts(
    item: ProspectMessages, started_at: datetime
) -> tuple[EnrollmentFacts, list[dict[str, Any]]]:
    """Return what is known beside the messages, and the starts to keep from now on."""
    starts: dict[str, set[datetime]] = {}
    first_seen: dict[str, datetime] = {}
    for row in item.known_starts:
        key, at = row["campaign_key"], row["started_at"]
        if not row["is_first_seen"]:
            starts.setdefault(key, set()).add(at)
        elif item.current_campaigns.get(key) == set():
            first_seen[key] = at
    rows = []
    for key, shown in item.current_campaigns.items():
        if shown:
            starts.setdefault(key, set()).update(shown)
        else:
            first_seen.setdefault(key, started_at)
        rows += [
            start_row(item.prospect_id, key, start, first_seen.get(key))
            for start in sorted(shown) or [None]
        ]
    facts = EnrollmentFacts(
        set(item.current_campaigns), starts, first_seen, item.opted_out_seen_at
    )
    return facts, rows


def starts_by_campaign(
    memberships: Iterable[CampaignMembership],
) -> dict[str, set[datetime]]:
    """Return campaign key -> starts: a campaign may be shown more than once."""
    starts: dict[str, set[datetime]] = {}
    for membership in memberships:
        known = starts.setdefault(membership.key, set())
        known.update({membership.start} - {None})
    return starts


def start_row(
    prospect_id: int, key: str, start: datetime | None, first_seen: datetime | None
) -> dict[str, Any]:
    """Return a row of loader.enrollment_starts; a first sight replaces no start."""
    return {
        "prospect_id": prospect_id,
        "campaign_id": campaign_uuid(key),
        "started_at": start or first_seen,
        "campaign_key": key,
        "is_first_seen": start is None,
    }


def _write_starts(
    writer: Writer, batch: list[ProspectMessages], rows: list[dict[str, Any]]
) -> None:
    """Keep known starts; first-seen ones only while the prospect is in the campaign."""
    writer.upsert(tables.ENROLLMENT_STARTS, rows)
    current = {
        (row["prospect_id"], row["campaign_key"])
        for row in rows
        if row["is_first_seen"]
    }
    for item in batch:
        for row in item.known_starts:
            key = row["campaign_key"]
            if row["is_first_seen"] and (item.prospect_id, key) not in current:
                writer.connection.execute(
                    "delete from loader.enrollment_starts where prospect_id = %s "
                    "and campaign_key = %s and is_first_seen",
                    [item.prospect_id, key],
                )
