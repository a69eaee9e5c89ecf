"""How far each lead came, when, and what it cost and brought."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction

from tests.rill.reference.clock import Clock, days_between
from tests.rill.reference.leads import Lead, Loan
from tests.rill.reference.settings import Settings

LAST_ORDER = 8
APPROVED_ORDER = 5


def low_order(lead: Lead) -> int:
    """Order of the current stage, 0 if it has none."""
    return lead.order or 0


def evidence_order(lead: Lead) -> int:
    """The furthest that stage, history or a loan proves."""
    orders = [low_order(lead)]
    orders += [stay.order for stay in lead.stays if stay.order is not None]
    orders += [APPROVED_ORDER for loan in lead.loans if loan.status == "Approved"]
    orders += [LAST_ORDER for loan in lead.loans if loan.is_closed]
    return max(orders)


def high_order(lead: Lead) -> int:
    """The furthest that it can have come."""
    unknown = lead.stage is None or lead.stage.is_disqualified
    return LAST_ORDER if unknown else evidence_order(lead)


def reached_at(lead: Lead, order: int, clock: Clock) -> datetime | None:
    """The first proof, at or after creation, of having come this far."""
    proofs = [
        stay.entered_at
        for stay in lead.stays
        if stay.order is not None and stay.order >= order
    ]
    if lead.order is not None and lead.order >= order and lead.stage_entered_at:
        proofs.append(lead.stage_entered_at)
    if order <= APPROVED_ORDER:
        for loan in lead.loans:
            if loan.status in ("Approved", "Closed"):
                days = [day for day in (loan.locked_on, loan.closed_on) if day]
                proofs += [clock.day_start(day) for day in days]
    return min((at for at in proofs if at >= lead.created_at), default=None)


def first(lead: Lead, kind: str, manual_only: bool = False) -> datetime | None:
    """Time of a lead's first event of a kind."""
    return min(times(lead, kind, manual_only), default=None)


def last(lead: Lead, kind: str, manual_only: bool = False) -> datetime | None:
    """Time of a lead's last event of a kind."""
    return max(times(lead, kind, manual_only), default=None)


def times(lead: Lead, kind: str, manual_only: bool = False) -> list[datetime]:
    """Times of a lead's events of a kind."""
    return [
        event.time
        for event in lead.events
        if event.kind == kind and (event.is_manual or not manual_only)
    ]


def since_creation(lead: Lead, moment: datetime | None) -> timedelta | None:
    """From creation to a moment; None where that would be negative."""
    if moment is None or moment < lead.created_at:
        return None
    return moment - lead.created_at


def closed_loans(lead: Lead) -> list[Loan]:
    """A lead's Closed loans."""
    return [loan for loan in lead.loans if loan.is_closed]


def funded_on(lead: Lead) -> date | None:
    """Earliest known closing date of a Closed loan."""
    days = [loan.closed_on for loan in closed_loans(lead) if loan.closed_on]
    return min(days, default=None)


def is_undated(lead: Lead) -> bool:
    """Funded, but nobody knows when."""
    return bool(closed_loans(lead)) and funded_on(lead) is None


def funded_within(lead: Lead, days: int) -> bool:
    """Funded between 0 and that many company days after creation."""
    day = funded_on(lead)
    return day is not None and 0 <= days_from_creation(lead, day) <= days


def days_from_creation(lead: Lead, day: date) -> int:
    """Whole company days from creation to a date."""
    return days_between(lead.created_local.date(), day)


def revenue(loan: Loan, settings: Settings) -> Fraction:
    """What a Closed loan brings."""
    return (loan.amount or Fraction(0)) * settings.revenue_basis_points / 10_000


def is_open(lead: Lead) -> bool:
    """Whether somebody should still be working the lead."""
    over = lead.is_disqualified or lead.stage_exited_at or closed_loans(lead)
    return not over


def is_awaiting_reply(lead: Lead) -> bool:
    """Whether the borrower wrote after the last message of a person."""
    replied_at = last(lead, "Responded")
    answered_at = last(lead, "Sent", manual_only=True)
    return replied_at is not None and (answered_at is None or replied_at > answered_at)


def opt_out_times(lead: Lead) -> list[datetime]:
    """When the lead opted out of an enrollment, as far as that is known."""
    times = [enrollment.opted_out_at for enrollment in lead.enrollments]
    return [moment for moment in times if moment is not None]


def last_activity(lead: Lead) -> datetime:
    """The last sign of a person: not what a campaign sends by itself."""
    moments = [lead.created_at, lead.stage_entered_at]
    moments += [e.time for e in lead.events if e.is_manual or e.kind == "Responded"]
    return max(moment for moment in moments if moment)


def is_stale(lead: Lead, clock: Clock, settings: Settings) -> bool:
    """Open and without a sign of a person for longer than its group allows."""
    if not is_open(lead):
        return False
    group = lead.stage.group if lead.stage else "new"
    days = getattr(settings, f"stale_days_{group}")
    return clock.as_of - last_activity(lead) > timedelta(days=days)
