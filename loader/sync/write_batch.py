"""Writes one batch in one transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from psycopg import Connection

from loader.database import prospect_state, rejects, tables
from loader.database.prospect_state import ProspectState
from loader.database.tables import Table
from loader.database.upsert import Counts, TableCounts, delete, upsert
from loader.mapping.engagements import MessageList
from loader.mapping.ids import campaign_uuid
from loader.mapping.prospects import Prospect
from loader.mapping.record_reader import Rejects
from loader.sync.context import Context
from loader.sync.fetch_messages import MessageLists
from loader.sync.write_messages import (
    NewRows,
    ProspectMessages,
    start_row,
    write_messages,
)


def save(
    context: Context,
    prospects: dict[int, Prospect],
    states: dict[int, ProspectState],
    message_lists: MessageLists,
    notes: Rejects,
) -> None:
    """Store prospects and the messages read with them; all or nothing."""

    def work(connection: Connection) -> tuple[TableCounts, NewRows]:
        counts = TableCounts()
        writer = _Writer(context, connection, counts)
        writer.sources(prospects)
        writer.users(prospects)
        writer.campaigns(prospects)
        writer.prospects(prospects)
        writer.loans(prospects)
        batch = _prospect_messages(
            context, connection, prospects, states, message_lists
        )
        found = write_messages(context, connection, batch, counts)
        writer.starts([prospects[i] for i in message_lists.skipped])
        writer.states(prospects, states, message_lists)
        _save_notes(context, connection, prospects, message_lists, notes)
        return counts, found

    counts, found = context.database.transaction(work)
    context.users.commit_cache()
    context.sources.commit_cache()
    context.touches.update(found.touches)
    context.named_campaigns.update(found.campaigns)
    for prospect in prospects.values():
        for membership in prospect.memberships:
            context.named_campaigns.setdefault(membership.key, membership.name)
    add_counts(context, counts)


def add_counts(context: Context, counts: TableCounts) -> None:
    """Add a transaction's counts to the report, once it is through."""
    for name, count in counts.items():
        context.report.tables[name] += count
    changed = ("touches", "touch_engagements", "prospect_campaign_assignments")
    if any(counts[name].changed for name in changed if name in counts):
        context.steps_dirty = True


