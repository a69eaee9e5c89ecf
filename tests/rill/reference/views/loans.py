"""One row per loan."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tests.rill.reference.clock import days_between
from tests.rill.reference.numbers import (
    Rows,
    add,
    count,
    count_of,
    divide,
    mean,
    share,
    total,
)

if TYPE_CHECKING:
    from tests.rill.reference.clock import Clock
    from tests.rill.reference.leads import Loan
    from tests.rill.reference.world import World

AXIS = "created_at"
EIGHTY, NINETY_FIVE = Fraction(80, 100), Fraction(95, 100)
CLOSING_DAYS = 30


def rows(world: World) -> list[dict[str, Any]]:
    """Facts of each loan."""
    return [
        {
            "loan_type": loan.loan_type,
            "loan_status": loan.status,
            "ltv_band": ltv_band(loan),
            **lead.people_dimensions(),
            **lead.detail_dimensions(),
            "created_at": world.clock.local(loan.created_at),
            **progress(loan, world),
            **risk(loan),
        }
        for lead in world.leads
        for loan in lead.loans
    ]


def ltv_band(loan: Loan) -> str:
    """The band of amount over value."""
    if loan.ltv is None:
        return "unknown"
    if loan.ltv <= EIGHTY:
        return "up to 80 %"
    return "80-95 %" if loan.ltv <= NINETY_FIVE else "over 95 %"


def progress(loan: Loan, world: World) -> dict[str, Any]:
    """How far the loan has come."""
    locked = not loan.is_closed and loan.locked_on is not None
    return {
        "amount": loan.amount,
        "approved_or_beyond": loan.status in ("Approved", "Closed"),
        "closed": loan.is_closed,
        "closed_amount": loan.amount if loan.is_closed else None,
        "locked": locked,
        "locked_amount": loan.amount if locked else None,
        "closing_soon": is_closing_soon(loan, world.clock),
        **pull_through(loan, world),
    }


def is_closing_soon(loan: Loan, clock: Clock) -> bool:
    """Not Closed, and planned within thirty days after today."""
    if loan.is_closed or loan.closing_plan is None:
        return False
    return 0 < days_between(clock.as_of_day, loan.closing_plan) <= CLOSING_DAYS


def pull_through(loan: Loan, world: World) -> dict[str, Any]:
    """Funded within the window after the application."""
    window = world.settings.funded_days
    applied = loan.applied_on
    aged = (
        applied is not None and days_between(applied, world.clock.as_of_day) >= window
    )
    undated = loan.is_closed and loan.closed_on is None
    return {
        "applied_long_ago": aged and not undated,
        "pulled_through": applied is not None
        and loan.is_closed
        and loan.closed_on is not None
        and 0 <= days_between(applied, loan.closed_on) <= window,
    }


def risk(loan: Loan) -> dict[str, Any]:
    """Loan to value, and the rate."""
    both = loan.rate is not None and loan.amount is not None
    return {
        "ltv": loan.ltv,
        "has_ltv": loan.ltv is not None,
        "ltv_times_amount": None if loan.ltv is None else loan.ltv * loan.amount,
        "ltv_amount": None if loan.ltv is None else loan.amount,
        "over_80": loan.ltv is not None and loan.ltv > EIGHTY,
        "over_95": loan.ltv is not None and loan.ltv > NINETY_FIVE,
        "rate": loan.rate,
        "rate_times_amount": loan.rate * loan.amount if both else None,
        "rate_amount": loan.amount if both else None,
    }


def weighted(part: str, weight: str) -> Any:
    """A mean weighted by amount."""

    def measure(rows: Rows) -> float | None:
        return divide(
            add([row[part] for row in rows]), add([row[weight] for row in rows])
        )

    return measure


MEASURES = {
    "loans": count(),
    "loan_amount_avg": mean("amount"),
    "volume": total("amount"),
    "approved_or_beyond_share": share("approved_or_beyond"),
    "approved_to_funded_share": share("closed", "approved_or_beyond"),
    "funded_units_to_date": count_of("closed"),
    "funded_volume_to_date": total("closed_amount"),
    "pull_through_cohort": share("pulled_through", "applied_long_ago"),
    "locked_units": count_of("locked"),
    "locked_volume": total("locked_amount"),
    "expected_closings_30d": count_of("closing_soon"),
    "ltv_mean": mean("ltv"),
    "ltv_weighted": weighted("ltv_times_amount", "ltv_amount"),
    "high_ltv_80_share": share("over_80", "has_ltv"),
    "high_ltv_95_share": share("over_95", "has_ltv"),
    "rate_mean": mean("rate"),
    "wac": weighted("rate_times_amount", "rate_amount"),
}
