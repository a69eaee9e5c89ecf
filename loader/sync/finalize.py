"""What a run does after the last page: who was deleted, and what that changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Any

from loader.bonzo.errors import ServiceError
from loader.database import campaign_steps, prospect_state, rejects, sequences, tables
from loader.database.prospect_state import ProspectState
from loader.database.stored_messages import prospects_with_known_events
from loader.database.upsert import Counts, Writer
from loader.mapping.engagements import MessageList
from loader.mapping.parsers import InvalidValueError, to_id
from loader.mapping.record_reader import Rejects
from loader.sync import batch
from loader.sync.context import ContestedMessages, Context
from loader.sync.fetch_messages import (
    check_token_on_401,
    collect,
    count_failure,
    raise_if_about_everybody,
    start_reading,
)
from loader.sync.forgotten import forget_merged
from loader.sync.resolve_messages import resolve_messages
from loader.sync.users import reconcile_emails
from loader.sync.write_messages import (
    ProspectMessages,
    add_missing_campaigns,
    guess_sequences,
    sequence_row,
    write_messages,
)

CHUNK = 100
# More than both of these unseen: rather a fault than so many deletions.
SUSPICIOUS_SHARE = 0.05
SUSPICIOUS_COUNT = 20


def resolve_missing_prospects(context: Context, accept_vanished: bool) -> bool:
    """Read singly whoever was on no page; return whether all are decided on.

    They are not if there are too many to believe, or if a read gave no answer.
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
        context.report.warn(
            f"{missing} of {present} prospects were not in Bonzo's list, too many for "
            "real deletions. No prospect was marked deleted. If they really are, load "
            "once with --accept-vanished; else check the token's seat and scopes."
        )
        return False
    last, undecided = 0, 0
    while ids := context.database.transaction(
        partial(prospect_state.unseen, started_at=started_at, after=last, limit=CHUNK)
    ):
        undecided += _resolve(context, ids)
        last = ids[-1]
    if undecided:
        context.report.warn(
            f"{undecided} prospects were not in Bonzo's list and could not be read "
            "by themselves, either; the next run tries again."
        )
    return not undecided


def _resolve(context: Context, ids: list[int]) -> int:
    """Decide on a few unseen prospects; return how many stay undecided."""
    futures = {i: context.workers.submit(_read_single, context, i) for i in ids}
    deleted, inaccessible, merged, records, undecided = [], [], [], [], 0
    for prospect_id, future in futures.items():
        try:
            record = future.result()
        except ServiceError as error:
            raise_if_about_everybody(error)
            if error.is_missing:
                deleted.append(prospect_id)
            elif error.is_about_one_record:
                inaccessible.append(prospect_id)
            else:
                count_failure(context, error)
                undecided += 1
        else:
            if _id_of(record) == prospect_id:
                records.append(record)
            elif context.forgotten.holds(_id_of(record)):
                merged.append(prospect_id)
            else:
                deleted.append(prospect_id)
    _mark(context, deleted, inaccessible)
    forget_merged(context, merged)
    if records:
        batch.finish(context, batch.prepare(context, records, set()))
    return undecided


def _read_single(context: Context, prospect_id: int) -> dict[str, Any]:
    path = f"/prospects/{prospect_id}"
    return check_token_on_401(context, lambda: context.client.get_one(path))


def _mark(context: Context, deleted: list[int], inaccessible: list[int]) -> None:
    """Note who was deleted and who may not be read, in database and report."""
    started_at = context.clock.started_at

    def work(writer: Writer) -> list[int]:
        connection = writer.connection
        writer.steps.campaigns |= campaign_steps.campaigns_of(connection, deleted)
        prospect_state.mark_inaccessible(connection, inaccessible, started_at)
        return prospect_state.mark_deleted(connection, deleted, started_at)

    # Nobody else shows what a deleted prospect kept.
    heirs = context.write(work)
    context.contested.pairs += [(heir, heir) for heir in heirs]
    context.report.deleted += deleted
    context.report.inaccessible += len(inaccessible)
    if inaccessible:
        context.report.warn("Some prospects are no longer visible; they are kept.")


def _id_of(record: dict[str, Any]) -> int | None:
    try:
        return to_id(record.get("id"))
    except InvalidValueError:
        return None


def settle_contested(context: Context) -> None:
    """Decide whose the messages are that several prospects' lists show.

    Lists that have to be compared are read together.
    """
    contested, context.contested = context.contested, ContestedMessages()
    pairs = contested.pairs
    present = context.database.transaction(
        lambda connection: prospect_state.present(
            connection, chain.from_iterable(pairs)
        )
    )
    waiting: set[int] = set()
    for group in _groups(pairs):
        waiting |= _read_again(context, sorted(group & present))
    settled = {
        i: fingerprint
        for i, fingerprint in contested.fingerprints.items()
        if i not in waiting | context.contested.prospects
    }
    context.database.transaction(
        lambda connection: prospect_state.set_fingerprints(connection, settled)
    )


