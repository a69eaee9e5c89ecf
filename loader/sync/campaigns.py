"""The campaign list, and which sequence belongs to which campaign."""

from __future__ import annotations

from dataclasses import replace

from loader.bonzo.errors import ServiceError
from loader.database import prospect_state, rejects, sequences, tables
from loader.database.upsert import Counts, Writer
from loader.mapping.campaigns import Campaign, to_campaign
from loader.mapping.record_reader import Reader, Rejects
from loader.sync.context import Context


def read_campaigns(context: Context) -> None:
    """Read the campaign list and write it.

    Where it cannot be read, what earlier runs know and what the prospects show
    must do.
    """
    notes = Rejects()
    campaigns = _fetch(context, notes)

    def work(writer: Writer) -> None:
        rejects.replace_resource(writer.connection, "campaigns")
        token = context.settings.bonzo_api_token
        rejects.save(writer.connection, notes.items, context.clock.run_id, token)
        _write_campaigns(writer, campaigns)
        _write_sequences(writer, campaigns)

    if campaigns is not None:
        context.write(work)
    _fill_registry(context, campaigns)
    context.listed_campaigns = set(campaigns or {})
    # Listed ones are counted where the list is written.
    context.first_seen.campaign_names.update(
        {key: campaign.name for key, campaign in (campaigns or {}).items()}
    )
    if campaigns is not None:
        context.report.rejected += notes.rejected
        context.report.noted += notes.noted


def _fetch(context: Context, notes: Rejects) -> dict[str, Campaign] | None:
    """Return the campaigns by key, None (and a warning) without the list."""
    try:
        whole = context.client.read_list("/campaigns")
    except ServiceError as error:
        context.report.warn(_why_not(error))
        return None
    if whole.problems:
        context.report.warn(
            f"The campaign list was not read in full ({'; '.join(whole.problems)}); "
            "what earlier loads know of the other campaigns is kept."
        )
    found = (to_campaign(record, notes) for record in whole.items)
    campaigns = {campaign.key: campaign for campaign in found if campaign is not None}
    return _with_own_sequences(campaigns, notes)


def _with_own_sequences(
    campaigns: dict[str, Campaign], notes: Rejects
) -> dict[str, Campaign]:
    """Leave a sequence that several campaigns show to the smallest id.

    Its steps and messages can count for one campaign only.
    """
    owners: dict[int, str] = {}
    for key in sorted(campaigns, key=int):
        sequence = campaigns[key].sequence
        if sequence is None or owners.setdefault(sequence, key) == key:
            continue
        campaigns[key] = replace(campaigns[key], sequence=None)
        Reader("campaigns", int(key), {}, notes).note(
            "sequence", f"belongs to campaign {owners[sequence]}", sequence
        )
    return campaigns


def _why_not(error: ServiceError) -> str:
    if error.status in (401, 403, 404):
        return (
            "The token lacks the scope `campaigns`, so campaigns are known only as "
            "far as prospects show them. Make a token with that scope in Bonzo."
        )
    return (
        f"The campaign list could not be read: {error.message} Until then campaigns "
        "are known as earlier loads and the prospects show them."
    )


def _write_campaigns(writer: Writer, campaigns: dict[str, Campaign]) -> None:
    """Store campaigns with Bonzo's times; without them, as if only named."""
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
    writer.upsert(tables.CAMPAIGNS, timed)
    writer.upsert(tables.NAMED_CAMPAIGNS, named)


def _write_sequences(writer: Writer, campaigns: dict[str, Campaign]) -> None:
    """Keep what the list says; where it says something new, messages are reread."""
    connection = writer.connection
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
    writer.upsert(tables.SEQUENCES, rows)
    replaced = 0
    for row in moved:
        key = row["campaign_key"]
        replaced += sequences.move(connection, row["sequence_id"], key)
    current = {row["campaign_key"]: row["sequence_id"] for row in rows}
    replaced += sequences.replace_stand_ins(connection, current)
    writer.counts.add("touches", Counts(updated=replaced))
    writer.steps.everywhere |= replaced > 0
    if keys:
        touched = [r["sequence_id"] for r in rows if r["campaign_key"] in keys]
        # Messages that name the campaign alone go by its sequence from now on.
        touched += [-int(key) for key in keys]
        prospect_state.mark_for_reread(connection, sorted(keys), touched)


def _fill_registry(context: Context, campaigns: dict[str, Campaign] | None) -> None:
    """Fill the run's registry of sequences from the database.

    Which sequence a campaign has now, the campaign list knows best.
    """
    rows = context.database.transaction(sequences.load)
    registry = context.sequences
    for row in rows:
        keys = registry.known if row["is_known"] else registry.guessed
        keys[row["sequence_id"]] = row["campaign_key"]
    registry.stops = {r["campaign_key"] for r in rows if r["stop_on_response"]}
    for row in sorted(rows, key=lambda r: r["sequence_id"]):
        if row["is_known"]:
            registry.current[row["campaign_key"]] = row["sequence_id"]
    registry.current.update(
        {
            key: campaign.sequence
            for key, campaign in (campaigns or {}).items()
            if campaign.sequence is not None
        }
    )
