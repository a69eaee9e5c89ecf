"""Campaigns, and which of them a sequence belongs to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from loader.mapping.ids import PIPELINE, campaign_uuid, sequence_key
from loader.mapping.parsers import INT8
from loader.mapping.record_reader import Reader, Rejects

PIPELINE_NAME = "Pipeline automation"


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
    """One entry of the campaign list, or None (noted) without a usable id."""
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
    prospects whose messages carry the sequence.
    """

    known: dict[int, str] = field(default_factory=dict)
    guessed: dict[int, str] = field(default_factory=dict)
    stops: set[str] = field(default_factory=set)

    def key_of(self, sequence: int) -> str:
        """The campaign's key; one made up for the sequence if need be."""
        found = self.known.get(sequence) or self.guessed.get(sequence)
        return found or sequence_key(sequence)

    def is_known(self, sequence: int) -> bool:
        """Whether the campaign list itself names this sequence."""
        return sequence in self.known


def name_of_made_up(key: str) -> str:
    """The name of a campaign that Bonzo's lists do not hold."""
    if key == PIPELINE:
        return PIPELINE_NAME
    kind, _, number = key.partition(":")
    return f"Sequence {number}" if kind == "sequence" else f"Campaign {key}"
