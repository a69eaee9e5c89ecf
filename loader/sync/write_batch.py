"""Writes one batch in one transaction."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime

from psycopg import Connection

from loader.database import campaign_steps, prospect_state, rejects, tables
from loader.database.prospect_state import ProspectState
from loader.database.stored_rows import read_stored_rows
from loader.database.upsert import Writer
from loader.mapping.engagements import MessageList
from loader.mapping.ids import campaign_uuid
from loader.mapping.prospects import Prospect
from loader.mapping.record_reader import Rejects
from loader.sync.context import Context
from loader.sync.fetch_messages import MessageLists
from loader.sync.resolve_messages import resolve_messages
from loader.sync.unchanged import Unchanged, join, write_unchanged
from loader.sync.write_messages import (
    ProspectMessages,
    guess_sequences,
    start_row,
    starts_by_campaign,
    write_messages,
)
from loader.sync.write_prospects import write_people, write_prospects

# Prospects that one transaction notes as seen, where their pages changed nothing.
MOST_UNCHANGED = 2000
# New ones that one transaction writes, where answers come faster than they are
# written: a third of the questions to the database, for the memory of three pages.
MOST_NEW = 300


@dataclass
class Batch:
    """Prospects of one page that this run has not met yet.

    `prospects` are to be written, `unchanged` only to be noted as seen. `states`
    are those of the prospects that earlier loads have seen, `hashes` those of the
    records that need not be mapped again; `reading` has the messages on their way,
    by prospect. `new_users` and `new_campaigns` were met here first. A batch may
    hold several `pages`: such as change nothing, or new ones that are read already.
    """

    prospects: dict[int, Prospect]
    states: dict[int, ProspectState]
    notes: Rejects
    unchanged: Unchanged
    hashes: dict[int, str]
    reading: dict[int, Future] = field(default_factory=dict)
    new_users: set[int] = field(default_factory=set)
    new_campaigns: set[str] = field(default_factory=set)
    pages: int = 1

    @property
    def ids(self) -> set[int]:
        """Return the batch's prospects."""
        return self.prospects.keys() | self.unchanged.fingerprints.keys()

    def join(self, other: Batch) -> bool:
        """Take in the batch of the next page, if one transaction may write both."""
        if len(self.ids) + len(other.ids) > self._most_with(other):
            return False
        self.prospects |= other.prospects
        self.states |= other.states
        self.notes.items += other.notes.items
        self.hashes |= other.hashes
        self.reading |= other.reading
        self.unchanged.join(other.unchanged)
        self.new_users |= other.new_users
        self.new_campaigns |= other.new_campaigns
        self.pages += other.pages
        return True

    def _most_with(self, other: Batch) -> int:
        """Return how many prospects the two may have together, 0 if they may not."""
        if self.is_unchanged and other.is_unchanged:
            return MOST_UNCHANGED
        if self.is_new and other.is_new and self.is_read and other.is_read:
            return MOST_NEW
        return 0

    @property
    def is_read(self) -> bool:
        """Tell whether every list of messages is there, and none failed."""
        return all(a.done() and not a.exception() for a in self.reading.values())

    @property
    def is_unchanged(self) -> bool:
        """Tell whether there is nothing to write but that this run has seen it."""
        return not self.prospects and not self.notes.items

    @property
    def is_new(self) -> bool:
        """Tell whether no load has seen any of the prospects."""
        return not self.states


def write_batch(context: Context, batch: Batch, message_lists: MessageLists) -> None:
    """Store prospects and the messages read with them; all or nothing."""
    prospects, states, notes = batch.prospects, batch.states, batch.notes
    campaigns = {
        i: starts_by_campaign(prospects[i].memberships) for i in message_lists.read
    }
    resolve_messages(context, message_lists.read, notes)
    guess_sequences(context, message_lists.read, campaigns)

    user_ids = {p.user.user_id for p in prospects.values() if p.user} | batch.new_users
    keys = {m.key for p in prospects.values() for m in p.memberships}
    keys |= batch.new_campaigns

    def work(writer: Writer) -> None:
        write_people(context, writer, user_ids, keys)
        write_unchanged(context, writer, batch.unchanged)
        if batch.is_unchanged:
            # Of users, this run notes again what there is to note.
            run_id = context.clock.run_id
            rejects.replace_about(writer.connection, "users", user_ids, run_id)
            return
        write_prospects(context, writer, prospects)
        starts = prospect_state.enrollment_starts(writer.connection, campaigns)
        messages = [
            ProspectMessages(
                prospect_id=i,
                message_list=message_list,
                is_complete=i not in message_lists.incomplete,
                current_campaigns=campaigns[i],
                known_starts=starts.get(i, []),
                opted_out_seen_at=_opted_out_since(
                    prospects[i], states.get(i), context.clock.started_at
                ),
            )
            for i, message_list in message_lists.read.items()
        ]
        write_messages(context, writer, messages)
        _write_starts(writer, [prospects[i] for i in message_lists.skipped])
        _write_states(context, writer, batch, message_lists)
        _write_rejects(
            context, writer.connection, prospects, user_ids, message_lists, notes
        )

    context.write(work, new_prospects=batch.is_new)


