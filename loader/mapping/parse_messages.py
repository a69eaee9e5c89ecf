"""Parse a prospect's message list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from loader.mapping.engagements import Message, MessageList
from loader.mapping.mapping_config import MappingConfig
from loader.mapping.parsers import (
    INT8,
    InvalidValueError,
    is_empty,
    is_missing,
    normalize_name,
    to_id,
)
from loader.mapping.record_reader import Reader
from loader.mapping.rejects import Rejects

# touches.touch_type holds no more.
LONGEST_CHANNEL = 20
_EXTENSIONS = (
    "user_data_extension",
    "media_content_extension",
    "event_pipeline_extension",
    "metadata_extension",
)


_STEP_FIELDS = ("event_id", "sequence_id", "pipeline_event_id")


@dataclass
class _Copy:
    """One record of a message, what was wrong in it, and its type as Bonzo has it."""

    message: Message
    type: str
    rejects: Rejects
    unknown: Counter

    @property
    def progress(self) -> tuple[int, bool]:
        """How far the message has come in this copy, and whether it has an event."""
        return len(self.message.types), self.message.event is not None

    def is_other_type(self, other: _Copy) -> bool:
        """Whether the two share nothing but their id."""
        directions = {self.message.incoming, other.message.incoming}
        return self.type != other.type or directions == {True, False}


def parse_messages(
    items: Iterable[object],
    prospect_id: int,
    rules: MappingConfig,
    now: datetime,
    rejects: Rejects,
) -> MessageList:
    """Parse a message list.

    Of two copies of one message the one that has come further counts; a second
    type of message under an id that is taken is noted.
    """
    message_list = MessageList()
    copies: dict[int, list[_Copy]] = {}
    for item in items:
        message_id = _message_id(item, prospect_id, rejects)
        copy = None
        if message_id is not None:
            copy = _parse(item, message_id, prospect_id, rules, now, rejects)
        if copy is None:
            message_list.read += 1
            message_list.rejected += 1
        else:
            copies.setdefault(message_id, []).append(copy)
    message_list.read += len(copies)
    for message_id, records in copies.items():
        chosen, others = _choose(records)
        rejects.items += chosen.rejects.items
        message_list.unknown.update(chosen.unknown)
        message = chosen.message
        (message_list.messages if message.has_left else message_list.unsent).append(
            message
        )
        if others:
            types = ", ".join(sorted({copy.type for copy in (chosen, *others)}))
            Reader("messages", message_id, {}, rejects, prospect_id).note(
                "id", f"more than one message has this id ({types})", message_id
            )
    timed = (*message_list.messages, *message_list.unsent)
    times = [m.at for m in timed if m.at is not None and m.kind != "Note"]
    message_list.latest = max(times, default=None)
    message_list.messages.sort(key=_sort_key)
    return message_list


def identify(item: object) -> tuple[int | None, int | None]:
    """Return a message's id and the prospect that its record names, without notes."""
    if not isinstance(item, dict):
        return None, None
    reader = Reader("messages", None, _flat(item), Rejects())
    return reader.id_of("id", INT8), _named(reader)


def _choose(copies: list[_Copy]) -> tuple[_Copy, list[_Copy]]:
    """Return the copy that counts, and those of another type of message."""
    if len(copies) == 1:
        return copies[0], []
    # What makes rows, and of two such messages the earlier one, has the id.
    first = min(copies, key=lambda c: (not c.message.has_left, _sort_key(c.message)))
    others = [copy for copy in copies if copy.is_other_type(first)]
    same = [copy for copy in copies if not copy.is_other_type(first)]
    # Pages of messages shift: of equals the last one is the latest.
    return max(reversed(same), key=lambda copy: copy.progress), others


def _message_id(item: object, prospect_id: int, rejects: Rejects) -> int | None:
    record = item if isinstance(item, dict) else {}
    reason = "no id" if isinstance(item, dict) else "not a record"
    try:
        message_id = to_id(record.get("id"), INT8)
    except InvalidValueError as error:
        message_id, reason = None, f"id {error}"
    if message_id is None:
        Reader("messages", record.get("id"), record, rejects, prospect_id).note(
            None, reason, item
        )
    return message_id


def _flat(record: dict[str, Any]) -> dict[str, Any]:
    """Return the record with what its extensions hold, flat fields winning."""
    for name in _EXTENSIONS:
        extension = record.get(name)
        if isinstance(extension, dict):
            filled = {k: v for k, v in record.items() if v is not None}
            record = {**extension, **filled}
    return record


