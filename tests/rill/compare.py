"""What the SQL answers against what the plain calculation says."""

from __future__ import annotations

import math
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from launcher.duckdb.engine import DuckDBEngine
from tests.rill.names import PROMISED
from tests.rill.reference import VIEWS, World, calculate
from tests.rill.reference.views import as_moment, between, grouped

# A slice in which nothing is ever open may be there with 0 or not at all.
ZERO_IS_ABSENT = {"avg_daily_open"}
SPANS = {"time_since_reply", "time_in_stage"}


def differences(emulation: DuckDBEngine, world: World, view: str) -> list[str]:
    """Sentences, one per differing value: total, by dimension and by time."""
    if view == "data_trust":
        return trust_differences(emulation, world)
    rows = VIEWS[view].rows(world)
    found = differing(emulation.measures(view), grouped(view, rows), view)
    for dimension in PROMISED[view].dimensions:
        answer = emulation.measures(view, [dimension])
        found += differing(answer, grouped(view, rows, dimension), view, dimension)
    if hasattr(VIEWS[view], "AXIS"):
        found += axis_differences(emulation, world, view, rows)
    return found


def trust_differences(emulation: DuckDBEngine, world: World) -> list[str]:
    """The same check by check; checks that the calculation lacks are ignored."""
    expected = calculate(world, "data_trust", "check_name")
    answer = [
        row
        for row in emulation.measures("data_trust", ["check_name"])
        if row["check_name"] in expected
    ]
    return differing(answer, expected, "data_trust", "check_name")


def axis_differences(
    emulation: DuckDBEngine, world: World, view: str, rows: list[dict]
) -> list[str]:
    """The same for the axis itself and for a span of 30 days on it."""
    axis = VIEWS[view].AXIS
    model = emulation.views[view].body["model"]
    answer = emulation.connection.execute(f'select "{axis}" from "{model}"').fetchall()
    expected = Counter(as_moment(row[axis]) for row in rows)
    moments = Counter(as_moment(moment) for (moment,) in answer)
    if view == "pipeline_days":
        expected, moments = Counter(set(expected)), Counter(set(moments))
    found = [
        f"{view}.{axis}: {moments[moment]} rows at {moment},"
        f" expected {expected[moment]}"
        for moment in sorted(expected.keys() | moments.keys())
        if expected[moment] != moments[moment]
    ]
    if expected:
        start, end = span(expected)
        answer = emulation.measures(view, start=start, end=end)
        wanted = grouped(view, between(view, rows, start, end))
        found += differing(answer, wanted, f"{view} in {start} to {end}")
    return found


def span(moments: Counter[datetime]) -> tuple[datetime, datetime]:
    """Thirty days from the day of the middle row on."""
    middle = sorted(moments.elements())[moments.total() // 2]
    start = middle.replace(hour=0, minute=0, second=0, microsecond=0)
    return start, start + timedelta(days=30)


def differing(
    answer: list[dict[str, Any]],
    expected: dict[Any, dict[str, Any]],
    label: str,
    dimension: str | None = None,
) -> list[str]:
    """Sentences for the values of one grouping that differ."""
    by_key = {key_text(row[dimension]) if dimension else None: row for row in answer}
    wanted = {key_text(key): values for key, values in expected.items()}
    found = []
    if len(by_key) != len(answer):
        found.append(f"{label} by {dimension}: a value occurs twice")
    for key in sorted(by_key.keys() | wanted.keys(), key=str):
        where = f"{label} by {dimension}={key}" if dimension else label
        measures = next(iter(expected.values()), by_key.get(key, {}))
        for name in measures:
            if name == dimension:
                continue
            got = by_key.get(key, {}).get(name, "no row")
            want = wanted.get(key, {}).get(name, "no row")
            if not same(name, got, want):
                found.append(f"{where}: {name} is {got}, expected {show(want)}")
    return found


def key_text(value: Any) -> str | None:
    """A dimension's value as a text."""
    return None if value is None else str(value)


def show(value: Any) -> Any:
    """A number as people read it."""
    return value if value is None or isinstance(value, str) else float(value)


def same(name: str, got: Any, want: Any) -> bool:
    """Whether two values are the same but for the last bits."""
    if name in ZERO_IS_ABSENT:
        got, want = (0 if value == "no row" else value for value in (got, want))
    if got is None or want is None or "no row" in (got, want):
        return got is want or got == want
    # Durations are told in milliseconds, cut at either end.
    slack = 1.0 if is_duration(name) else 1e-9
    return math.isclose(float(got), float(want), rel_tol=1e-9, abs_tol=slack)


def is_duration(name: str) -> bool:
    """Whether a measure is a span of time."""
    told = name.endswith(("_median", "_p90", "_median_all")) or name in SPANS
    return told and name != "touches_to_response_median"
