"""What could not be stored: one note per field or per whole record."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timezone, tzinfo
from decimal import Decimal
from typing import Any

from loader.mapping import parsers

# A note is for a person to read; nobody reads more of one value.
LONGEST_ORIGINAL = 10_000


@dataclass(frozen=True)
class Reject:
    """One value (`field` given) or whole record (`field` None) not stored."""

    resource: str
    id: str | None
    field: str | None
    reason: str
    original: str | None
    prospect_id: int | None = None


@dataclass
class Rejects:
    """The rejects of one batch."""

    items: list[Reject] = field(default_factory=list)

    @property
    def rejected(self) -> int:
        """How many whole records were not stored."""
        return sum(note.field is None for note in self.items)

    @property
    def noted(self) -> int:
        """How many single fields were not stored as they came."""
        return sum(note.field is not None for note in self.items)


def as_text(value: object) -> str:
    """Any value as ASCII text: what jsonb and even text refuse is escaped."""
    try:
        text = json.dumps(value, default=str)
    except (ValueError, TypeError, RecursionError):
        text = ascii(value)
    if len(text) > LONGEST_ORIGINAL:
        text = f"{text[:LONGEST_ORIGINAL]}... ({len(text)} characters)"
    return text


@dataclass
class Reader:
    """Reads one record's fields and rejects what does not fit."""

    resource: str
    id: object
    record: dict[str, Any]
    rejects: Rejects
    prospect_id: int | None = None
    zone: tzinfo = timezone.utc

    def note(self, name: str | None, reason: str, original: object) -> None:
        """Reject a field, or with no name the whole record."""
        key = None if self.id is None else as_text(self.id).strip('"')[:200]
        text = as_text(original)
        self.rejects.items.append(
            Reject(self.resource, key, name, reason, text, self.prospect_id)
        )

    def read(self, name: str, parse: Callable[..., Any], *args: Any) -> Any:
        """The field through `parse`; None and a note where it does not fit."""
        value = self.record.get(name)
        if value is None:
            return None
        try:
            return parse(value, *args)
        except parsers.InvalidValueError as error:
            self.note(name, str(error), value)
            return None

    def text(self, name: str, limit: int | None = None) -> str | None:
        """A text of at most `limit` characters."""
        return self.read(name, parsers.to_text, limit)

    def name(self, name: str, limit: int) -> str | None:
        """A text for a column that must be filled: shortened, not dropped."""
        value = self.record.get(name)
        if isinstance(value, str):
            text = parsers.clean(value).strip()
            short = parsers.shorten(text, limit)
            if short != text:
                self.note(name, f"shortened to fit {limit} characters", value)
            elif text != value.strip():
                self.note(name, "characters that cannot be stored left out", value)
            return short or None
        return self.text(name, limit)

    def id_of(self, name: str, largest: int = parsers.INT4) -> int | None:
        """A positive whole number."""
        return self.read(name, parsers.to_id, largest)

    def amount(self, name: str, largest: Decimal = parsers.LARGEST_AMOUNT) -> Any:
        """A Decimal smaller than `largest`."""
        return self.read(name, parsers.to_amount, largest)

    def flag(self, name: str) -> bool | None:
        """Yes, no or unknown."""
        return self.read(name, parsers.to_flag)

    def instant(self, name: str) -> datetime | None:
        """An instant in UTC."""
        return self.read(name, parsers.to_instant, self.zone)

    def day(self, name: str) -> date | None:
        """A date as written."""
        return self.read(name, parsers.to_day)

    def part(self, name: str) -> dict[str, Any]:
        """A record within the record; empty where there is none."""
        value = self.record.get(name)
        if value is None or isinstance(value, dict):
            return value or {}
        self.note(name, "not a record", value)
        return {}

    def list(self, name: str) -> list[Any]:
        """A list within the record; empty where there is none."""
        value = self.record.get(name)
        if value is None or isinstance(value, list):
            return value or []
        self.note(name, "not a list", value)
        return []
