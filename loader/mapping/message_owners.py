"""Decide whose a message is when its id comes in several prospects' lists.

Bonzo lists one message with several prospects, and two kinds of messages may share
an id. Rows are known by the id, so each id belongs to one message of one prospect.
The rules in words: docs/mapping.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from loader.mapping.engagements import Message, MessageList
from loader.mapping.record_reader import Reader
from loader.mapping.rejects import Rejects


@dataclass(frozen=True)
class Holder:
    """The present prospect for which an earlier batch stored a message."""

    prospect_id: int
    at: datetime | None
    incoming: bool


@dataclass
class Contested:
    """What a batch alone cannot decide.

    `pairs`: prospects whose lists have to be read together.
    """

    pairs: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True)
class _Candidate:
    """A message in a prospect's list."""

    prospect_id: int
    message: Message

    @property
    def names_itself(self) -> bool:
        return self.message.names == self.prospect_id


def assign_owners(
    message_lists: Mapping[int, MessageList],
    holders: Mapping[int, Holder],
    rejects: Rejects,
) -> Contested:
    """Leave each message in one of these lists; note what another one keeps.

    `holders` are those of the lists' messages that are stored already.
    """
    contested = Contested()
    for message_id, candidates in _by_id(message_lists).items():
        holder = holders.get(message_id)
        is_held = holder is not None and holder.prospect_id != candidates[0].prospect_id
        if len(candidates) > 1 or is_held:
            contest = _Contest(message_lists, candidates, holder, rejects, contested)
            contest.settle()
    return contested


def _by_id(message_lists: Mapping[int, MessageList]) -> dict[int, list[_Candidate]]:
    candidates: dict[int, list[_Candidate]] = {}
    for prospect_id in sorted(message_lists):
        message_list = message_lists[prospect_id]
        for message in (*message_list.messages, *message_list.unsent):
            candidate = _Candidate(prospect_id, message)
            candidates.setdefault(message.message_id, []).append(candidate)
    return candidates


@dataclass
class _Contest:
    """One id, and the lists that show it."""

    message_lists: Mapping[int, MessageList]
    candidates: list[_Candidate]
    holder: Holder | None
    rejects: Rejects
    contested: Contested

    def settle(self) -> None:
        """Leave the message with its owner, or find that more has to be read."""
        if self.holder is None and not any(c.message.has_left for c in self.candidates):
            return
        copies = self._copies()
        for candidate in self.candidates:
            if candidate not in copies:
                self._drop(candidate, "this id is another message's")
        if not copies:
            return
        holder = self.holder
        if holder is not None and holder.prospect_id not in self.message_lists:
            self._defer(copies, holder.prospect_id)
            return
        owner = self._owner(copies)
        for copy in copies:
            if copy.prospect_id != owner:
                self._yield_to(copy, owner)

    def _copies(self) -> list[_Candidate]:
        """Return the candidates that show the message that the id belongs to."""
        holder = self.holder
        if holder is not None:
            return [
                c
                for c in self.candidates
                if c.prospect_id == holder.prospect_id
                or (c.message.at, c.message.incoming) == (holder.at, holder.incoming)
            ]
        first = min(
            (c for c in self.candidates if c.message.has_left), key=_order
        ).message
        return [c for c in self.candidates if c.message.is_copy_of(first)]

    def _defer(self, copies: Iterable[_Candidate], holder: int) -> None:
        """Leave the message with its holder, whose list is not at hand."""
        for copy in copies:
            if copy.message.names == holder:
                self._yield_to(copy, holder)
            else:
                self._drop(copy)
                self.contested.pairs.append((copy.prospect_id, holder))

    def _owner(self, copies: list[_Candidate]) -> int:
        named = [c.prospect_id for c in copies if c.names_itself]
        holder = self.holder.prospect_id if self.holder else None
        if named:
            return holder if holder in named else min(named)
        return min(copies, key=self._distance).prospect_id

    def _distance(self, copy: _Candidate) -> tuple[bool, float, int]:
        """Order candidates by their latest outgoing message before this one."""
        message = copy.message
        times = [
            other.at.timestamp()
            for other in self.message_lists[copy.prospect_id].messages
            if other.incoming is False
            and other.at is not None
            and message.at is not None
            and other.order < message.order
        ]
        return not times, -max(times, default=0.0), copy.prospect_id

    def _yield_to(self, copy: _Candidate, owner: int) -> None:
        self.message_lists[copy.prospect_id].yields_to.add(owner)
        is_shared = copy.message.names is None
        self._drop(copy, None if is_shared else f"belongs to prospect {owner}")

    def _drop(self, candidate: _Candidate, reason: str | None = None) -> None:
        prospect_id, message = candidate.prospect_id, candidate.message
        message_list = self.message_lists[prospect_id]
        for messages in (message_list.messages, message_list.unsent):
            messages[:] = [m for m in messages if m is not message]
        if reason:
            Reader("messages", message.message_id, {}, self.rejects, prospect_id).note(
                "id", reason, message.message_id
            )


def _order(candidate: _Candidate) -> tuple[bool, float, int]:
    at = candidate.message.at
    return at is None, at.timestamp() if at else 0.0, candidate.prospect_id
