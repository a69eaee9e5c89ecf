"""Writes what prospects' records say: sources, users, stages, loans."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from loader.database import prospect_state, tables
from loader.database.existing_rows import written_loans
from loader.database.upsert import Writer, upsert
from loader.mapping.ids import campaign_uuid
from loader.mapping.prospects import Prospect
from loader.sync.context import Context
from loader.sync.sources import write_sources
from loader.sync.users import write_users


def write_people(
    context: Context, writer: Writer, user_ids: Iterable[int], keys: Iterable[str]
) -> None:
    """Store users, and campaigns by their keys, as this run first saw them."""
    users = [context.first_seen.users[i] for i in sorted(user_ids)]
    if users:
        write_users(writer, users, context.overwrite_existing)
    _write_campaigns(context, writer, keys)


def write_prospects(
    context: Context, writer: Writer, prospects: dict[int, Prospect]
) -> None:
    """Store prospects, whose users `write_people` has stored, and their loans."""
    sources = write_sources(writer, [p.source for p in prospects.values() if p.source])
    entered = _stage_entries(context, writer, prospects)
    writer.upsert(
        tables.PROSPECTS,
        [
            {
                **prospect.row,
                "lead_source_id": sources.get(prospect.source),
                "stage_entered_at": entered.get(prospect_id),
            }
            for prospect_id, prospect in prospects.items()
        ],
    )
    writer.upsert(
        tables.STAGE_HISTORY,
        [
            {
                "prospect_id": prospect_id,
                "stage_id": prospects[prospect_id].stage.stage_id,
                "entered_at": at,
                "first_seen_at": context.clock.started_at,
            }
            for prospect_id, at in entered.items()
        ],
    )
    writer.upsert(tables.PROSPECT_DETAILS, [p.details for p in prospects.values()])
    _write_tags(writer, prospects)
    _write_loans(writer, prospects)


def _write_tags(writer: Writer, prospects: dict[int, Prospect]) -> None:
    """Make the tags of prospects equal to those shown; None shows nothing."""
    shown = {i: p.tags for i, p in prospects.items() if p.tags is not None}
    if not shown:
        return
    rows = [
        {"prospect_id": prospect_id, "tag": tag}
        for prospect_id, names in shown.items()
        for tag in names
    ]
    writer.upsert(tables.PROSPECT_TAGS, rows)
    writer.delete(
        tables.PROSPECT_TAGS,
        "prospect_id = any(%s) and (prospect_id, tag) not in "
        "(select * from unnest(%s::int[], %s::text[]))",
        list(shown),
        [row["prospect_id"] for row in rows],
        [row["tag"] for row in rows],
    )


def _write_campaigns(context: Context, writer: Writer, keys: Iterable[str]) -> None:
    """Store campaigns that the campaign list does not hold, as first named."""
    names = {
        campaign_uuid(key): context.first_seen.campaign_names[key]
        for key in set(keys) - context.listed_campaigns
    }
    if not names:
        return
    stored = writer.connection.execute(
        "select campaign_id, campaign_name from campaigns where campaign_id = any(%s)",
        [list(names)],
    ).fetchall()
    # A campaign is met on many pages and mostly known.
    changed = dict(names.items() - set(stored))
    rows = [{"campaign_id": i, "campaign_name": name} for i, name in changed.items()]
    written = upsert(writer.connection, tables.NAMED_CAMPAIGNS, rows)
    # The report counts each one once, where it is first seen.
    written.read = 0
    writer.counts.add("campaigns", written)


def _stage_entries(
    context: Context, writer: Writer, prospects: dict[int, Prospect]
) -> dict[int, datetime]:
    """Return when each prospect with a stage entered it.

    As Bonzo says, else as a load first saw it.
    """
    staged = {i: p for i, p in prospects.items() if p.stage}
    undated = [i for i, p in staged.items() if not p.stage_entered_at]
    stays = prospect_state.last_stays(writer.connection, undated) if undated else {}
    entered: dict[int, datetime] = {}
    for prospect_id, prospect in staged.items():
        stage_id, entered_at = stays.get(prospect_id, (None, None))
        if prospect.stage_entered_at:
            entered[prospect_id] = prospect.stage_entered_at
        elif stage_id == prospect.stage.stage_id:
            entered[prospect_id] = entered_at
        else:
            entered[prospect_id] = context.clock.started_at
    return entered


def _write_loans(writer: Writer, prospects: dict[int, Prospect]) -> None:
    """Store loans and their dates; those that Bonzo shows no longer are removed.

    A loan that no load has written is never removed.
    """
    without = [i for i, p in prospects.items() if p.loan is None]
    removed = written_loans(writer.connection, without) if without else set()
    if removed:
        for table in (tables.LOAN_DATES, tables.LOANS):
            writer.delete(table, "loan_id = any(%s)", list(removed))
    with_loan = [p for p in prospects.values() if p.loan is not None]
    writer.upsert(tables.LOANS, [p.loan for p in with_loan])
    writer.upsert(tables.LOAN_DATES, [p.loan_dates for p in with_loan])