def _write_starts(writer: Writer, prospects: list[Prospect]) -> None:
    """Store starts of prospects without messages: Bonzo may not show them again."""
    rows = [
        start_row(prospect.prospect_id, membership.key, membership.start, None)
        for prospect in prospects
        for membership in prospect.memberships
        if membership.start is not None
    ]
    writer.upsert(tables.ENROLLMENT_STARTS, rows)


def _write_states(
    context: Context, writer: Writer, batch: Batch, message_lists: MessageLists
) -> None:
    """Store what this run knows of each prospect, for the next run."""
    rows, returned = [], []
    contested = context.contested.prospects
    stored = read_stored_rows(writer.connection, batch.hashes.keys() & batch.prospects)
    for i, prospect in batch.prospects.items():
        known = batch.states.get(i) or ProspectState(i)
        state = replace(
            _state(context, prospect, known, message_lists.read.get(i)),
            record_hash=join(batch.hashes[i], stored[i]) if i in stored else None,
        )
        is_contested = i in contested
        if is_contested and i not in message_lists.unfinished:
            context.contested.fingerprints[i] = prospect.fingerprint
        if is_contested or i in message_lists.unfinished:
            # Not done: the next run reads the messages whatever it sees.
            state = replace(state, fingerprint=None)
        rows.append(state.row())
        # Which starts count towards a campaign's first delay.
        moved = {*state.current_campaigns} ^ {*(known.current_campaigns or [])}
        writer.steps.campaigns.update(map(campaign_uuid, moved))
        if known.deleted_at is not None:
            returned.append(i)
    if returned:
        found = campaign_steps.campaigns_of(writer.connection, returned)
        writer.steps.campaigns |= found
    writer.upsert(tables.SYNC_PROSPECTS, rows)


def _state(
    context: Context,
    prospect: Prospect,
    known: ProspectState,
    message_list: MessageList | None,
) -> ProspectState:
    """Return the state after this run; without messages read, theirs is kept."""
    clock = context.clock
    state = replace(
        known,
        last_seen_at=clock.started_at,
        current_campaigns=sorted({m.key for m in prospect.memberships}),
        opted_out_seen_at=_opted_out_since(prospect, known, clock.started_at),
        deleted_at=None,
        inaccessible_at=None,
    )
    if message_list is None:
        return state
    return replace(
        state,
        fingerprint=prospect.fingerprint,
        rules_version=context.rules.version,
        messages_read_at=clock.now,
        last_message_at=message_list.latest,
        sequences=sorted(message_list.sequences),
        unknown_events=sorted(message_list.events),
        yields_to=sorted(message_list.yields_to),
    )


def _opted_out_since(
    prospect: Prospect, known: ProspectState | None, started_at: datetime
) -> datetime | None:
    """Return when a load first saw that the prospect opted out; it never moves."""
    if known is not None and known.opted_out_seen_at is not None:
        return known.opted_out_seen_at
    return started_at if prospect.opted_out else None


def _write_rejects(
    context: Context,
    connection: Connection,
    prospects: dict[int, Prospect],
    user_ids: set[int],
    message_lists: MessageLists,
    notes: Rejects,
) -> None:
    """Replace what was noted about these prospects, users and messages."""
    run_id = context.clock.run_id
    for resource, ids in (
        ("prospects", prospects),
        ("loans", prospects),
        ("users", user_ids),
    ):
        if ids:
            rejects.replace_about(connection, resource, ids, run_id)
    attempted = [*message_lists.read, *message_lists.skipped]
    if attempted:
        rejects.replace_messages(connection, attempted)
    rejects.save(connection, notes.items, run_id, context.settings.bonzo_api_token)
