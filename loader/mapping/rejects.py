"""What could not be stored: one entry per field or per whole record."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

# An original is for a person to look at; nobody reads more of one value.
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
        return sum(item.field is None for item in self.items)

    @property
    def noted(self) -> int:
        """How many single fields were not stored as they came."""
        return sum(item.field is not None for item in self.items)


def as_text(value: object) -> str:
    """Return any value as ASCII text: what jsonb and even text refuse is escaped."""
    try:
        text = json.dumps(value, default=str)
    except (ValueError, TypeError, RecursionError):
        text = _as_python(value)
    if len(text) > LONGEST_ORIGINAL:
        text = f"{text[:LONGEST_ORIGINAL]}... ({len(text)} characters)"
    return text


def _as_python(value: object) -> str:
    try:
        return ascii(value)
    except RecursionError:
        return f"({type(value).__name__}, nested too deeply to be shown)"