def _groups(pairs: list[tuple[int, int]]) -> list[set[int]]:
    """Return the prospects of these pairs, those that hang together in one set."""
    groups: list[set[int]] = []
    for pair in pairs:
        joined = set(pair).union(*(g for g in groups if not g.isdisjoint(pair)))
        groups = [g for g in groups if g.isdisjoint(pair)]
        groups.append(joined)
    return groups


def resolve_unknown_events(context: Context) -> None:
    """Read messages again whose step has become known by other messages."""
    ids = context.database.transaction(prospects_with_known_events)
    for first in range(0, len(ids), CHUNK):
        _read_again(context, ids[first : first + CHUNK])


def assign_sequences(context: Context) -> None:
    """Give sequences that the campaign list lacks to the campaign of most.

    Where that is another than was assumed while reading, the prospects'
    messages are read once more, since enrollments go by campaign.
    """
    registry = context.sequences
    best = context.database.transaction(
        lambda connection: sequences.majorities(connection, registry.known)
    )
    changed = {i: key for i, key in best.items() if registry.key_of(i) != key}
    if not changed:
        return
    registry.guessed.update(changed)

    def work(writer: Writer) -> list[int]:
        add_missing_campaigns(writer, changed.values())
        rows = [sequence_row(i, key) for i, key in changed.items()]
        writer.upsert(tables.SEQUENCES, rows)
        for sequence, key in changed.items():
            moved = sequences.move(writer.connection, sequence, key)
            writer.counts.add("touches", Counts(updated=moved))
            writer.steps.everywhere |= moved > 0
        prospect_state.mark_for_reread(writer.connection, [], list(changed))
        return sequences.prospects_of(writer.connection, changed)

    ids = context.write(work)
    for first in range(0, len(ids), CHUNK):
        _read_again(context, ids[first : first + CHUNK])


def _read_again(context: Context, ids: list[int]) -> set[int]:
    """Read messages again and rewrite what they say; the records are known.

    Return the prospects whose lists could not be read to their end.
    """
    notes = Rejects()
    reading = {i: start_reading(context, i) for i in ids}
    lists = collect(context, reading, notes)
    forget_merged(context, sorted(lists.merged))
    message_lists = lists.read
    resolve_messages(context, message_lists, notes)
    states = context.database.transaction(
        lambda connection: prospect_state.prospect_states(connection, message_lists)
    )
    campaigns = {i: state.current_campaigns or [] for i, state in states.items()}
    guess_sequences(context, message_lists, campaigns)

    def work(writer: Writer) -> None:
        connection = writer.connection
        starts = prospect_state.enrollment_starts(connection, message_lists)
        batch = [
            replace(
                _known_messages(states[i], message_list, starts.get(i, [])),
                is_complete=i not in lists.incomplete,
            )
            for i, message_list in message_lists.items()
        ]
        write_messages(context, writer, batch)
        rejects.replace_messages(connection, list(message_lists))
        token = context.settings.bonzo_api_token
        rejects.save(connection, notes.items, context.clock.run_id, token)
        rows = [
            replace(
                states[i],
                rules_version=context.rules.version,
                sequences=sorted(message_list.sequences),
                unknown_events=sorted(message_list.events),
                yields_to=sorted(message_list.yields_to),
            ).row()
            for i, message_list in message_lists.items()
        ]
        writer.upsert(tables.SYNC_PROSPECTS, rows)
        prospect_state.clear_fingerprints(connection, lists.unfinished)

    context.write(work)
    return lists.unfinished


def _known_messages(
    known: ProspectState, message_list: MessageList, starts: list[dict[str, Any]]
) -> ProspectMessages:
    """Return messages with what an earlier batch of this run read them with."""
    campaigns: dict[str, set[datetime]] = {
        key: set() for key in known.current_campaigns or []
    }
    for row in starts:
        key = row["campaign_key"]
        if key in campaigns and not row["is_first_seen"]:
            campaigns[key].add(row["started_at"])
    return ProspectMessages(
        prospect_id=known.prospect_id,
        message_list=message_list,
        current_campaigns=campaigns,
        known_starts=starts,
        opted_out_seen_at=known.opted_out_seen_at,
    )


def order_steps(context: Context) -> None:
    """Order the steps of all campaigns and compute their delays."""
    listed = [
        (step, context.sequences.key_of(step.sequence))
        for step in context.rules.touches
    ]

    def work(writer: Writer) -> None:
        add_missing_campaigns(writer, {key for _, key in listed})
        turned = campaign_steps.write_listed_steps(writer, listed)
        writer.steps.add(context.steps)
        writer.steps.everywhere |= turned
        campaign_steps.order_derived_steps(writer, writer.steps)
        if turned:
            context.report.changed_besides.add("loader.touch_origins")

    context.write(work)


def reconcile_users(context: Context) -> None:
    """After a complete run: addresses of the team, and rejects that are resolved."""

    def work(writer: Writer) -> None:
        rejects.delete_resolved(writer.connection, context.clock.run_id)
        reconcile_emails(writer, context.first_seen.users)

    context.write(work)
