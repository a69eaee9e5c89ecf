"""Reads message lists in the workers, and decides what a failure means."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from loader.bonzo.client import ServiceError, UnavailableError
from loader.mapping.engagements import MessageList
from loader.mapping.parse_messages import parse_messages
from loader.mapping.record_reader import Reader, Rejects
from loader.sync.context import Context

# So many reads in a row without an answer: the service itself is down.
MOST_FAILURES = 10


class TokenRefusedError(ServiceError):
    """The token itself is refused, not only one prospect."""


@dataclass
class MessageLists:
    """Message lists by prospect, and the prospects whose list was not to be had."""

    read: dict[int, MessageList]
    skipped: dict[int, str]


def start_reading(context: Context, prospect_id: int) -> Future:
    """Have a worker read all messages of a prospect."""
    return context.workers.submit(_fetch_messages, context, prospect_id)


def _fetch_messages(context: Context, prospect_id: int) -> list[Any]:
    path = f"/prospects/{prospect_id}/communication"
    return check_token_on_401(context, lambda: list(context.client.get_all(path)))


def check_token_on_401(context: Context, read: Callable[[], Any]) -> Any:
    """Read about one prospect; after a 401 find out whom it refuses.

    Once the token itself is refused, nothing more is asked in this run.
    """
    if context.service.token_refused is not None:
        raise context.service.token_refused
    try:
        return read()
    except ServiceError as error:
        if error.status == 401:
            with context.service.token_check:
                _check_token(context, error)
        raise


def _check_token(context: Context, error: ServiceError) -> None:
    """Raise, here and for everybody, if the token is good for nothing any more."""
    if context.service.token_refused is None:
        try:
            context.client.get_page("/prospects", 1)
        except ServiceError as again:
            if again.status not in (401, 403):
                raise
            context.service.token_refused = TokenRefusedError(error.message, 401)
    if context.service.token_refused is not None:
        raise context.service.token_refused from None


def collect(
    context: Context, reading: dict[int, Future], notes: Rejects
) -> MessageLists:
    """Wait for the lists; one that is refused costs its prospect's messages only.

    Raises what the service said where it refuses everybody.
    """
    found = MessageLists({}, {})
    for prospect_id, future in reading.items():
        try:
            items = future.result()
        except ServiceError as error:
            found.skipped[prospect_id] = _skip(context, error)
            Reader("messages", None, {}, notes, prospect_id).note(
                "communication", found.skipped[prospect_id], None
            )
            continue
        context.service.failed_reads = 0
        message_list = parse_messages(
            items, prospect_id, context.rules, context.clock.now, notes
        )
        found.read[prospect_id] = message_list
        context.report.unknown_words.update(message_list.unknown)
        context.report.messages_read += message_list.read
        context.report.messages_stored += message_list.read - message_list.rejected
    context.report.message_lists_read += len(found.read)
    if found.skipped:
        context.report.warn(
            "Messages of some prospects could not be read (see "
            "loader.rejected_records); the next run tries again."
        )
    return found


def _skip(context: Context, error: ServiceError) -> str:
    """Why the list is skipped; raises where the next one would fail as well."""
    if isinstance(error, TokenRefusedError):
        raise error
    if error.status in (401, 403):
        return "the token may not read this prospect's messages"
    if error.status == 404:
        return "Bonzo has no messages of this prospect: deleted meanwhile"
    if not isinstance(error, UnavailableError):
        raise error
    count_failure(context, error)
    return "Bonzo gave no usable answer"


def count_failure(context: Context, error: UnavailableError) -> None:
    """Note a read that gave no answer; raises it when there are many in a row."""
    context.service.failed_reads += 1
    if context.service.failed_reads >= MOST_FAILURES:
        raise error
