"""What a bench finds: figures of several runs, each held against its goal."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Ratio:
    """One figure, measured once per run; the median of the runs meets the goal or not.

    Mostly a ratio of two measurements of the same run, so that the machine's speed
    cancels out. `at_least` or `at_most` is the goal; with neither the figure is for
    the reader alone. Without `values` it was not measured, and `note` says why.
    """

    name: str
    values: tuple[float, ...]
    at_least: float | None = None
    at_most: float | None = None
    unit: str = ""
    note: str = ""

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is met; None without a goal or without values."""
        if not self.values or (self.at_least is None and self.at_most is None):
            return None
        middle = median(self.values)
        return (self.at_least is None or middle >= self.at_least) and (
            self.at_most is None or middle <= self.at_most
        )

    @property
    def goal(self) -> str:
        """The goal as text."""
        if self.at_least is not None:
            return f"≥ {self.at_least:g}{self.unit}"
        return "" if self.at_most is None else f"≤ {self.at_most:g}{self.unit}"

    @property
    def spread(self) -> str:
        """Smallest, middle and largest value as text."""
        if not self.values:
            return "not measured"
        three = (min(self.values), median(self.values), max(self.values))
        return " – ".join(map(_rounded, three)) + self.unit


def _rounded(value: float) -> str:
    """Return three significant digits, and no exponent."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


@dataclass(frozen=True)
class Scale:
    """How large an account a bench works with, and how often it measures."""

    prospects: int
    engagements: int
    runs: int = 3