def _parse(
    record: dict[str, Any],
    message_id: int,
    prospect_id: int,
    rules: MappingConfig,
    now: datetime,
    rejects: Rejects,
) -> _Copy | None:
    """Parse one record; None, with a note, where it is nested too deeply."""
    trial, unknown = Rejects(), Counter()
    reader = Reader(
        "messages", message_id, _flat(record), trial, prospect_id, rules.zone
    )
    try:
        word = _word(reader.record.get("type"))
        copy = _Copy(
            _message(reader, rules, now, unknown),
            rules.kinds.get(word, word),
            trial,
            unknown,
        )
    except RecursionError:
        trial.items.clear()
        reader.note(None, "nested too deeply", record)
        rejects.items += trial.items
        return None
    return copy


def _message(
    reader: Reader, rules: MappingConfig, now: datetime, unknown: Counter
) -> Message:
    kind = _kind(reader, rules, unknown)
    if kind == "Note":
        return Message(int(reader.id), kind, None, None, names=_named(reader))
    incoming = _is_incoming(reader, rules, unknown)
    message = Message(int(reader.id), kind, incoming, _time(reader))
    message.names = _named(reader)
    if incoming is None or (kind == "Call" and not rules.calls):
        return message
    if incoming:
        message.has_left = True
        message.content = reader.read("content", _content)
    else:
        _apply_status(reader, message, rules, now, unknown)
        _apply_automation(reader, message, rules)
    return message


def _kind(reader: Reader, rules: MappingConfig, unknown: Counter) -> str:
    """Return the channel; a type that the mapping file does not know is its own."""
    word = _word(reader.record.get("type"))
    kind = rules.kinds.get(word)
    if kind is None:
        # Somebody wrote or was written to: the message counts all the same.
        unknown[f"type {word or '(none)'}"] += 1
        kind = word.capitalize()[:LONGEST_CHANNEL] or "Unknown"
    is_drop = (
        kind == "Call"
        and not is_missing(reader.record.get("audio_path"))
        and not is_missing(reader.record.get("event_id"))
        and _word(reader.record.get("direction")) in rules.outgoing
    )
    return "Voicemail" if is_drop else kind


def _is_incoming(reader: Reader, rules: MappingConfig, unknown: Counter) -> bool | None:
    word = _word(reader.record.get("direction"))
    if word in rules.incoming:
        return True
    if word in rules.outgoing:
        return False
    unknown[f"direction {word or '(none)'}"] += 1
    return None


def _time(reader: Reader) -> datetime | None:
    for name in ("event_date", "send_at", "created_at"):
        at = reader.instant(name)
        if at is not None:
            return at
    return None


def _named(reader: Reader) -> int | None:
    """Return the prospect that the message's own record names."""
    if is_missing(reader.record.get("prospect_id")):
        inner = reader.record.get("prospect")
        return reader.within(inner).id_of("id") if isinstance(inner, dict) else None
    return reader.id_of("prospect_id")


def _content(value: object) -> str | None:
    """Return a reply's text as it came, markup and entities included."""
    if is_empty(value):
        return None
    if not isinstance(value, str):
        value = str(value) if type(value) is int else value
    if not isinstance(value, str):
        raise InvalidValueError("not a text")
    if "\x00" in value:
        raise InvalidValueError("holds a NUL character")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise InvalidValueError("holds half a character (lone surrogate)") from None
    return value.strip()


def _apply_status(
    reader: Reader,
    message: Message,
    rules: MappingConfig,
    now: datetime,
    unknown: Counter,
) -> None:
    """Set what the status says about an outgoing message."""
    word = _word(reader.record.get("status"))
    if word in rules.not_yet:
        return
    if word == "":
        message.has_left = message.at is not None and message.at <= now
        return
    message.has_left = True
    message.is_opened = word in rules.opened
    message.is_delivered = word in rules.delivered
    known = rules.sent | rules.opened | rules.delivered | rules.answered
    if word not in known:
        unknown[f"status {word}"] += 1
    is_own_call = message.kind == "Call" and is_missing(reader.record.get("event_id"))
    message.is_answered = is_own_call and word in rules.answered


def _apply_automation(reader: Reader, message: Message, rules: MappingConfig) -> None:
    """Set what the record shows of the automation that sent the message, if any."""
    message.is_automated = any(
        not is_missing(reader.record.get(name)) for name in rules.automated_by
    )
    if not message.is_automated:
        message.is_declared_manual = any(
            not is_missing(reader.record.get(name)) for name in _STEP_FIELDS
        )
        return
    message.pipeline_event = reader.id_of("pipeline_event_id", INT8)
    message.sequence = reader.id_of("sequence_id", INT8)
    message.event = reader.id_of("event_id", INT8)
    message.is_broadcast = not is_missing(reader.record.get("batch_id"))
    if message.sequence is None:
        message.campaign = reader.id_of("campaign_id", INT8)


def _word(value: object) -> str:
    if isinstance(value, str):
        return normalize_name(value)[:40]
    return "" if is_missing(value) else "?"


def _sort_key(message: Message) -> tuple[bool, float, int]:
    at = message.at
    return at is None, at.timestamp() if at else 0.0, message.message_id
