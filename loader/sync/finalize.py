"""What a run does after the last page: who is gone, and what hangs together."""

from __future__ import annotations

from functools import partial
from typing import Any

from psycopg import Connection

from loader.bonzo.client import ServiceError, UnavailableError
from loader.database import campaign_steps, prospect_state, rejects, sequences, tables
from loader.database.prospect_state import ProspectState
from loader.database.upsert import Counts, TableCounts, upsert
from loader.mapping.campaigns import name_of_made_up
from loader.mapping.parsers import InvalidValueError, to_id
from loader.mapping.record_reader import Rejects
from loader.sync import batch
from loader.sync.context import Context
from loader.sync.fetch_messages import (
    TokenRefusedError,
    check_token_on_401,
    collect,
    count_failure,
    start_reading,
)
from loader.sync.write_batch import add_counts
from loader.sync.write_messages import (
    ProspectMessages,
    add_missing_campaigns,
    sequence_row,
    write_messages,
)

CHUNK = 100
# More than both of these unseen: rather a fault than so many deletions.
SUSPICIOUS_SHARE = 0.05
SUSPICIOUS_COUNT = 20


def resolve_missing_prospects(context: Context, accept_vanished: bool) -> bool:
    """Read singly whoever was in no page.

    False if there are too many to believe, or if a read gave no answer.
    """
    started_at = context.clock.started_at
    present, missing = context.database.transaction(
        lambda connection: prospect_state.count_present(connection, started_at)
    )
    if (
        missing > SUSPICIOUS_COUNT
        and missing > SUSPICIOUS_SHARE * present
        and not accept_vanished
    ):
        context.report.warning(
            f"{missing} of {present} prospects were not in Bonzo's list, which is too "
            "many to believe. Nobody is marked as gone. If they really are, load once "
            "with --accept-vanished; else check the token's seat and scopes."
        )
        return False
    last, undecided = 0, 0
    while ids := context.database.transaction(
        partial(prospect_state.unseen, started_at=started_at, after=last, limit=CHUNK)
    ):
        undecided += _settle(context, ids)
        last = ids[-1]
    if undecided:
        context.report.warning(
            f"{undecided} prospects were not in Bonzo's list and could not be read "
            "by themselves, either; the next run tries again."
        )
    return not undecided


def _settle(context: Context, ids: list[int]) -> int:
    """Decide on a few unseen prospects; how many stay undecided."""
    futures = {i: context.workers.submit(_read_single, context, i) for i in ids}
    gone, hidden, records, undecided = [], [], [], 0
    for prospect_id, future in futures.items():
        try:
            record = future.result()
        except UnavailableError as error:
            count_failure(context, error)
            undecided += 1
        except ServiceError as error:
            if isinstance(error, TokenRefusedError):
                raise
            if error.status not in (401, 403, 404):
                raise
            (gone if error.status == 404 else hidden).append(prospect_id)
        else:
            if _id_of(record) == prospect_id:
                records.append(record)
            else:
                gone.append(prospect_id)
    _mark(context, gone, hidden)
    if records:
        batch.finish(context, batch.prepare(context, records, set()))
    return undecided


def _read_single(context: Context, prospect_id: int) -> dict[str, Any]:
    path = f"/prospects/{prospect_id}"
    return check_token_on_401(context, lambda: context.client.get_one(path))


def _mark(context: Context, gone: list[int], hidden: list[int]) -> None:
    """Note who is gone and who is hidden, in the database and in the report."""
    started_at = context.clock.started_at

    def work(connection: Connection) -> None:
        prospect_state.mark_gone(connection, gone, started_at)
        prospect_state.mark_hidden(connection, hidden, started_at)

    context.database.transaction(work)
    context.report.gone += gone
    context.report.hidden += len(hidden)
    if hidden:
        context.report.warning("Some prospects are no longer visible; they are kept.")
    if gone:
        context.steps_dirty = True


def _id_of(record: dict[str, Any]) -> int | None:
    try:
        return to_id(record.get("id"))
    except InvalidValueError:
        return None


