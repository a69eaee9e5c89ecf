"""One row per rate lock, planned closing or pre-approval that falls due."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from tests.rill.reference import milestones as m
from tests.rill.reference.clock import days_between
from tests.rill.reference.numbers import count, count_of, largest, smallest, total
from tests.rill.reference.views.open_pipeline import prospect_dimensions

if TYPE_CHECKING:
    from tests.rill.reference.leads import Lead, Loan
    from tests.rill.reference.world import World

LOCK, CLOSING, PRE_APPROVAL = "Rate lock ends", "Planned closing", "Pre-approval ages"
# How many days overdue a row may be and still be listed.
OVERDUE_DAYS = {LOCK: 7, CLOSING: 7, PRE_APPROVAL: 60}
PRE_APPROVED_ORDER = 5
PRE_APPROVED_ORDERS = (5, 6)


def rows(world: World) -> list[dict[str, Any]]:
    """Facts of everything that falls due soon, or was due not long ago."""
    found = []
    for lead in world.leads:
        if lead.is_disqualified:
            continue
        for loan in lead.loans:
            found += loan_rows(lead, loan, world)
        due = pre_approval_due(lead, world)
        if due and is_listed(PRE_APPROVAL, due, world):
            found.append(facts(lead, PRE_APPROVAL, due, world))
    return found


def loan_rows(lead: Lead, loan: Loan, world: World) -> list[dict[str, Any]]:
    """The lock and the planned closing; the earlier one carries the amount."""
    if loan.is_closed:
        return []
    due = {}
    if loan.locked_on:
        due[LOCK] = loan.locked_on + timedelta(days=world.settings.lock_days)
    if loan.closing_plan:
        due[CLOSING] = loan.closing_plan
    listed = {name: day for name, day in due.items() if is_listed(name, day, world)}
    # Of two on one day min() takes the first one, the lock.
    earliest = min(listed, key=lambda name: listed[name], default=None)
    return [
        {
            **facts(lead, name, day, world),
            "amount": loan.amount if name == earliest else None,
        }
        for name, day in listed.items()
    ]


def pre_approval_due(lead: Lead, world: World) -> date | None:
    """The day on which an open lead's pre-approval is too old."""
    if not m.is_open(lead) or lead.order not in PRE_APPROVED_ORDERS:
        return None
    if any(loan.applied_on for loan in lead.loans):
        return None
    stays = [s.entered_at for s in lead.stays if s.order == PRE_APPROVED_ORDER]
    since = max(stays, default=lead.stage_entered_at)
    if since is None:
        return None
    valid = timedelta(days=world.settings.pre_approval_days_valid)
    return world.clock.day(since) + valid


def is_listed(deadline: str, due: date, world: World) -> bool:
    """Whether a day lies neither too far back nor too far ahead."""
    days_left = days_between(world.clock.as_of_day, due)
    return -OVERDUE_DAYS[deadline] <= days_left <= world.settings.deadline_days


def facts(lead: Lead, deadline: str, due: date, world: World) -> dict[str, Any]:
    """One row; the amount is empty unless a loan gives it."""
    days_left = days_between(world.clock.as_of_day, due)
    return {
        "deadline": deadline,
        "due_bucket": due_bucket(days_left),
        "due_on": due.isoformat(),
        **prospect_dimensions(lead),
        **lead.dimensions(),
        "state": lead.details.state_label,
        "do_not_call": lead.do_not_call_label,
        "overdue": days_left < 0,
        "days_left": days_left,
        "days_late": -days_left,
        "amount": None,
    }


def due_bucket(days_left: int) -> str:
    """How soon that is."""
    if days_left < 0:
        return "1: overdue"
    if days_left == 0:
        return "2: today"
    return "3: next 7 days" if days_left <= 7 else "4: later"


MEASURES = {
    "deadlines": count(),
    "overdue_deadlines": count_of("overdue"),
    "deadline_volume": total("amount"),
    "days_left": smallest("days_left"),
    "days_late": largest("days_late"),
}
