"""Loans: status, value, rate and closings."""

from __future__ import annotations

import pytest

from launcher.duckdb.engine import DuckDBEngine
from tests.rill.conftest import Execute
from tests.rill.rows import UTC, by, dates, lead, loan, total, user


def test_loans_do_not_fan_out(march: DuckDBEngine) -> None:
    """Loans of leads with several messages count once: 400+300+200+500 thousand.

    Joined to messages, lead 2 alone would add its 300 thousand again.
    """
    assert total(march, "loans", "volume") == 1_400_000
    assert sum(by(march, "loans", "volume", "loan_officer").values()) == 1_400_000


def test_ltv_uses_the_same_loans_above_and_below(march: DuckDBEngine) -> None:
    """(80 + 93.75 + 80) / 3 = 84.58 %, weighted 1,001,250 / 1,200,000 = 83.44 %.

    With the 200 thousand of the loan without a value it would be 96.9 %.
    """
    assert total(march, "loans", "ltv_mean") == pytest.approx(2.5375 / 3)
    assert total(march, "loans", "ltv_weighted") == pytest.approx(0.834375)


def test_unknown_rates_are_no_zero_rates(march: DuckDBEngine) -> None:
    """(2.6 + 2.1 + 3.0) / 1.2 million = 6.417 %, not 7.7 / 1.4 = 5.5 %."""
    assert total(march, "loans", "wac") == pytest.approx(7.7 / 1.2)


def test_an_officer_with_wins_only_has_them_all(execute: Execute) -> None:
    """One Closed and nothing else is 1 / 1, and 1 / 2 with another's Approved."""
    tables = {
        "users": [user(1, "Ann Lee"), user(2, "Bob Ray")],
        "prospects": [
            lead(1, "2026-01-01", assigned_to=1),
            lead(2, "2026-01-01", assigned_to=2),
        ],
        "loans": [
            loan(1, 1, "Closed", "2026-01-01"),
            loan(2, 2, "Approved", "2026-01-01"),
        ],
    }
    emulation = execute(tables, {"loans"}, as_of="2026-02-01T00:00:00Z", **UTC)
    rates = by(emulation, "loans", "approved_to_funded_share", "loan_officer")
    assert rates == {"Ann Lee": 1, "Bob Ray": 0}
    assert total(emulation, "loans", "approved_to_funded_share") == 1 / 2


def test_loan_to_value_bands(execute: Execute) -> None:
    """80 and 95 % are inside their bands, 200 % still counts, more is unknown.

    LTVs: 0.8, 0.8001, 0.95, 0.9501, 2; 2.0001 counts nowhere.
    """
    amounts = (80_000, 80_010, 95_000, 95_010, 200_000, 200_010)
    tables = {
        "prospects": [lead(1, "2026-01-01")],
        "loans": [
            loan(
                n,
                1,
                "Pending",
                "2026-01-01",
                loan_amount=amount,
                property_value=100_000,
            )
            for n, amount in enumerate(amounts, 1)
        ],
    }
    emulation = execute(tables, {"loans"}, as_of="2026-02-01T00:00:00Z", **UTC)
    assert by(emulation, "loans", "loans", "ltv_band") == {
        "up to 80 %": 1,
        "80-95 %": 2,
        "over 95 %": 2,
        "unknown": 1,
    }
    assert total(emulation, "loans", "high_ltv_80_share") == 4 / 5
    assert total(emulation, "loans", "high_ltv_95_share") == 2 / 5
    mean = total(emulation, "loans", "ltv_mean")
    assert mean == pytest.approx((0.8 + 0.8001 + 0.95 + 0.9501 + 2) / 5)


def test_rates_that_count(execute: Execute) -> None:
    """0 and 25.1 % are typing errors; 25 % counts: (25 + 5) / 2."""
    rates = (0, 5, 25, 25.1)
    tables = {
        "prospects": [lead(1, "2026-01-01")],
        "loans": [
            loan(n, 1, "Pending", "2026-01-01", interest_rate=rate)
            for n, rate in enumerate(rates, 1)
        ],
    }
    emulation = execute(tables, {"loans"}, as_of="2026-02-01T00:00:00Z", **UTC)
    assert total(emulation, "loans", "rate_mean") == 15
    assert total(emulation, "loans", "wac") is None


def test_planned_closings_turn_real_at_the_months_end(execute: Execute) -> None:
    """31 January: closed that day is funded; 2 March is 30 days off, the 3rd 31."""
    numbers = (1, 2, 3)
    tables = {
        "prospects": [lead(n, "2026-01-01 12:00") for n in numbers],
        "loans": [
            loan(1, 1, "Closed", "2026-01-01 12:00"),
            loan(2, 2, "Approved", "2026-01-01 12:00"),
            loan(3, 3, "Approved", "2026-01-01 12:00"),
        ],
        "loan_dates": [
            dates(1, closed_on="2026-01-31"),
            dates(2, closed_on="2026-03-02"),
            dates(3, closed_on="2026-03-03"),
        ],
    }
    emulation = execute(tables, {"fundings", "loans"}, as_of="2026-01-31")
    assert total(emulation, "fundings", "funded_units") == 1
    assert total(emulation, "loans", "expected_closings_30d") == 1
    day_before = execute(tables, {"fundings", "loans"}, as_of="2026-01-30")
    assert total(day_before, "fundings", "funded_units") == 0
    assert total(day_before, "loans", "funded_units_to_date") == 1
