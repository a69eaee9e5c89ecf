"""Spend and credits of lead sources, and each lead's part of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from fractions import Fraction

from tests.rill.reference.cells import read_credits, read_money, read_month
from tests.rill.reference.clock import Clock
from tests.rill.reference.csv_files import CsvFile, clean, fold, read_csv_file
from tests.rill.reference.leads import Lead

NEEDED = ("lead_source", "month", "spend")


class Costs:
    """Readable rows of the cost file up to as_of.

    `spend` (gross) and `credits` map (source id or folded unknown name, month) to
    dollars; `labels` gives the text for each of those sources.
    """

    def __init__(self, tables: dict, clock: Clock) -> None:
        self.sources: dict[str, dict] = {}
        for row in sorted(tables["lead_sources"], key=lambda r: r["lead_source_id"]):
            self.sources.setdefault(fold(row["source_name"]), row)
        self.file: CsvFile = read_csv_file(tables["lead_source_costs"], NEEDED)
        self.rows = self.file.rows
        self.unreadable = [row for row in self.rows if not is_readable(row)]
        self.spend: dict[tuple, Fraction] = defaultdict(Fraction)
        self.credits: dict[tuple, Fraction] = defaultdict(Fraction)
        self.labels: dict[int | str, str] = {}
        self.readable: list[dict] = []
        for row in self.rows:
            if is_readable(row) and self._is_there(row, clock):
                self._add(row)

    def _add(self, row: dict) -> None:
        self.readable.append(row)
        source = self.key(row["lead_source"])
        self.labels.setdefault(source, self._label(row["lead_source"]))
        key = source, read_month(row["month"])
        self.spend[key] += read_money(row["spend"])
        self.credits[key] += read_credits(row.get("credits"))

    @staticmethod
    def _is_there(row: dict, clock: Clock) -> bool:
        return clock.as_of_day is not None and (
            read_month(row["month"]) <= clock.as_of_day.replace(day=1)
        )

    def key(self, name: str) -> int | str:
        """A known source's id, else the folded name."""
        source = self.sources.get(fold(name))
        return source["lead_source_id"] if source else fold(name)

    def _label(self, name: str) -> str:
        source = self.sources.get(fold(name))
        return source["source_name"] if source else clean(name)

    def net(self, key: tuple) -> Fraction | None:
        """Spend less credits of a source-month; None without a cost row."""
        return self.spend[key] - self.credits[key] if key in self.spend else None

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
                lead.allocated_cost = (self.net(key) or Fraction(0)) / sizes[key]
                lead.is_paid_for = key in self.spend and self.spend[key] > 0


def is_readable(row: dict) -> bool:
    """Say whether source, month, spend and credits can all be read.

    More values than columns mean that an amount fell apart at its comma.
    """
    return (
        bool(fold(row.get("lead_source")))
        and "extra" not in row
        and read_month(row.get("month")) is not None
        and read_money(row.get("spend")) is not None
        and read_credits(row.get("credits")) is not None
    )
