"""Read a record's fields; what does not fit becomes a reject."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timezone, tzinfo
from decimal import Decimal
from typing import Any

from loader.mapping import parsers, times
from loader.mapping.rejects import Reject, Rejects, as_text

__all__ = ["Reader", "Reject", "Rejects", "as_text", "entries_of"]

# Notes on one field of a record: nobody reads more, and a list may hold a million.
MOST_NOTES = 100


@dataclass
class Reader:
    """Reads one record's fields and rejects what does not fit."""

    resource: str
    id: object
    record: dict[str, Any]
    rejects: Rejects
    prospect_id: int | None = None
    zone: tzinfo = timezone.utc
    # How often each field was noted.
    noted: dict[str, int] = field(default_factory=dict)

    def note(self, name: str | None, reason: str, original: object) -> None:
        """Reject a field, or with no name the whole record."""
        if name is not None:
            number = self.noted[name] = self.noted.get(name, 0) + 1
            if number > MOST_NOTES:
                return
            if number == MOST_NOTES:
                reason += "; what follows in this field is not noted"
        key = None if self.id is None else as_text(self.id).strip('"')[:200]
        text = as_text(original)
        self.rejects.items.append(
            Reject(self.resource, key, name, reason, text, self.prospect_id)
        )

    def within(self, record: dict[str, Any], resource: str | None = None) -> Reader:
        """Return a reader of a record inside this one, noted under the same id."""
        return Reader(
            resource or self.resource,
            self.id,
            record,
            self.rejects,
            self.prospect_id,
            self.zone,
            self.noted,
        )

    def read(self, name: str, parse: Callable[..., Any], *args: Any) -> Any:
        """Return the field through `parse`; None and a note where it does not fit."""
        value = self.record.get(name)
        if value is None:
            return None
        try:
            return parse(value, *args)
        except parsers.InvalidValueError as error:
            self.note(name, str(error), value)
            return None

    def text(self, name: str, limit: int | None = None) -> str | None:
        """Return a text of at most `limit` characters."""
        return self.read(name, parsers.to_text, limit)

    def name(self, name: str, limit: int) -> str | None:
        """Return a text for a column that must be filled: shortened, not dropped."""
        value = self.record.get(name)
        if isinstance(value, str):
            full = parsers.unescape(value).strip()
            text = parsers.clean(full).strip()
            short = parsers.shorten(text, limit)
            if short != text:
                self.note(name, f"shortened to fit {limit} characters", value)
            elif text != full:
                self.note(name, "characters that cannot be stored left out", value)
            return short or None
        return self.text(name, limit)

    def id_of(self, name: str, largest: int = parsers.INT4) -> int | None:
        """Return a positive whole number; 0 is not an id."""
        return self.read(name, parsers.to_id, largest)

    def amount(self, name: str, largest: Decimal = parsers.LARGEST_AMOUNT) -> Any:
        """Return a Decimal smaller than `largest`; 0 is an empty amount."""
        return self.read(name, parsers.to_amount, largest) or None

    def rate(self, name: str) -> Any:
        """Return a percentage as a Decimal; 0 is an empty rate."""
        return self.read(name, parsers.to_rate) or None

    def flag(self, name: str) -> bool | None:
        """Return yes, no or unknown."""
        return self.read(name, parsers.to_flag)

    def instant(self, name: str) -> datetime | None:
        """Return an instant in UTC."""
        return self.read(name, times.to_instant, self.zone)

    def day(self, name: str) -> date | None:
        """Return a date as written."""
        return self.read(name, times.to_day)

    def part(self, name: str) -> dict[str, Any]:
        """Return a record within the record; empty where there is none."""
        value = self.record.get(name)
        if isinstance(value, dict):
            return value
        if not parsers.is_missing(value):
            self.note(name, "not a record", value)
        return {}

    def list(self, name: str) -> list[Any]:
        """Return a list within the record; empty where there is none."""
        value = self.record.get(name)
        entries = entries_of(value)
        if entries is None and not parsers.is_missing(value):
            self.note(name, "not a list", value)
        return entries or []


def entries_of(value: object) -> list[Any] | None:
    """Return a list's entries, None for anything else.

    PHP sends a list from which entries were filtered as an object with the
    entries' numbers for keys.
    """
    if isinstance(value, list):
        return value
    if isinstance(value, dict) and all(_is_number(key) for key in value):
        return list(value.values())
    return None


def _is_number(key: object) -> bool:
    return isinstance(key, str) and key.isascii() and key.isdigit()
