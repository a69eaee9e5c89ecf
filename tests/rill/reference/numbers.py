"""Counts, ratios of sums and quantiles over rows, empty ones included."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

Rows = list[dict[str, Any]]
Measure = Callable[[Rows], Any]


def divide(part: Any, whole: Any) -> float | None:
    """Part over whole; nothing measured is None, never zero."""
    if part is None or whole is None or whole == 0:
        return None
    return float(Fraction(part) / Fraction(whole))


def add(values: list[Any]) -> Any:
    """The sum of what is known; None where nothing is."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def quantile(values: list[float], share: float) -> float | None:
    """The continuous quantile: linear between the two nearest values."""
    known = sorted(value for value in values if value is not None)
    if not known:
        return None
    position = Fraction(str(share)) * (len(known) - 1)
    below = math.floor(position)
    rest = position - below
    if rest == 0:
        return known[below]
    if math.isinf(known[below + 1]):
        return known[below + 1]
    return known[below] + (known[below + 1] - known[below]) * float(rest)


def count() -> Measure:
    """How many rows."""
    return len


def count_of(flag: str) -> Measure:
    """How many rows with the flag."""
    return lambda rows: sum(1 for row in rows if row[flag])


def share(part: str, whole: str | None = None) -> Measure:
    """Rows with both flags over rows with the second (or over all)."""

    def measure(rows: Rows) -> float | None:
        base = [row for row in rows if whole is None or row[whole]]
        return divide(sum(1 for row in base if row[part]), len(base))

    return measure


def total(field: str) -> Measure:
    """The sum of a field."""
    return lambda rows: add([row[field] for row in rows])


def mean(field: str) -> Measure:
    """The plain mean of a field over the rows where it is known."""

    def measure(rows: Rows) -> float | None:
        known = [row[field] for row in rows if row[field] is not None]
        return divide(sum(known), len(known))

    return measure


def quantile_of(field: str, at: float) -> Measure:
    """A quantile of a field over the rows where it is known."""
    return lambda rows: quantile([row[field] for row in rows], at)


def median(field: str) -> Measure:
    """The median of a field over the rows where it is known."""
    return quantile_of(field, 0.5)


def p90(field: str) -> Measure:
    """The 90th percentile of a field over the rows where it is known."""
    return quantile_of(field, 0.9)


def largest(field: str) -> Measure:
    """The largest known value of a field."""

    def measure(rows: Rows) -> Any:
        known = [row[field] for row in rows if row[field] is not None]
        return max(known, default=None)

    return measure


def smallest(field: str) -> Measure:
    """The smallest known value of a field."""

    def measure(rows: Rows) -> Any:
        known = [row[field] for row in rows if row[field] is not None]
        return min(known, default=None)

    return measure


def distinct(field: str, flag: str | None = None) -> Measure:
    """How many different values of a field, among rows with the flag."""
    return lambda rows: len({row[field] for row in rows if flag is None or row[flag]})


def share_of_distinct(field: str, part: str, whole: str) -> Measure:
    """Different values among rows with one flag over those with another."""
    return lambda rows: divide(
        distinct(field, part)(rows), distinct(field, whole)(rows)
    )


def wilson_lower_bound(successes: int, trials: int) -> float | None:
    """The lower end of the 95 % Wilson interval."""
    if trials == 0:
        return None
    z = 1.959964
    p = successes / trials
    spread = z * math.sqrt(p * (1 - p) / trials + z * z / (4 * trials * trials))
    return (p + z * z / (2 * trials) - spread) / (1 + z * z / trials)