def assign_sequences(context: Context) -> None:
    """Give sequences that the campaign list lacks to the campaign of most.

    Where that is another than was assumed while reading, the prospects'
    messages are read once more, since enrollments go by campaign.
    """
    book = context.sequences
    best = context.database.transaction(
        lambda connection: sequences.majorities(connection, book.known)
    )
    changed = {i: key for i, key in best.items() if book.key_of(i) != key}
    if not changed:
        return
    book.guessed.update(changed)

    def work(connection: Connection) -> TableCounts:
        counts = TableCounts()
        names = {key: name_of_made_up(key) for key in changed.values()}
        add_missing_campaigns(connection, names, counts)
        rows = [sequence_row(i, key) for i, key in changed.items()]
        upsert(connection, tables.SEQUENCES, rows)
        moved = sum(sequences.move(connection, i, key) for i, key in changed.items())
        counts.add("touches", Counts(updated=moved))
        prospect_state.mark_for_reread(connection, [], list(changed))
        return counts

    add_counts(context, context.database.transaction(work))
    context.touches.update(context.database.transaction(campaign_steps.load))
    ids = context.database.transaction(
        lambda connection: sequences.prospects_of(connection, changed)
    )
    for first in range(0, len(ids), CHUNK):
        _read_again(context, ids[first : first + CHUNK])


def _read_again(context: Context, ids: list[int]) -> None:
    """Read messages again and rewrite what they say; the records are known."""
    notes = Rejects()
    reading = {i: start_reading(context, i) for i in ids}
    message_lists = collect(context, reading, notes)

    def work(connection: Connection) -> tuple[TableCounts, Any]:
        counts = TableCounts()
        known = prospect_state.prospect_states(connection, message_lists.read)
        starts = prospect_state.enrollment_starts(connection, message_lists.read)
        batch = [
            _letter(known[i], message_list, starts.get(i, []))
            for i, message_list in message_lists.read.items()
        ]
        found = write_messages(context, connection, batch, counts)
        rejects.replace_messages(connection, list(message_lists.read))
        token = context.settings.bonzo_api_token
        rejects.save(connection, notes.items, context.clock.run_id, token)
        connection.execute(
            "update loader.sync_prospects set rules_version = %s "
            "where prospect_id = any(%s)",
            [context.rules.version, list(message_lists.read)],
        )
        return counts, found

    counts, found = context.database.transaction(work)
    context.touches.update(found.touches)
    add_counts(context, counts)


def _letter(
    known: ProspectState, message_list: Any, kept: list[dict[str, Any]]
) -> ProspectMessages:
    """What an earlier batch of this run knew when it read the same messages."""
    listed = dict.fromkeys(known.listed or [])
    for row in kept:
        key = row["campaign_key"]
        if key in listed and not row["is_first_seen"]:
            at = row["started_at"]
            listed[key] = max(at, listed[key] or at)
    return ProspectMessages(
        prospect_id=known.prospect_id,
        message_list=message_list,
        listed=listed,
        kept=kept,
        opted_out_seen_at=known.opted_out_seen_at,
    )


def order_steps(context: Context) -> None:
    """Order the steps of all campaigns and compute their delays."""
    listed = [
        (step, context.sequences.key_of(step.sequence))
        for step in context.rules.touches
    ]

    def work(connection: Connection) -> TableCounts:
        counts = TableCounts()
        names = {key: name_of_made_up(key) for _, key in listed}
        add_missing_campaigns(connection, names, counts)
        counts["touches"], turned = campaign_steps.settle_listed(connection, listed)
        if context.steps_dirty or turned or counts["touches"].changed:
            counts.add("touches", campaign_steps.settle_derived(connection))
        return counts

    add_counts(context, context.database.transaction(work))


def reconcile_users(context: Context) -> None:
    """After a complete pass: addresses of the team, and rejects that healed."""

    def work(connection: Connection) -> TableCounts:
        rejects.drop_healed(connection, context.clock.run_id)
        return TableCounts(users=context.users.settle(connection))

    counts = context.database.transaction(work)
    context.users.commit_cache()
    add_counts(context, counts)
