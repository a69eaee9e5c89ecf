"""Messages as engagements: sent, delivered, opened, responded."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from loader.mapping.campaigns import SequenceRegistry
from loader.mapping.ids import PIPELINE, campaign_uuid, engagement_uuid, touch_uuid
from loader.mapping.mapping_config import MappingConfig

TYPES = ("Sent", "Delivered", "Opened", "Responded")


@dataclass(slots=True)
class Message:
    """One message in our words. `at` is None where no time can be read.

    `kind` is SMS, Email, Voicemail or Call; `is_sent` says whether an outgoing
    message has left; `event` and `sequence` are set for a campaign's step.
    """

    message_id: int
    kind: str
    incoming: bool
    at: datetime | None
    is_sent: bool = False
    is_delivered: bool = False
    is_opened: bool = False
    is_answered: bool = False
    sequence: int | None = None
    event: int | None = None
    pipeline_event: int | None = None
    content: str | None = None

    @property
    def is_step(self) -> bool:
        """Whether it is a step of a campaign's sequence."""
        return self.event is not None and self.pipeline_event is None

    @property
    def touch_id(self) -> UUID | None:
        """The step that it belongs to, or None for a person's own message."""
        if self.pipeline_event is not None:
            return touch_uuid(PIPELINE, self.pipeline_event)
        if self.event is not None:
            return touch_uuid(self.sequence, self.event)
        return None

    def key(self, book: SequenceRegistry) -> str | None:
        """The key of its campaign, or None."""
        if self.pipeline_event is not None:
            return PIPELINE
        return book.key_of(self.sequence) if self.event is not None else None

    @property
    def order(self) -> tuple[datetime, int]:
        """How messages are sorted; only for those with a time."""
        return self.at, self.message_id


@dataclass
class MessageList:
    """One prospect's messages, sorted, and what reading them found.

    `gone_ids` are messages that make no row (any more). `unknown` counts words
    that the mapping file does not know. `latest` is the last message's time.
    """

    messages: list[Message] = field(default_factory=list)
    gone_ids: list[int] = field(default_factory=list)
    unknown: Counter = field(default_factory=Counter)
    latest: datetime | None = None
    read: int = 0
    rejected: int = 0

    @property
    def sequences(self) -> set[int]:
        """The sequences whose steps were sent to the prospect."""
        return {m.sequence for m in self.messages if m.is_step}


def to_engagements(
    prospect_id: int,
    message_list: MessageList,
    rules: MappingConfig,
    book: SequenceRegistry,
) -> list[dict[str, Any]]:
    """Rows of touch_engagements for one prospect."""
    rows: list[dict[str, Any]] = []
    attributed = attribute(message_list.messages, rules.attribution_days)
    for message in message_list.messages:
        source = attributed.get(message.message_id) if message.incoming else message
        key = source.key(book) if source else None
        touch_id = source.touch_id if source else None
        for kind in _types(message):
            rows.append(
                {
                    "engagement_id": engagement_uuid(message.message_id, kind),
                    "prospect_id": prospect_id,
                    "touch_id": touch_id,
                    "engagement_type": kind,
                    "engagement_time": message.at,
                    "content": message.content if message.incoming else None,
                    "campaign_id": campaign_uuid(key) if key else None,
                }
            )
    return rows


def attribute(messages: list[Message], days: float) -> dict[int, Message]:
    """Incoming message id -> the outgoing message that it answers.

    That is the last one before it, at most `days` earlier; messages are sorted.
    """
    window = timedelta(days=days)
    last: Message | None = None
    found: dict[int, Message] = {}
    for message in messages:
        if message.at is None:
            continue
        if not message.incoming:
            last = message
        elif last is not None and message.at - last.at <= window:
            found[message.message_id] = last
    return found


def stale_engagements(message_list: MessageList) -> list[UUID]:
    """Ids of rows that the messages just read may have left behind."""
    stale = [
        engagement_uuid(message_id, kind)
        for message_id in message_list.gone_ids
        for kind in TYPES
    ]
    for message in message_list.messages:
        holds = _types(message)
        stale += [
            engagement_uuid(message.message_id, kind)
            for kind in TYPES
            if kind not in holds
        ]
    return stale


def _types(message: Message) -> tuple[str, ...]:
    if message.incoming:
        return ("Responded",)
    types = ("Sent",)
    if message.is_delivered or message.is_opened:
        types += ("Delivered",)
    if message.is_opened:
        types += ("Opened",)
    if message.is_answered:
        types += ("Responded",)
    return types