class _Writer:
    """The part of a batch that comes from the prospects' records."""

    def __init__(
        self, context: Context, connection: Connection, counts: TableCounts
    ) -> None:
        self.context = context
        self.connection = connection
        self.counts = counts

    def put(self, table: Table, rows: list[dict[str, Any]]) -> None:
        """Upsert rows and count them where the table is one to show."""
        written = upsert(self.connection, table, rows)
        if table.schema == "public":
            self.counts.add(table.name, written)

    def sources(self, prospects: dict[int, Prospect]) -> None:
        names = [p.source for p in prospects.values() if p.source]
        self.counts["lead_sources"] = self.context.sources.save(self.connection, names)

    def users(self, prospects: dict[int, Prospect]) -> None:
        users = [p.user for p in prospects.values() if p.user]
        self.counts["users"] = self.context.users.save(self.connection, users)

    def campaigns(self, prospects: dict[int, Prospect]) -> None:
        """Campaigns that the campaign list does not hold; first sight counts."""
        context = self.context
        names: dict[str, str] = {}
        for prospect in prospects.values():
            for membership in prospect.memberships:
                if (
                    membership.key not in context.listed_campaigns
                    and membership.key not in context.named_campaigns
                ):
                    names.setdefault(membership.key, membership.name)
        rows = [
            {"campaign_id": campaign_uuid(key), "campaign_name": name}
            for key, name in names.items()
        ]
        self.put(tables.NAMED_CAMPAIGNS, rows)

    def prospects(self, prospects: dict[int, Prospect]) -> None:
        """Prospects and the stages that they have been seen in."""
        entered = self._entry_times(prospects)
        rows, stays = [], []
        for prospect_id, prospect in prospects.items():
            rows.append(
                {
                    **prospect.row,
                    "lead_source_id": self.context.sources.id_of(prospect.source),
                    "stage_entered_at": entered.get(prospect_id),
                }
            )
            if prospect.stage:
                stays.append(
                    {
                        "prospect_id": prospect_id,
                        "stage_id": prospect.stage.stage_id,
                        "entered_at": entered[prospect_id],
                        "first_seen_at": self.context.clock.started_at,
                    }
                )
        self.put(tables.PROSPECTS, rows)
        self.put(tables.STAGE_HISTORY, stays)

    def _entry_times(self, prospects: dict[int, Prospect]) -> dict[int, datetime]:
        """When each prospect entered its stage: as Bonzo says, else as first seen."""
        found = {
            i: p.stage_entered_at
            for i, p in prospects.items()
            if p.stage and p.stage_entered_at
        }
        open_ids = [i for i, p in prospects.items() if p.stage and i not in found]
        if open_ids:
            stays = prospect_state.last_stays(self.connection, open_ids)
            for prospect_id in open_ids:
                stage_id, entered_at = stays.get(prospect_id, (None, None))
                same = stage_id == prospects[prospect_id].stage.stage_id
                started_at = self.context.clock.started_at
                found[prospect_id] = entered_at if same else started_at
        return found

    def loans(self, prospects: dict[int, Prospect]) -> None:
        """Loans and their dates; those that Bonzo shows no longer are removed."""
        without = [i for i, p in prospects.items() if p.loan is None]
        for name, statement in (
            ("loan_dates", "delete from loan_dates where loan_id = any(%s)"),
            ("loans", "delete from loans where loan_id = any(%s)"),
        ):
            gone = delete(self.connection, statement, without)
            self.counts.add(name, Counts(deleted=gone))
        having = [p for p in prospects.values() if p.loan is not None]
        self.put(tables.LOANS, [p.loan for p in having])
        self.put(tables.LOAN_DATES, [p.loan_dates for p in having])

    def starts(self, prospects: list[Prospect]) -> None:
        """Starts of prospects without messages: Bonzo may not show them again."""
        rows = [
            start_row(p.prospect_id, membership.key, membership.start, None)
            for p in prospects
            for membership in p.memberships
            if membership.start is not None
        ]
        self.put(tables.ENROLLMENT_STARTS, rows)

    def states(
        self,
        prospects: dict[int, Prospect],
        states: dict[int, ProspectState],
        message_lists: MessageLists,
    ) -> None:
        """What this run knows of each prospect, for the next run."""
        rows = [
            self._state(
                prospect, states.get(i), message_lists.read.get(i), message_lists
            )
            for i, prospect in prospects.items()
        ]
        self.put(tables.SYNC_PROSPECTS, rows)

    def _state(
        self,
        prospect: Prospect,
        known: ProspectState | None,
        message_list: MessageList | None,
        message_lists: MessageLists,
    ) -> dict[str, Any]:
        clock = self.context.clock
        row = dict.fromkeys(tables.SYNC_PROSPECTS.columns)
        if known is not None:
            row = {name: getattr(known, name) for name in row}
        row.update(
            prospect_id=prospect.prospect_id,
            last_seen_at=clock.started_at,
            listed=sorted(membership.key for membership in prospect.memberships),
            opted_out_seen_at=opted_out_since(prospect, known, clock.started_at),
            gone_at=None,
            hidden_at=None,
        )
        if message_list is not None:
            row.update(
                fingerprint=prospect.fingerprint,
                rules_version=self.context.rules.version,
                messages_read_at=clock.now,
                last_message_at=message_list.latest,
                sequences=sorted(message_list.sequences),
            )
        elif prospect.prospect_id in message_lists.skipped:
            # Not done: the next run reads the messages whatever it sees.
            row["fingerprint"] = None
        return row


def opted_out_since(
    prospect: Prospect, known: ProspectState | None, started_at: datetime
) -> datetime | None:
    """When a load first saw that the prospect had opted out; it never moves."""
    if known is not None and known.opted_out_seen_at is not None:
        return known.opted_out_seen_at
    return started_at if prospect.opted_out else None


def _prospect_messages(
    context: Context,
    connection: Connection,
    prospects: dict[int, Prospect],
    states: dict[int, ProspectState],
    message_lists: MessageLists,
) -> list[ProspectMessages]:
    """What the messages are read with: campaigns, starts, opt-outs."""
    starts = prospect_state.enrollment_starts(connection, message_lists.read)
    started_at = context.clock.started_at
    batch = []
    for prospect_id, message_list in message_lists.read.items():
        prospect, known = prospects[prospect_id], states.get(prospect_id)
        batch.append(
            ProspectMessages(
                prospect_id=prospect_id,
                message_list=message_list,
                listed={entry.key: entry.start for entry in prospect.memberships},
                kept=starts.get(prospect_id, []),
                opted_out_seen_at=opted_out_since(prospect, known, started_at),
            )
        )
    return batch


def _save_notes(
    context: Context,
    connection: Connection,
    prospects: dict[int, Prospect],
    message_lists: MessageLists,
    notes: Rejects,
) -> None:
    run_id = context.clock.run_id
    users = {p.user.user_id for p in prospects.values() if p.user}
    for resource, ids in (
        ("prospects", prospects),
        ("loans", prospects),
        ("users", users),
    ):
        rejects.replace_about(connection, resource, ids, run_id)
    attempted = [*message_lists.read, *message_lists.skipped]
    if attempted:
        rejects.replace_messages(connection, attempted)
    token = context.settings.bonzo_api_token
    rejects.save(connection, notes.items, run_id, token)
