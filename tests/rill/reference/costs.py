"""Spend of lead sources, and each lead's part of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from tests.rill.reference.clock import Clock
from tests.rill.reference.leads import Lead
from tests.rill.reference.people import folded

MONTH_FORMATS = ("%Y-%m-%d", "%m/%d/%Y", "%Y-%m")


class Costs:
    """Readable rows of the cost file up to as_of.

    `spend` maps (source id or folded unknown name, month) to dollars; `labels`
    gives the text for each of those keys.
    """

    def __init__(self, tables: dict, clock: Clock) -> None:
        self.sources = {
            folded(row["source_name"]): row for row in tables["lead_sources"]
        }
        self.rows = tables["lead_source_costs"]
        self.unreadable = [row for row in self.rows if not is_readable(row)]
        self.spend: dict[tuple, Fraction] = defaultdict(Fraction)
        self.labels: dict[int | str, str] = {}
        self.readable: list[dict] = []
        for row in self.rows:
            if is_readable(row) and self._is_there(row, clock):
                self.readable.append(row)
                key = self.key(row["lead_source"])
                self.labels.setdefault(key, self._label(row["lead_source"]))
                self.spend[key, read_month(row["month"])] += read_money(row["spend"])

    @staticmethod
    def _is_there(row: dict, clock: Clock) -> bool:
        return clock.as_of_day is not None and (
            read_month(row["month"]) <= clock.as_of_day.replace(day=1)
        )

    def key(self, name: str) -> int | str:
        """A known source's id, else the folded name."""
        source = self.sources.get(folded(name))
        return source["lead_source_id"] if source else folded(name)

    def _label(self, name: str) -> str:
        source = self.sources.get(folded(name))
        return source["source_name"] if source else name.strip()

    def allocate(self, leads: list[Lead]) -> None:
        """Give each lead its part; unknown for all where nothing is known."""
        sizes = Counter((lead.source_id, lead.created_month) for lead in leads)
        for lead in leads:
            key = (lead.source_id, lead.created_month)
            if not self.spend:
                lead.allocated_cost = None
            elif lead.source_id is None:
                lead.allocated_cost = Fraction(0)
            else:
                lead.allocated_cost = self.spend.get(key, Fraction(0)) / sizes[key]


def is_readable(row: dict) -> bool:
    """Whether source, month and spend can all be read."""
    return (
        bool(folded(row["lead_source"]))
        and read_month(row["month"]) is not None
        and read_money(row["spend"]) is not None
    )


def read_month(text: str | None) -> date | None:
    """First day of the month of a date or month."""
    for pattern in MONTH_FORMATS:
        try:
            return (
                datetime.strptime((text or "").strip(), pattern).date().replace(day=1)
            )
        except ValueError:
            continue
    return None


def read_money(text: str | None) -> Fraction | None:
    """Dollars, written with or without a sign and thousands' commas."""
    try:
        number = Decimal((text or "").replace("$", "").replace(",", "").strip())
    except InvalidOperation:
        return None
    return Fraction(number) if number.is_finite() else None
