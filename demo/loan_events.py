"""The loans of the demo: what is asked for, applied for, locked and funded."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from demo.business_hours import local
from demo.lead import Lead
from demo.profiles import credit

# Market rate in percent at the start of the year and a year later.
_RATE_THEN, _RATE_NOW = 7.05, 6.35


def requested_loan(rng: Random) -> dict[str, Any]:
    """Return the loan that a borrower asks for, as strings of the wire."""
    purchase = rng.random() < 0.64
    value = round(rng.lognormvariate(12.86, 0.34), -3)
    if purchase:
        ltv = rng.choice((0.80, 0.90, 0.95, 0.965, 0.97, rng.uniform(0.6, 0.93)))
    else:
        ltv = min(0.95, max(0.35, rng.gauss(0.66, 0.13)))
    amount = round(value * ltv / 500) * 500
    kind = "Purchase" if purchase else rng.choice(("Refinance",) * 3 + ("Cash Out",))
    return {
        "loan_amount": _money(rng, amount),
        "property_value": _money(rng, value),
        "loan_type": kind,
        "loan_purpose": kind,
    }


def apply_for_loan(lead: Lead, at: datetime) -> None:
    """File the application, mostly around the pre-approval."""
    rng = lead.rng
    if rng.random() < 0.1:
        return
    day = local(at) + timedelta(days=rng.choice((-2, -1, 0, 0, 0, 1)))
    fields: dict[str, Any] = {}
    if not lead.life.fields.get("mortgage"):
        fields.update(requested_loan(rng))
        fields.update(credit(lead.life.prospect_id, lead.life.fields["state"]))
    if rng.random() < 0.05:
        fields["property_value"] = None
    elif rng.random() < 0.012:
        # A zero is missing, as happens to typed numbers.
        fields["property_value"] = "42000"
        fields["loan_amount"] = "336000"
    fields["application_date"] = f"{day:%Y-%m-%d}T00:00:00.000000Z"
    if rng.random() < 0.93:
        fields["interest_rate"] = _rate(lead, at)
    if rng.random() < 0.07:
        # A hope, typed in early; on a lead that is left lying it passes by.
        hoped = local(at) + timedelta(days=45)
        fields["close_date"] = f"{_business_day(hoped):%Y-%m-%d}"
    lead.life.mortgage(at, **fields)


def lock_rate(lead: Lead, at: datetime) -> None:
    """Lock the rate and plan the closing."""
    rng = lead.rng
    planned = local(at) + timedelta(days=rng.uniform(28, 34))
    lead.life.mortgage(
        at,
        rate_is_locked=rng.choice((1, 1, "Yes")),
        rate_lock_date=f"{local(at):%Y-%m-%d}",
        interest_rate=_rate(lead, at),
        close_date=f"{_business_day(planned):%Y-%m-%d}",
    )


def postpone(lead: Lead, at: datetime, closing: datetime) -> None:
    """Plan the closing for a later day."""
    lead.life.mortgage(at, close_date=f"{_business_day(local(closing)):%Y-%m-%d}")


def fund(lead: Lead, at: datetime) -> None:
    """Close the loan on a business day."""
    rng = lead.rng
    fields: dict[str, Any] = {"close_date": f"{_business_day(local(at)):%Y-%m-%d}"}
    if rng.random() < 0.03:
        # Nobody entered the lock; the date alone says that it closed.
        fields.update(rate_is_locked=0, rate_lock_date=None)
    lead.life.mortgage(at, **fields)


def withdraw(lead: Lead, at: datetime) -> None:
    """Take back a planned closing and the lock, if there were any."""
    if lead.life.has_loan_dates():
        lead.life.mortgage(at, rate_is_locked=0, rate_lock_date=None, close_date=None)


def _rate(lead: Lead, at: datetime) -> str:
    rng = lead.rng
    share = min(1.0, max(0.0, (at - lead.year_start).days / 365))
    rate = _RATE_THEN + (_RATE_NOW - _RATE_THEN) * share + rng.gauss(0, 0.22)
    rate = round(rate * 8) / 8
    return f"{rate:.3f}%" if rng.random() < 0.06 else f"{rate:.3f}"


def _money(rng: Random, amount: float) -> str:
    luck = rng.random()
    if luck < 0.05:
        return f"${amount:,.0f}"
    return f"{amount:.2f}" if luck < 0.2 else f"{amount:.0f}"


def _business_day(day: datetime) -> datetime:
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day
