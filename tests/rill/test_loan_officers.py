"""Loan officers: workload and results."""

from __future__ import annotations

import pytest

from launcher.duckdb.engine import DuckDBEngine
from tests.rill.conftest import Execute
from tests.rill.rows import UTC, by, funded, lead, merged, total, user


def test_officers_without_leads_count(march: DuckDBEngine) -> None:
    """Loads 3, 3, 0: deviation root 2 over mean 2 = 0.7071, not a perfect 0."""
    assert total(march, "loan_officers", "workload_cv") == pytest.approx(0.5**0.5)
    loads = by(march, "loan_officers", "open_workload", "loan_officer")
    assert loads == {"Ann Archer": 3, "Ben Brook": 3, "Cat Cole": 0, "Dan Dale": 0}


@pytest.fixture
def unequal_officers() -> dict[str, list[dict]]:
    """Ann with 2 of 2 funded, Bob with 30 of 100; all leads have aged."""
    leads = [lead(n, "2025-01-10", assigned_to=1) for n in (1, 2)]
    leads += [lead(n, "2025-01-10", assigned_to=2) for n in range(3, 103)]
    users = {"users": [user(1, "Ann Lee"), user(2, "Bob Ray")], "prospects": leads}
    return merged(users, funded(32, "2025-02-01"))


def test_team_rates_are_sums_over_sums(
    execute: Execute, unequal_officers: dict[str, list[dict]]
) -> None:
    """(2 + 30) / (2 + 100) = 31.4 %, not the mean of 100 % and 30 %."""
    emulation = execute(
        unequal_officers, {"loan_officers"}, as_of="2025-12-01T00:00:00Z", **UTC
    )
    rate = total(emulation, "loan_officers", "funded_rate_cohort")
    assert rate == pytest.approx(32 / 102)


def test_small_samples_do_not_win_by_luck(
    execute: Execute, unequal_officers: dict[str, list[dict]]
) -> None:
    """2 of 2 is at least 34.2 %, 30 of 100 at least 21.9 %; n stands beside it.

    For 2 of 2: (1 + 3.8415/4 - 1.96 x root(3.8415/16)) / (1 + 3.8415/2) = 0.342.
    """
    emulation = execute(unequal_officers, as_of="2025-12-01T00:00:00Z", **UTC)
    view, bound = "loan_officers", "funded_rate_cohort_lower_bound"
    bounds = by(emulation, view, bound, "loan_officer")
    assert bounds == pytest.approx({"Ann Lee": 0.342, "Bob Ray": 0.219}, abs=0.0005)
    sizes = by(emulation, view, "assigned_leads", "loan_officer")
    assert sizes == {"Ann Lee": 2, "Bob Ray": 100}
