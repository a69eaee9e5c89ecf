"""One row per Closed loan with a closing date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.rill.reference import milestones as m
from tests.rill.reference.clock import ONE_DAY, days_between, milliseconds
from tests.rill.reference.numbers import count, median, total

if TYPE_CHECKING:
    from tests.rill.reference.leads import Loan
    from tests.rill.reference.world import World

AXIS = "closed_on"


def rows(world: World) -> list[dict[str, Any]]:
    """Facts of each funding."""
    return [
        {
            "loan_type": loan.loan_type,
            **lead.people_dimensions(),
            "state": lead.details.state_label,
            "closed_on": loan.closed_on,
            "amount": loan.amount,
            "revenue": m.revenue(loan, world.settings),
            "from_application": from_application(loan),
        }
        for lead in world.leads
        for loan in m.closed_loans(lead)
        if loan.closed_on
    ]


def from_application(loan: Loan) -> float | None:
    """Milliseconds of the whole days from application to closing."""
    if loan.applied_on is None or loan.applied_on > loan.closed_on:
        return None
    return milliseconds(days_between(loan.applied_on, loan.closed_on) * ONE_DAY)


MEASURES = {
    "funded_units": count(),
    "funded_volume": total("amount"),
    "revenue": total("revenue"),
    "time_from_application_median": median("from_application"),
}
