"""A batch: one page of prospects and the messages of those that need reading.

`prepare` decides and starts the reading, `finish` waits for it and writes
everything in one transaction. Several batches may be prepared ahead, so that
the workers never wait for the database.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import timedelta

from loader.database import prospect_state
from loader.database.prospect_state import ProspectState
from loader.mapping.prospects import Prospect
from loader.mapping.record_reader import Rejects
from loader.sync.context import Context
from loader.sync.existing_rows import REASON, spare_existing_rows
from loader.sync.fetch_messages import collect, start_reading
from loader.sync.forgotten import forget_merged, without_forgotten
from loader.sync.pipelines import learn_stage_names
from loader.sync.write_batch import write_batch


@dataclass
class Batch:
    """Prospects of one page that this run has not met yet.

    `states` are those of the prospects that earlier loads have seen; `reading`
    has the messages on their way, by prospect.
    """

    prospects: dict[int, Prospect]
    states: dict[int, ProspectState]
    notes: Rejects
    reading: dict[int, Future] = field(default_factory=dict)


def prepare(context: Context, records: list[object], in_flight: set[int]) -> Batch:
    """Map a page's records and start reading the messages that are needed."""
    notes = Rejects()
    records = without_forgotten(context, records)
    learn_stage_names(context, records)
    mapped: dict[int, Prospect] = {}
    shown: dict[int, object] = {}
    for record in records:
        prospect = context.mapper.map(record, notes)
        if prospect is not None:
            mapped[prospect.prospect_id] = prospect
            shown[prospect.prospect_id] = record
    states = context.database.transaction(
        lambda connection: prospect_state.prospect_states(connection, mapped)
    )
    met = {
        i
        for i in mapped
        if i in in_flight
        or (i in states and states[i].last_seen_at == context.clock.started_at)
    }
    prospects = {i: p for i, p in mapped.items() if i not in met}
    prospects = spare_existing_rows(context, prospects, shown, states, notes)
    batch = Batch(prospects, states, _batch_notes(context, notes, prospects))
    for prospect_id, prospect in prospects.items():
        if needs_reading(context, prospect, states.get(prospect_id)):
            batch.reading[prospect_id] = start_reading(context, prospect_id)
    _count(context, batch)
    return batch


def needs_reading(
    context: Context, prospect: Prospect, known: ProspectState | None
) -> bool:
    """Return whether the prospect's messages have to be read in this run."""
    if (
        known is None
        or known.deleted_at is not None
        or known.messages_read_at is None
        or known.fingerprint != prospect.fingerprint
        or prospect.prospect_id in context.pending_rereads
    ):
        return True
    days = context.settings.recheck_days
    # Delivery and opening are known late and need not touch the prospect itself.
    return (
        days > 0
        and known.last_message_at is not None
        and known.last_message_at >= context.clock.now - timedelta(days=days)
    )


def finish(context: Context, batch: Batch) -> None:
    """Wait for the batch's messages and write it in one transaction."""
    message_lists = collect(context, batch.reading, batch.notes)
    if message_lists.merged:
        _leave_out(context, batch, message_lists.merged)
    write_batch(context, batch.prospects, batch.states, message_lists, batch.notes)
    context.report.rejected += batch.notes.rejected
    context.report.noted += batch.notes.noted


def _leave_out(context: Context, batch: Batch, merged: set[int]) -> None:
    """Forget prospects into which a forgotten one was merged."""
    forget_merged(context, sorted(merged))
    for prospect_id in merged:
        del batch.prospects[prospect_id]
    batch.notes.items[:] = [
        note for note in batch.notes.items if note.prospect_id not in merged
    ]
    context.report.prospects_read -= len(merged)
    context.report.prospects_stored -= len(merged)


def _batch_notes(context: Context, notes: Rejects, prospects: Iterable[int]) -> Rejects:
    """Return the notes of prospects that count in this batch."""
    ids = set(prospects)
    originals = context.first_seen.rejected_originals
    kept = Rejects()
    for note in notes.items:
        if note.prospect_id is None and note.field is None:
            if note.original in originals:
                continue
            originals.add(note.original)
        elif note.prospect_id is not None and note.prospect_id not in ids:
            continue
        kept.items.append(note)
    return kept


def _count(context: Context, batch: Batch) -> None:
    """Count what the batch shows; a user or campaign where it is met first."""
    report, first_seen = context.report, context.first_seen
    report.prospects_stored += len(batch.prospects)
    report.prospects_spared += sum(
        note.field is None and note.reason == REASON for note in batch.notes.items
    )
    report.prospects_read += len(batch.prospects) + batch.notes.rejected
    for prospect in batch.prospects.values():
        if prospect.unmapped_stage:
            report.unmapped_stages[prospect.unmapped_stage] += 1
    users, names = len(first_seen.users), len(first_seen.campaign_names)
    first_seen.add(batch.prospects.values())
    report.tables["users"].read += len(first_seen.users) - users
    report.tables["campaigns"].read += len(first_seen.campaign_names) - names
