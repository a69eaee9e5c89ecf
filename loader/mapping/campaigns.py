"""Campaigns, and which of them a sequence belongs to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from loader.mapping.ids import (
    BROADCAST,
    PIPELINE,
    UNKNOWN_AUTOMATION,
    campaign_uuid,
    sequence_key,
)
from loader.mapping.parsers import INT8
from loader.mapping.record_reader import Reader, Rejects

# Campaigns that stand for automations outside of Bonzo's campaigns.
NAMES = {
    PIPELINE: "Pipeline automation",
    BROADCAST: "Broadcast",
    UNKNOWN_AUTOMATION: "Unknown automation",
}


@dataclass(frozen=True)
class Campaign:
    """A campaign as the campaign list shows it; times are None if unknown."""

    key: str
    name: str
    sequence: int | None = None
    stop_on_response: bool = False
    created_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def campaign_id(self) -> UUID:
        """Its row's id."""
        return campaign_uuid(self.key)


def to_campaign(record: object, rejects: Rejects) -> Campaign | None:
    """Map one entry of the campaign list; None (noted) without a usable id."""
    if not isinstance(record, dict):
        Reader("campaigns", None, {}, rejects).note(None, "not a record", record)
        return None
    reader = Reader("campaigns", record.get("id"), record, rejects)
    probe = Rejects()
    key = Reader("campaigns", None, record, probe).id_of("id")
    if key is None:
        reader.note(None, "no usable id", record)
        return None
    sequence = Reader("campaigns", key, reader.part("sequence"), rejects)
    return Campaign(
        key=str(key),
        name=reader.name("name", 100) or f"Campaign {key}",
        sequence=sequence.id_of("id", INT8),
        stop_on_response=bool(sequence.flag("stop_on_response")),
        created_at=reader.instant("created_at"),
        updated_at=reader.instant("updated_at"),
    )


@dataclass
class SequenceRegistry:
    """Sequence id -> key of its campaign.

    `known` comes from the campaign list, `guessed` from the majority of the
    prospects whose messages carry the sequence. `current` has the sequence that
    each campaign has now. A negative id is the campaign of that number, which takes
    a sequence's place where none is known.
    """

    known: dict[int, str] = field(default_factory=dict)
    guessed: dict[int, str] = field(default_factory=dict)
    stops: set[str] = field(default_factory=set)
    current: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for sequence in sorted(self.known):
            self.current.setdefault(self.known[sequence], sequence)

    def key_of(self, sequence: int) -> str:
        """Return the campaign's key; one made up for the sequence if need be."""
        if sequence < 0:
            return str(-sequence)
        key = self.known.get(sequence) or self.guessed.get(sequence)
        return key or sequence_key(sequence)

    def is_guess(self, sequence: int) -> bool:
        """Return whether nothing but a guess tells the sequence's campaign."""
        return sequence > 0 and sequence not in self.known

    def sequence_of(self, campaign: int) -> int:
        """Return the campaign's sequence, else its own number as a negative one."""
        return self.current.get(str(campaign), -campaign)


def name_of_made_up(key: str) -> str:
    """Return the name of a campaign that Bonzo's lists do not hold."""
    kind, _, number = key.partition(":")
    fallback = f"Sequence {number}" if kind == "sequence" else f"Campaign {key}"
    return NAMES.get(key, fallback)
