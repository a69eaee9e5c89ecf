"""A batch: a page of prospects and the messages of those that need reading.

`prepare` decides and starts the reading, `finish` waits for it and writes
everything in one transaction. Several batches may be prepared ahead, so that
the workers never wait for the database.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from loader.database.prospect_state import ProspectState
from loader.mapping.prospects import People, Prospect
from loader.mapping.record_reader import Rejects
from loader.sync.context import Context
from loader.sync.existing_rows import REASON, spare_existing_rows
from loader.sync.fetch_messages import collect, start_reading
from loader.sync.forgotten import forget_merged, without_forgotten
from loader.sync.pipelines import learn_stage_names
from loader.sync.prospect_pages import identify
from loader.sync.unchanged import PageState, Unchanged, read_page_state, without_notes
from loader.sync.write_batch import Batch, write_batch


@dataclass
class _Page:
    """The records of one page that count in this batch, by prospect.

    `hashes` are of those in `mapped` that nothing was noted about; `people` has
    the users and campaigns of all.
    """

    unchanged: Unchanged = field(default_factory=Unchanged)
    mapped: dict[int, Prospect] = field(default_factory=dict)
    records: dict[int, object] = field(default_factory=dict)
    hashes: dict[int, str] = field(default_factory=dict)
    people: dict[int, People | Prospect] = field(default_factory=dict)
    notes: Rejects = field(default_factory=Rejects)


def prepare(context: Context, records: list[object], in_flight: set[int]) -> Batch:
    """Map a page's changed records and start reading the messages that are needed.

    What this run has met already, in the database or `in_flight`, is left out.
    """
    records = without_forgotten(context, records)
    learn_stage_names(context, records)
    state = read_page_state(context, records)
    page = _map(context, records, state, in_flight)
    prospects = spare_existing_rows(
        context,
        page.mapped,
        page.records,
        state.states,
        context.first_seen.new_users(page.people.values()),
        page.notes,
    )
    for prospect_id in page.mapped.keys() - prospects.keys():
        del page.people[prospect_id]
    batch = Batch(
        prospects,
        state.states,
        _batch_notes(context, page.notes, prospects),
        unchanged=page.unchanged,
        hashes=without_notes(page.hashes, prospects, page.notes.items),
    )
    for prospect_id, prospect in prospects.items():
        known = state.states.get(prospect_id)
        if needs_reading(context, prospect.fingerprint, known):
            batch.reading[prospect_id] = start_reading(context, prospect_id)
    _count(context, batch, page.people.values())
    return batch


def _map(
    context: Context, records: list[object], state: PageState, in_flight: set[int]
) -> _Page:
    """Map the records that may change a row; of one prospect's the last counts."""
    page = _Page()
    for record in records:
        prospect_id = identify(record)
        known = state.states.get(prospect_id)
        is_met = prospect_id in in_flight or _is_met(context, known)
        if not is_met and _is_unchanged(context, state, prospect_id):
            has_tags = record.get("tags") is not None
            page.unchanged.add(known, state.rows[prospect_id], has_tags)
            page.people[prospect_id] = context.mapper.people(record)
            continue
        noted = len(page.notes.items)
        prospect = context.mapper.map(record, page.notes)
        if prospect is None or is_met:
            continue
        page.mapped[prospect_id] = page.people[prospect_id] = prospect
        page.records[prospect_id] = record
        if prospect_id in state.hashes and len(page.notes.items) == noted:
            page.hashes[prospect_id] = state.hashes[prospect_id]
    return page


def _is_met(context: Context, known: ProspectState | None) -> bool:
    """Tell whether this run has stored the prospect already."""
    return known is not None and known.last_seen_at == context.clock.started_at


def _is_unchanged(context: Context, state: PageState, prospect_id: int | None) -> bool:
    """Tell whether neither the record nor the messages of a prospect are needed."""
    if not state.is_unchanged(prospect_id):
        return False
    known = state.states[prospect_id]
    return not needs_reading(context, known.fingerprint, known)


def needs_reading(
    context: Context, fingerprint: str | None, known: ProspectState | None
) -> bool:
    """Return whether the prospect's messages have to be read in this run.

    `fingerprint` is that of the record as it is now.
    """
    if (
        known is None
        or known.deleted_at is not None
        or known.messages_read_at is None
        or fingerprint is None
        or known.fingerprint != fingerprint
        or known.prospect_id in context.pending_rereads
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
    write_batch(context, batch, message_lists)
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


def _count(context: Context, batch: Batch, people: Iterable[People | Prospect]) -> None:
    """Count what the batch shows; a user or campaign where it is met first."""
    report, first_seen = context.report, context.first_seen
    size = len(batch.ids)
    report.prospects_stored += size
    report.prospects_spared += sum(
        note.field is None and note.reason == REASON for note in batch.notes.items
    )
    report.prospects_read += size + batch.notes.rejected
    for prospect in batch.prospects.values():
        if prospect.unmapped_stage:
            report.unmapped_stages[prospect.unmapped_stage] += 1
    users, names = len(first_seen.users), len(first_seen.campaign_names)
    batch.new_users, batch.new_campaigns = first_seen.add(people)
    report.tables["users"].read += len(first_seen.users) - users
    report.tables["campaigns"].read += len(first_seen.campaign_names) - names
