"""Reads message lists in the workers, and decides what a failure means."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from loader.bonzo.errors import ServiceError, WaitTooLongError
from loader.bonzo.pages import WholeList
from loader.mapping.engagements import MessageList
from loader.mapping.parse_messages import parse_messages
from loader.mapping.record_reader import Reader, Rejects
from loader.sync.context import Context

# So many reads in a row without an answer: the service itself is down.
MOST_FAILURES = 10
# Prospects named in the warnings of one run; all are in loader.rejected_records.
MOST_NAMED = 3
NAMED = "Messages of prospect "


class TokenRefusedError(ServiceError):
    """The token itself is refused, not only one prospect."""


@dataclass
class MessageLists:
    """Message lists by prospect, and why those of others are not as they should be.

    A prospect in `skipped` has no list in `read`, one in `incomplete` has one that
    lacks messages. One in `merged` has no list either: it holds a forgotten
    prospect's messages as its own.
    """

    read: dict[int, MessageList] = field(default_factory=dict)
    skipped: dict[int, str] = field(default_factory=dict)
    incomplete: dict[int, str] = field(default_factory=dict)
    merged: set[int] = field(default_factory=set)

    @property
    def unfinished(self) -> set[int]:
        """The prospects whose messages the next run must read whatever it sees."""
        return {*self.skipped, *self.incomplete}


def start_reading(context: Context, prospect_id: int) -> Future:
    """Have a worker read all messages of a prospect."""
    return context.workers.submit(_fetch_messages, context, prospect_id)


def _fetch_messages(context: Context, prospect_id: int) -> WholeList:
    path = f"/prospects/{prospect_id}/communication"
    return check_token_on_401(context, lambda: context.client.read_list(path))


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

    Raises the error where the service refuses everybody.
    """
    lists = MessageLists()
    for prospect_id, future in reading.items():
        try:
            whole = future.result()
        except ServiceError as error:
            reason = _reason_to_skip(context, error)
            lists.skipped[prospect_id] = reason
            _note(context, notes, prospect_id, reason)
            continue
        context.service.failed_reads = 0
        items, is_merged = context.forgotten.sift(prospect_id, whole.items)
        if is_merged:
            lists.merged.add(prospect_id)
            continue
        message_list = parse_messages(
            items, prospect_id, context.rules, context.clock.now, notes
        )
        lists.read[prospect_id] = message_list
        if whole.problems:
            lists.incomplete[prospect_id] = "; ".join(whole.problems)
            _note(context, notes, prospect_id, lists.incomplete[prospect_id])
        context.report.unknown_words.update(message_list.unknown)
        context.report.messages_read += message_list.read
        context.report.messages_stored += message_list.read - message_list.rejected
    context.report.message_lists_read += len(lists.read)
    if lists.unfinished:
        context.report.warn(
            "Messages of some prospects could not be read in full (see "
            "loader.rejected_records); the next run tries again."
        )
    return lists


def _note(context: Context, notes: Rejects, prospect_id: int, reason: str) -> None:
    """Note what a prospect's messages lack; the first of a run are named at once."""
    Reader("messages", None, {}, notes, prospect_id).note("communication", reason, None)
    named = sum(text.startswith(NAMED) for text in context.report.sentences)
    if named < MOST_NAMED:
        context.report.warn(f"{NAMED}{prospect_id}: {reason}.")


def _reason_to_skip(context: Context, error: ServiceError) -> str:
    """Return why a list is skipped; raises where the next one would fail as well."""
    raise_if_about_everybody(error)
    if error.is_about_one_record:
        context.service.failed_reads = 0
    if error.is_missing:
        return "Bonzo has no messages of this prospect: deleted meanwhile"
    if error.status in (401, 403):
        return "the token may not read this prospect's messages"
    if error.is_about_one_record:
        return f"Bonzo refused this prospect's messages with status {error.status}"
    count_failure(context, error)
    return "Bonzo gave no usable answer"


def raise_if_about_everybody(error: ServiceError) -> None:
    """Raise an error about one prospect again if all others would meet it, too."""
    is_the_limit = isinstance(error, WaitTooLongError) and error.status == 429
    if is_the_limit or isinstance(error, TokenRefusedError):
        raise error


def count_failure(context: Context, error: ServiceError) -> None:
    """Note a read that gave no answer; raises it when there are many in a row."""
    context.service.failed_reads += 1
    if context.service.failed_reads >= MOST_FAILURES:
        raise error
