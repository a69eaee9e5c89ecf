"""Ten leads, every measure counted by hand, through the SQL that Rill executes."""

from __future__ import annotations

import math

import pytest

from launcher.duckdb.engine import DuckDBEngine
from tests.rill import golden
from tests.rill.compare import differences, key_text
from tests.rill.reference import VIEWS, Settings, World

NUMBERS = golden.expected()


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number.name)
def test_number(ten_leads: dict[str, DuckDBEngine], number: golden.Expected) -> None:
    """The measure is what the arithmetic beside it says."""
    dimensions = [number.dimension] if number.dimension else []
    rows = ten_leads[number.moment].measures(number.view, dimensions, [number.measure])
    found = [
        row[number.measure]
        for row in rows
        if not dimensions or key_text(row[number.dimension]) == number.key
    ]
    assert len(found) == 1, f"{number.dimension}={number.key} occurs {len(found)} times"
    assert agrees(found[0], number.value), f"{found[0]}: {number.why}"


def agrees(got: object, want: float | None) -> bool:
    """Equal but for the last bits; nothing equals only nothing."""
    if got is None or want is None:
        return got is want
    return math.isclose(float(got), want, rel_tol=1e-9, abs_tol=1e-12)


def test_every_measure_has_a_number() -> None:
    """No measure goes without a number that a person worked out."""
    counted = {(number.view, number.measure) for number in NUMBERS}
    measures = {(v, name) for v, module in VIEWS.items() for name in module.MEASURES}
    assert measures - counted == set()


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("moment", golden.MOMENTS)
def test_plain_calculation_agrees(
    ten_leads: dict[str, DuckDBEngine], moment: str, view: str
) -> None:
    """SQL and plain Python give the same, in total and by each dimension."""
    settings = Settings(as_of=golden.MOMENTS[moment], company_time_zone=golden.ZONE)
    world = World(golden.tables(), settings)
    assert differences(ten_leads[moment], world, view) == []
