"""Ten leads and the numbers that come out of them, counted by hand.

`tables.yaml` holds the raw rows, `expected.yaml` the numbers with their
arithmetic. Any test may read both, whatever computes the measures.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
# The same data seen twice: when the leads are young, and when all have aged.
MOMENTS = {"march": "2026-03-31T00:00:00Z", "july": "2026-07-31T00:00:00Z"}
ZONE = "UTC"
UNITS = {
    "minutes": timedelta(minutes=1),
    "hours": timedelta(hours=1),
    "days": timedelta(days=1),
}


@dataclass(frozen=True)
class Expected:
    """One number: a measure in total, or for one value of a dimension.

    `moment` is a key of MOMENTS. Durations are in milliseconds.
    """

    view: str
    measure: str
    value: float | None
    why: str
    moment: str = "march"
    dimension: str | None = None
    key: str | None = None

    @property
    def name(self) -> str:
        """Short and unique, for a test report."""
        where = f"[{self.dimension}={self.key}]" if self.dimension else ""
        return f"{self.moment}:{self.view}.{self.measure}{where}"


def tables() -> dict[str, list[dict[str, Any]]]:
    """The raw tables as lists of rows."""
    document = yaml.safe_load((FOLDER / "tables.yaml").read_text())
    ids = document["ids"]
    return {
        name: [
            dict(
                zip(table["columns"], (_value(cell, ids) for cell in row), strict=True)
            )
            for row in table["rows"]
        ]
        for name, table in document["tables"].items()
    }


def _value(cell: Any, ids: dict[str, str]) -> Any:
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=timezone.utc)
    return ids.get(cell, cell) if isinstance(cell, str) else cell


def expected() -> list[Expected]:
    """All numbers worked out by hand."""
    document = yaml.safe_load((FOLDER / "expected.yaml").read_text())
    return [
        _expected(view, measure, entry)
        for view, measures in document.items()
        for measure, entries in measures.items()
        for entry in entries
    ]


def _expected(view: str, measure: str, entry: dict[str, Any]) -> Expected:
    fields = dict(entry)
    unit = fields.pop("unit", None)
    of = fields.pop("of", None)
    value = fields.pop("value")
    if of is not None:
        value /= of
    if unit is not None:
        value *= UNITS[unit] / timedelta(milliseconds=1)
    return Expected(view=view, measure=measure, value=value, **fields)
