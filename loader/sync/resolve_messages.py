"""Finds out whose messages are and which steps sent them, before they are written."""

from __future__ import annotations

from collections.abc import Mapping

from psycopg import Connection

from loader.database.stored_messages import sequences_of_events, stored_rows
from loader.mapping.engagements import MessageList
from loader.mapping.ids import engagement_uuid
from loader.mapping.message_owners import Holder, assign_owners
from loader.mapping.message_steps import KnownSteps, Step, resolve_steps
from loader.mapping.rejects import Rejects
from loader.sync.context import Context


def resolve_messages(
    context: Context, message_lists: Mapping[int, MessageList], rejects: Rejects
) -> None:
    """Leave each message in its owner's list only, with its step.

    What these lists alone cannot decide is added to `context.contested`.
    """
    if not message_lists:
        return
    events = {
        message.event
        for message_list in message_lists.values()
        for message in message_list.messages
        if message.event is not None and message.sequence is None
    }

    def read(connection: Connection) -> tuple[dict[int, Holder], KnownSteps]:
        holders, steps = _stored(connection, message_lists)
        sequences = sequences_of_events(connection, events) if events else {}
        return holders, KnownSteps(steps, sequences)

    holders, known = context.database.transaction(read)
    listed = {step.event: step.sequence for step in context.rules.touches}
    known.sequences = {**known.sequences, **listed}
    context.contested.add(assign_owners(message_lists, holders, rejects))
    resolve_steps(message_lists.values(), context.sequences, known)


def _stored(
    connection: Connection, message_lists: Mapping[int, MessageList]
) -> tuple[dict[int, Holder], dict[int, Step]]:
    """Return who holds the lists' messages, and the steps that they have."""
    ids = {
        engagement_uuid(message.message_id, kind): (message.message_id, kind)
        for message_list in message_lists.values()
        for message in (*message_list.messages, *message_list.unsent)
        for kind in ("Sent", "Responded")
    }
    holders: dict[int, Holder] = {}
    steps: dict[int, Step] = {}
    for row in sorted(stored_rows(connection, ids), key=lambda r: str(r.engagement_id)):
        message_id, kind = ids[row.engagement_id]
        is_sent = kind == "Sent"
        if row.is_present and (is_sent or message_id not in holders):
            holders[message_id] = Holder(row.prospect_id, row.at, not is_sent)
        if is_sent and row.event is not None:
            steps[message_id] = Step(row.sequence, row.event)
    return holders, steps
