"""Understands a prospect's message list, in our words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from loader.mapping.engagements import Message, MessageList
from loader.mapping.mapping_config import MappingConfig
from loader.mapping.parsers import INT8, InvalidValueError, normalize_name, to_id
from loader.mapping.record_reader import Reader, Rejects

# touches.touch_type holds no more.
LONGEST_CHANNEL = 20
_EXTENSIONS = (
    "user_data_extension",
    "media_content_extension",
    "event_pipeline_extension",
    "metadata_extension",
)


def parse_messages(
    items: Iterable[object],
    prospect_id: int,
    rules: MappingConfig,
    now: datetime,
    rejects: Rejects,
) -> MessageList:
    """Understand a message list; the same message twice counts once."""
    message_list = MessageList()
    records: dict[int, dict[str, Any]] = {}
    for item in items:
        message_id = _message_id(item, prospect_id, rejects)
        if message_id is None:
            message_list.read += 1
            message_list.rejected += 1
        else:
            records[message_id] = item
    message_list.read += len(records)
    for message_id, record in records.items():
        reader = Reader(
            "messages", message_id, _flat(record), rejects, prospect_id, rules.zone
        )
        message = _understand(reader, rules, now, message_list)
        if message is None:
            message_list.gone_ids.append(message_id)
        else:
            message_list.messages.append(message)
    message_list.messages.sort(key=_sort_key)
    return message_list


def _message_id(item: object, prospect_id: int, rejects: Rejects) -> int | None:
    record = item if isinstance(item, dict) else {}
    reason = "no id" if isinstance(item, dict) else "not a record"
    try:
        found = to_id(record.get("id"), INT8)
    except InvalidValueError as error:
        found, reason = None, f"id {error}"
    if found is None:
        Reader("messages", record.get("id"), record, rejects, prospect_id).note(
            None, reason, item
        )
    return found


def _flat(record: dict[str, Any]) -> dict[str, Any]:
    """The record with what its extensions hold, flat fields winning."""
    for name in _EXTENSIONS:
        extension = record.get(name)
        if isinstance(extension, dict):
            filled = {k: v for k, v in record.items() if v is not None}
            record = {**extension, **filled}
    return record


def _understand(
    reader: Reader, rules: MappingConfig, now: datetime, message_list: MessageList
) -> Message | None:
    """The message, or None where it makes no row (yet)."""
    kind = _kind(reader, rules, message_list)
    if kind == "Note":
        return None
    at = _time(reader)
    if at is not None and (message_list.latest is None or at > message_list.latest):
        message_list.latest = at
    incoming = _is_incoming(reader, rules, message_list)
    if incoming is None or (kind == "Call" and not rules.calls):
        return None
    message = Message(int(reader.id), kind, incoming, at)
    if incoming:
        message.content = reader.text("content")
        return message
    if not _apply_status(reader, message, rules, now, message_list):
        return None
    _apply_step(reader, message)
    return message


def _kind(reader: Reader, rules: MappingConfig, message_list: MessageList) -> str:
    """The channel; a type that the mapping file does not know is its own."""
    word = _word(reader.record.get("type"))
    kind = rules.kinds.get(word)
    if kind is None:
        # Somebody wrote or was written to: the message counts all the same.
        message_list.unknown[f"type {word or '(none)'}"] += 1
        kind = word.capitalize()[:LONGEST_CHANNEL] or "Unknown"
    is_drop = (
        kind == "Call"
        and bool(reader.record.get("audio_path"))
        and reader.record.get("event_id") is not None
        and _word(reader.record.get("direction")) in rules.outgoing
    )
    return "Voicemail" if is_drop else kind


def _is_incoming(
    reader: Reader, rules: MappingConfig, message_list: MessageList
) -> bool | None:
    word = _word(reader.record.get("direction"))
    if word in rules.incoming:
        return True
    if word in rules.outgoing:
        return False
    message_list.unknown[f"direction {word or '(none)'}"] += 1
    return None


def _time(reader: Reader) -> datetime | None:
    for name in ("event_date", "send_at", "created_at"):
        at = reader.instant(name)
        if at is not None:
            return at
    return None


def _apply_status(
    reader: Reader,
    message: Message,
    rules: MappingConfig,
    now: datetime,
    message_list: MessageList,
) -> bool:
    """Set what the status says; False while the message has not left."""
    word = _word(reader.record.get("status"))
    if word in rules.not_yet:
        return False
    if word == "":
        message.is_sent = message.at is not None and message.at <= now
        return message.is_sent
    message.is_sent = True
    message.is_opened = word in rules.opened
    message.is_delivered = word in rules.delivered
    known = rules.sent | rules.opened | rules.delivered | rules.answered
    if word not in known:
        message_list.unknown[f"status {word}"] += 1
    is_own_call = message.kind == "Call" and reader.record.get("event_id") is None
    message.is_answered = is_own_call and word in rules.answered
    return True


def _apply_step(reader: Reader, message: Message) -> None:
    message.pipeline_event = reader.id_of("pipeline_event_id", INT8)
    sequence = reader.id_of("sequence_id", INT8)
    event = reader.id_of("event_id", INT8)
    if sequence is not None and event is not None:
        message.sequence, message.event = sequence, event


def _word(value: object) -> str:
    return (
        normalize_name(value)[:40] if isinstance(value, str) else ("?" if value else "")
    )


def _sort_key(message: Message) -> tuple[bool, float, int]:
    at = message.at
    return at is None, at.timestamp() if at else 0.0, message.message_id
