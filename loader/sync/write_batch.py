"""Writes one batch in one transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from psycopg import Connection

from loader.database import prospect_state, rejects, tables
from loader.database.prospect_state import ProspectState
from loader.database.tables import Table
from loader.database.upsert import Counts, Tally, delete, upsert
from loader.mapping.engagements import Inbox
from loader.mapping.ids import campaign_uuid
from loader.mapping.prospects import Prospect
from loader.mapping.record_reader import Notes
from loader.sync.context import Context
from loader.sync.fetch_messages import Inboxes
from loader.sync.write_messages import (
    Correspondence,
    Found,
    save_correspondence,
    start_row,
)


def save(
    context: Context,
    prospects: dict[int, Prospect],
    states: dict[int, ProspectState],
    inboxes: Inboxes,
    notes: Notes,
) -> None:
    """Store prospects and the messages read with them; all or nothing."""

    def work(connection: Connection) -> tuple[Tally, Found]:
        counts = Tally()
        writer = _Writer(context, connection, counts)
        writer.sources(prospects)
        writer.users(prospects)
        writer.campaigns(prospects)
        writer.prospects(prospects)
        writer.loans(prospects)
        letters = _correspondence(context, connection, prospects, states, inboxes)
        found = save_correspondence(context, connection, letters, counts)
        writer.starts([prospects[i] for i in inboxes.skipped])
        writer.states(prospects, states, inboxes)
        _save_notes(context, connection, prospects, inboxes, notes)
        return counts, found

    counts, found = context.database.transaction(work)
    context.users.adopt()
    context.sources.adopt()
    context.touches.update(found.touches)
    context.named_campaigns.update(found.campaigns)
    for prospect in prospects.values():
        for listing in prospect.listings:
            context.named_campaigns.setdefault(listing.key, listing.name)
    add_counts(context, counts)


def add_counts(context: Context, counts: Tally) -> None:
    """Add a transaction's counts to the report, once it is through."""
    for name, count in counts.items():
        context.report.tables[name] += count
    changed = ("touches", "touch_engagements", "prospect_campaign_assignments")
    if any(counts[name].changed for name in changed if name in counts):
        context.steps_changed = True


class _Writer:
    """The part of a batch that comes from the prospects' records."""

    def __init__(self, context: Context, connection: Connection, counts: Tally) -> None:
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
            for listing in prospect.listings:
                if (
                    listing.key not in context.listed_campaigns
                    and listing.key not in context.named_campaigns
                ):
                    names.setdefault(listing.key, listing.name)
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
            start_row(p.prospect_id, listing.key, listing.start, None)
            for p in prospects
            for listing in p.listings
            if listing.start is not None
        ]
        self.put(tables.ENROLLMENT_STARTS, rows)

    def states(
        self,
        prospects: dict[int, Prospect],
        states: dict[int, ProspectState],
        inboxes: Inboxes,
    ) -> None:
        """What this run knows of each prospect, for the next run."""
        rows = [
            self._state(prospect, states.get(i), inboxes.read.get(i), inboxes)
            for i, prospect in prospects.items()
        ]
        self.put(tables.SYNC_PROSPECTS, rows)

    def _state(
        self,
        prospect: Prospect,
        known: ProspectState | None,
        inbox: Inbox | None,
        inboxes: Inboxes,
    ) -> dict[str, Any]:
        clock = self.context.clock
        row = dict.fromkeys(tables.SYNC_PROSPECTS.columns)
        if known is not None:
            row = {name: getattr(known, name) for name in row}
        row.update(
            prospect_id=prospect.prospect_id,
            last_seen_at=clock.started_at,
            listed=sorted(listing.key for listing in prospect.listings),
            opted_out_seen_at=opted_out_since(prospect, known, clock.started_at),
            gone_at=None,
            hidden_at=None,
        )
        if inbox is not None:
            row.update(
                fingerprint=prospect.fingerprint,
                rules_version=self.context.rules.version,
                messages_read_at=clock.now,
                last_message_at=inbox.latest,
                sequences=sorted(inbox.sequences),
            )
        elif prospect.prospect_id in inboxes.skipped:
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


def _correspondence(
    context: Context,
    connection: Connection,
    prospects: dict[int, Prospect],
    states: dict[int, ProspectState],
    inboxes: Inboxes,
) -> list[Correspondence]:
    """What the messages are read with: campaigns, starts, opt-outs."""
    starts = prospect_state.enrollment_starts(connection, inboxes.read)
    started_at = context.clock.started_at
    letters = []
    for prospect_id, inbox in inboxes.read.items():
        prospect, known = prospects[prospect_id], states.get(prospect_id)
        letters.append(
            Correspondence(
                prospect_id=prospect_id,
                inbox=inbox,
                listed={entry.key: entry.start for entry in prospect.listings},
                kept=starts.get(prospect_id, []),
                opted_out_seen_at=opted_out_since(prospect, known, started_at),
            )
        )
    return letters


def _save_notes(
    context: Context,
    connection: Connection,
    prospects: dict[int, Prospect],
    inboxes: Inboxes,
    notes: Notes,
) -> None:
    run_id = context.clock.run_id
    users = {p.user.user_id for p in prospects.values() if p.user}
    for resource, ids in (
        ("prospects", prospects),
        ("loans", prospects),
        ("users", users),
    ):
        rejects.replace_about(connection, resource, ids, run_id)
    attempted = [*inboxes.read, *inboxes.skipped]
    if attempted:
        rejects.replace_messages(connection, attempted)
    token = context.settings.bonzo_api_token
    rejects.save(connection, notes.items, run_id, token)
