"""Decide which automation sent a message: a campaign's step, or a loose one.

Bonzo's messages name their step in several ways, some only half. The rules in
words: docs/mapping.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from loader.mapping.campaigns import SequenceRegistry
from loader.mapping.engagements import Message, MessageList
from loader.mapping.ids import BROADCAST, UNKNOWN_AUTOMATION


class Step(NamedTuple):
    """A step as loader.touch_origins has it; a pipeline's has no sequence."""

    sequence: int | None
    event: int


@dataclass
class KnownSteps:
    """What other messages say about steps.

    `stored`: message id -> the step that an earlier load stored it with.
    `sequences`: event -> the sequence that it is known to belong to.
    """

    stored: Mapping[int, Step] = field(default_factory=dict)
    sequences: Mapping[int, int] = field(default_factory=dict)


def resolve_steps(
    message_lists: Iterable[MessageList],
    registry: SequenceRegistry,
    known: KnownSteps | None = None,
) -> None:
    """Give every outgoing message of these lists its step, or mark it as loose."""
    known = known or KnownSteps()
    half: list[tuple[MessageList, Message]] = []
    sequences = dict(known.sequences)
    for message_list in message_lists:
        for message in message_list.messages:
            if message.incoming or message.pipeline_event is not None:
                continue
            _name_sequence(message, registry)
            if message.is_step:
                _remember(sequences, message)
            else:
                half.append((message_list, message))
    for message_list, message in half:
        _resolve_half(message_list, message, known.stored, sequences)


def _name_sequence(message: Message, registry: SequenceRegistry) -> None:
    """Give a message that names its campaign the campaign's sequence.

    Where the campaign list names none, the campaign itself takes its place.
    """
    if message.sequence is None and message.event is not None and message.campaign:
        message.sequence = registry.sequence_of(message.campaign)


def _remember(sequences: dict[int, int], message: Message) -> None:
    """Keep one sequence per event: a real one before a campaign in its place."""
    known = sequences.get(message.event)
    choices = [message.sequence] if known is None else [message.sequence, known]
    sequences[message.event] = min(choices, key=lambda s: (s < 0, abs(s)))


def _resolve_half(
    message_list: MessageList,
    message: Message,
    stored: Mapping[int, Step],
    sequences: Mapping[int, int],
) -> None:
    event, sequence = message.event, message.sequence
    message.event = message.sequence = None
    if message.is_declared_manual:
        return
    step = stored.get(message.message_id)
    if step is None and event is not None and event in sequences:
        step = Step(sequences[event], event)
    if step is not None and step.sequence is None:
        message.pipeline_event = step.event
    elif step is not None:
        message.sequence, message.event = step
    elif message.is_automated:
        message.loose = _loose(message, event, sequence)
        if event is not None:
            message_list.events.add(event)


def _loose(message: Message, event: int | None, sequence: int | None) -> int | str:
    """Return the sequence or the campaign that a message without a step counts for."""
    if event is not None:
        return UNKNOWN_AUTOMATION
    if sequence is not None:
        return sequence
    if message.is_broadcast:
        return BROADCAST
    return str(message.campaign) if message.campaign else UNKNOWN_AUTOMATION
