"""Map messages to engagements: sent, delivered, opened, responded."""

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
    """One message. `at` is None where no time can be read.

    `kind` is SMS, Email, Voicemail, Call or Note; `incoming` is None where the
    direction is not understood. `has_left` says whether it makes rows: a note, or
    a message that is still queued, makes none. `names` is the prospect that its
    own record names.

    `sequence`, `event`, `pipeline_event` and `campaign` are what the record shows
    until `resolve_steps` has decided what sent the message: then `sequence` and
    `event` are set together or not at all, and a message whose step is not known
    has `loose`, the sequence or the key of the campaign that it counts for.
    """

    message_id: int
    kind: str
    incoming: bool | None
    at: datetime | None
    has_left: bool = False
    is_delivered: bool = False
    is_opened: bool = False
    is_answered: bool = False
    is_automated: bool = False
    # Shown with a step that the mapping file does not take for an automation.
    is_declared_manual: bool = False
    is_broadcast: bool = False
    sequence: int | None = None
    event: int | None = None
    pipeline_event: int | None = None
    campaign: int | None = None
    loose: int | str | None = None
    names: int | None = None
    content: str | None = None

    @property
    def is_step(self) -> bool:
        """Whether it is a step of a campaign's sequence."""
        return (
            self.sequence is not None
            and self.event is not None
            and self.pipeline_event is None
        )

    @property
    def touch_id(self) -> UUID | None:
        """The step that it belongs to, or None for a person's own message."""
        if self.pipeline_event is not None:
            return touch_uuid(PIPELINE, self.pipeline_event)
        return touch_uuid(self.sequence, self.event) if self.is_step else None

    def key(self, registry: SequenceRegistry) -> str | None:
        """Return the key of its campaign, or None."""
        if self.pipeline_event is not None:
            return PIPELINE
        if self.is_step:
            return registry.key_of(self.sequence)
        if isinstance(self.loose, int):
            return registry.key_of(self.loose)
        return self.loose

    @property
    def order(self) -> tuple[datetime, int]:
        """How messages are sorted; only for those with a time."""
        return self.at, self.message_id

    @property
    def types(self) -> tuple[str, ...]:
        """The engagement types of its rows."""
        if not self.has_left:
            return ()
        if self.incoming:
            return ("Responded",)
        types = ("Sent",)
        if self.is_delivered or self.is_opened:
            types += ("Delivered",)
        if self.is_opened:
            types += ("Opened",)
        if self.is_answered:
            types += ("Responded",)
        return types

    def is_copy_of(self, other: Message) -> bool:
        """Whether both are one message; ids alone may come twice."""
        return self.incoming == other.incoming and self.at == other.at


@dataclass
class MessageList:
    """One prospect's messages, sorted, and what reading them found.

    `unsent` are messages that make no row (any more), notes among them. `unknown`
    counts words that the mapping file does not know. `latest` is the time of the
    last message. `events` are those whose step is not known. `yields_to` are the
    prospects that keep messages which this list shows, too.
    """

    messages: list[Message] = field(default_factory=list)
    unsent: list[Message] = field(default_factory=list)
    unknown: Counter = field(default_factory=Counter)
    latest: datetime | None = None
    read: int = 0
    rejected: int = 0
    events: set[int] = field(default_factory=set)
    yields_to: set[int] = field(default_factory=set)

    @property
    def sequences(self) -> set[int]:
        """The sequences that sent to the prospect.

        A campaign that a message names in place of its sequence is among them, as
        a negative number: what the campaign list says of it decides on the step.
        """
        sequences = {m.sequence for m in self.messages if m.is_step}
        sequences |= {m.loose for m in self.messages if isinstance(m.loose, int)}
        return sequences | {-m.campaign for m in self.messages if m.campaign}


def to_engagements(
    prospect_id: int,
    message_list: MessageList,
    rules: MappingConfig,
    registry: SequenceRegistry,
) -> list[dict[str, Any]]:
    """Return rows of touch_engagements for one prospect."""
    rows: list[dict[str, Any]] = []
    attributed = attribute(message_list.messages, rules.attribution_days)
    for message in message_list.messages:
        source = attributed.get(message.message_id) if message.incoming else message
        key = source.key(registry) if source else None
        touch_id = source.touch_id if source else None
        for kind in message.types:
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
    """Return incoming message id -> the outgoing message that it answers.

    That is the last one before it, at most `days` earlier; messages are sorted.
    """
    window = timedelta(days=days)
    last: Message | None = None
    answered: dict[int, Message] = {}
    for message in messages:
        if message.at is None:
            continue
        if not message.incoming:
            last = message
        elif last is not None and message.at - last.at <= window:
            answered[message.message_id] = last
    return answered


def stale_engagements(message_list: MessageList) -> list[UUID]:
    """Return ids of rows that the messages just read may have left behind.

    A note never had a row, so it leaves none: its id may be another message's.
    """
    return [
        engagement_uuid(message.message_id, kind)
        for message in (*message_list.messages, *message_list.unsent)
        if message.kind != "Note"
        for kind in TYPES
        if kind not in message.types
    ]
