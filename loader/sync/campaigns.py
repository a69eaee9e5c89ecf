"""The campaign list, and which sequence belongs to which campaign."""

from __future__ import annotations

from psycopg import Connection

from loader.bonzo.client import ServiceError
from loader.database import prospect_state, rejects, sequences, tables
from loader.database.upsert import Counts, TableCounts, upsert
from loader.mapping.campaigns import Campaign, to_campaign
from loader.mapping.record_reader import Rejects
from loader.sync.context import Context
from loader.sync.write_batch import add_counts


def read_campaigns(context: Context) -> None:
    """Read the campaign list and write it.

    Without the right to read it, what earlier runs know and what the prospects
    show must do.
    """
    notes = Rejects()
    campaigns: dict[str, Campaign] | None = {}
    try:
        for record in context.client.get_all("/campaigns"):
            campaign = to_campaign(record, notes)
            if campaign is not None:
                campaigns[campaign.key] = campaign
    except ServiceError as error:
        if error.status not in (403, 404):
            raise
        campaigns = None
        context.report.warning(
            "The token lacks the scope `campaigns`, so campaigns are known only as "
            "far as prospects show them. Make a token with that scope in Bonzo."
        )

    def work(connection: Connection) -> TableCounts:
        counts = TableCounts()
        if campaigns is not None:
            rejects.replace_resource(connection, "campaigns")
            token = context.settings.bonzo_api_token
            rejects.save(connection, notes.items, context.clock.run_id, token)
            counts["campaigns"] = _save(connection, campaigns)
            _save_sequences(connection, campaigns)
        return counts

    add_counts(context, context.database.transaction(work))
    _fill_book(context)
    context.listed_campaigns = set(campaigns or {})
    if campaigns is not None:
        context.report.rejected += notes.rejected
        context.report.noted += notes.noted


def _save(connection: Connection, campaigns: dict[str, Campaign]) -> Counts:
    """Campaigns with Bonzo's times; without them, as if only named."""
    timed, named = [], []
    for campaign in campaigns.values():
        row = {
            "campaign_id": campaign.campaign_id,
            "campaign_name": campaign.name,
            "created_at": campaign.created_at,
            "updated_at": campaign.updated_at,
        }
        both = campaign.created_at and campaign.updated_at
        (timed if both else named).append(row)
    counts = upsert(connection, tables.CAMPAIGNS, timed)
    counts += upsert(connection, tables.NAMED_CAMPAIGNS, named)
    return counts


def _save_sequences(connection: Connection, campaigns: dict[str, Campaign]) -> None:
    """Keep what the list says; where it says something new, messages are reread."""
    known = {row["sequence_id"]: row for row in sequences.load(connection)}
    rows, keys, moved = [], set(), []
    for campaign in campaigns.values():
        if campaign.sequence is None:
            continue
        row = {
            "sequence_id": campaign.sequence,
            "campaign_key": campaign.key,
            "is_known": True,
            "stop_on_response": campaign.stop_on_response,
        }
        rows.append(row)
        before = known.get(campaign.sequence)
        if before and before["campaign_key"] != campaign.key:
            moved.append(row)
        if before is None or before != row:
            keys.add(campaign.key)
    upsert(connection, tables.SEQUENCES, rows)
    for row in moved:
        sequences.move(connection, row["sequence_id"], row["campaign_key"])
    if keys:
        touched = [r["sequence_id"] for r in rows if r["campaign_key"] in keys]
        prospect_state.mark_for_reread(connection, sorted(keys), touched)


def _fill_book(context: Context) -> None:
    """The book of sequences, from the database."""
    rows = context.database.transaction(sequences.load)
    book = context.sequences
    book.known = {r["sequence_id"]: r["campaign_key"] for r in rows if r["is_known"]}
    book.guessed = {
        r["sequence_id"]: r["campaign_key"] for r in rows if not r["is_known"]
    }
    book.stops = {r["campaign_key"] for r in rows if r["stop_on_response"]}
