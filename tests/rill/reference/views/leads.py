"""One row per prospect."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.rill.reference import milestones as m
from tests.rill.reference.clock import ONE_DAY, milliseconds, within
from tests.rill.reference.numbers import (
    Measure,
    Rows,
    count,
    divide,
    median,
    p90,
    quantile,
    share,
    total,
)

if TYPE_CHECKING:
    from tests.rill.reference.leads import Lead
    from tests.rill.reference.world import World

AXIS = "created_at"
ORDERS = range(1, 9)
FIVE_MINUTES = timedelta(minutes=5)
ONE_HOUR = timedelta(hours=1)


def rows(world: World) -> list[dict[str, Any]]:
    """Facts of each lead."""
    return [
        {
            **dimensions(lead),
            **flags(lead, world),
            **reach(lead),
            **contact(lead, world),
            **speed(lead),
            **cohorts(lead, world),
            **money(lead, world),
        }
        for lead in world.leads
    ]


def dimensions(lead: Lead) -> dict[str, Any]:
    """What the leads can be grouped by."""
    return {
        **lead.dimensions(),
        "created_at": lead.created_local,
        "do_not_call": lead.do_not_call_label,
        "speed_bucket": speed_bucket(lead),
        "created_weekday": f"{lead.created_local:%A}",
        "created_hour": f"{lead.created_local:%H}",
        "is_duplicate": "yes" if lead.is_duplicate else "no",
        **lead.detail_dimensions(),
        "tag": lead.tags,
    }


def speed_bucket(lead: Lead) -> str:
    """How soon after creation the first touch came."""
    touched_at = m.first(lead, "Sent")
    if touched_at is None:
        return "5: never"
    if touched_at < lead.created_at:
        return "6: unknown"
    speed = touched_at - lead.created_at
    if speed <= FIVE_MINUTES:
        return "1: up to 5 min"
    if speed <= ONE_HOUR:
        return "2: up to 1 h"
    return "3: up to 24 h" if speed <= ONE_DAY else "4: later"


def flags(lead: Lead, world: World) -> dict[str, Any]:
    """Flags as stored, and whether messages arrive."""
    return {
        "duplicate": lead.is_duplicate,
        "dnc": lead.do_not_call is True,
        "dnc_unknown": lead.do_not_call is None,
        "contactable": lead.do_not_call is not True,
        "disqualified": lead.is_disqualified,
        "has_messages": bool(lead.messages),
        "undelivered": is_undelivered(lead),
        "bad_contact": lead.is_duplicate or has_dead_contact(lead, world),
    }


def is_undelivered(lead: Lead) -> bool:
    """Whether it has campaign messages, none of them delivered."""
    return bool(lead.messages) and not any(one.is_delivered for one in lead.messages)


def has_dead_contact(lead: Lead, world: World) -> bool:
    """Whether nothing arrived though the first message is a day old."""
    if not is_undelivered(lead):
        return False
    first_sent_at = min(message.sent_at for message in lead.messages)
    return world.clock.as_of - first_sent_at >= ONE_DAY


def reach(lead: Lead) -> dict[str, Any]:
    """How far it came, three ways."""
    return {
        "low": m.low_order(lead),
        "evidence": m.evidence_order(lead),
        "high": m.high_order(lead),
    }


def contact(lead: Lead, world: World) -> dict[str, Any]:
    """Whether and when the borrower answered."""
    replied_at = m.first(lead, "Responded")
    since = m.since_creation(lead, replied_at)
    window = timedelta(days=world.settings.contact_days)
    aged = world.clock.is_aged(lead.created_at, world.settings.contact_days)
    return {
        "contacted": replied_at is not None,
        "contacted_in_window": within(since, window),
        "aged_contact": aged,
        "aged_contactable": aged and lead.do_not_call is not True,
        "contacted_24h": within(since, ONE_DAY),
        "speed_to_contact": ms(since),
        "response_time": ms(response_time(lead)),
        "human_response": ms(human_response(lead)),
    }


def response_time(lead: Lead) -> timedelta | None:
    """From the first touch to the first reply, where both make sense."""
    touched = m.since_creation(lead, m.first(lead, "Sent"))
    replied = m.since_creation(lead, m.first(lead, "Responded"))
    if touched is None or replied is None or replied < touched:
        return None
    return replied - touched


def human_response(lead: Lead) -> timedelta | None:
    """From the first reply to the first manual message after it."""
    replied_at = m.first(lead, "Responded")
    if m.since_creation(lead, replied_at) is None:
        return None
    answers = m.times(lead, "Sent", manual_only=True)
    later = [answer for answer in answers if answer > replied_at]
    return min(later) - replied_at if later else None


def speed(lead: Lead) -> dict[str, Any]:
    """How soon somebody wrote."""
    touched_at = m.first(lead, "Sent")
    touch = m.since_creation(lead, touched_at)
    human = m.since_creation(lead, m.first(lead, "Sent", manual_only=True))
    return {
        "speed": ms(touch),
        "speed_or_never": float("inf") if touched_at is None else ms(touch),
        "touched_5m": within(touch, FIVE_MINUTES),
        "touched_1h": within(touch, ONE_HOUR),
        "never_touched": touched_at is None,
        "human_speed": ms(human),
        "human_1h": within(human, ONE_HOUR),
    }


def cohorts(lead: Lead, world: World) -> dict[str, Any]:
    """What happened within a window, of leads that are old enough."""
    days = world.settings
    window = timedelta(days=days.pre_approval_days)
    reached = {
        order: m.since_creation(lead, m.reached_at(lead, order, world.clock))
        for order in (4, 5)
    }
    funded = m.funded_on(lead)
    to_fund = None if funded is None else m.days_from_creation(lead, funded)
    aged_pre_approval = world.clock.is_aged(lead.created_at, days.pre_approval_days)
    aged_funded = world.clock.is_aged(lead.created_at, days.funded_days)
    return {
        "aged_pre_approval": aged_pre_approval,
        "pre_qual": within(reached[4], window),
        "pre_approval": within(reached[5], window),
        "aged_funded": aged_funded,
        "aged_and_dated": world.counts_for_funding(lead),
        "applied": applied_within(lead, days.funded_days),
        "funded": bool(m.closed_loans(lead)),
        "funded_in_window": m.funded_within(lead, days.funded_days),
        "time_to_pre_approval": ms(reached[5]) if aged_pre_approval else None,
        "time_to_fund": milliseconds(to_fund * ONE_DAY)
        if aged_funded and to_fund is not None and to_fund >= 0
        else None,
    }


def applied_within(lead: Lead, days: int) -> bool:
    """Whether an application came within that many days of creation."""
    return any(
        0 <= m.days_from_creation(lead, loan.applied_on) <= days
        for loan in lead.loans
        if loan.applied_on
    )


def money(lead: Lead, world: World) -> dict[str, Any]:
    """Cost and revenue."""
    earned = [m.revenue(loan, world.settings) for loan in m.closed_loans(lead)]
    return {
        "cost": lead.allocated_cost,
        "is_paid_for": lead.is_paid_for,
        "revenue": sum(earned),
    }


def ms(span: timedelta | None) -> float | None:
    """Milliseconds of a span that may be unknown."""
    return None if span is None else milliseconds(span)


def reached(kind: str, order: int) -> Measure:
    """How many leads came at least this far."""
    return lambda rows: sum(1 for row in rows if row[kind] >= order)


def step(start: int, end: int) -> Measure:
    """Leads that came as far as one order over those that came to another."""
    return lambda rows: divide(
        reached("evidence", end)(rows), reached("evidence", start)(rows)
    )


def median_with_never(rows: Rows) -> float | None:
    """Median speed with the never touched as infinitely slow."""
    middle = quantile([row["speed_or_never"] for row in rows], 0.5)
    return None if middle == float("inf") else middle


def cost_per(part: str, cohort: str | None = None) -> Measure:
    """Cost of a cohort over its members with a flag."""

    def measure(rows: Rows) -> float | None:
        base = [row for row in rows if cohort is None or row[cohort]]
        return divide(total("cost")(base), sum(1 for row in base if row[part]))

    return measure


def roas(cohort: str | None = None) -> Measure:
    """Revenue over net cost, of leads that money was spent on.

    A cost that came back whole or more leaves nothing to divide by.
    """

    def measure(rows: Rows) -> float | None:
        base = [r for r in rows if r["is_paid_for"] and (cohort is None or r[cohort])]
        cost = total("cost")(base)
        if cost is None or cost <= 0:
            return None
        return divide(total("revenue")(base), cost)

    return measure


def roi(cohort: str | None = None) -> Measure:
    """Gain over net cost, of leads that money was spent on."""

    def measure(rows: Rows) -> float | None:
        ratio = roas(cohort)(rows)
        return None if ratio is None else ratio - 1

    return measure


def contribution(rows: Rows) -> Any:
    """Revenue less cost; unknown where either is."""
    revenue, cost = total("revenue")(rows), total("cost")(rows)
    return None if revenue is None or cost is None else revenue - cost


MEASURES = {
    "new_leads": count(),
    "duplicate_rate": share("duplicate"),
    "dnc_share": share("dnc"),
    "dnc_unknown_share": share("dnc_unknown"),
    "disqualified_share_to_date": share("disqualified"),
    **{f"reached_{k}": reached("evidence", k) for k in ORDERS},
    **{f"reached_{k}_low": reached("low", k) for k in ORDERS},
    **{f"reached_{k}_high": reached("high", k) for k in ORDERS},
    **{f"step_conversion_{k}": step(k, k + 1) for k in ORDERS if k < 8},
    **{f"cumulative_conversion_{k}": step(1, k) for k in ORDERS if k > 1},
    "contact_rate_to_date": share("contacted"),
    "contact_rate_cohort": share("contacted_in_window", "aged_contact"),
    "contact_rate_contactable_cohort": share("contacted_in_window", "aged_contactable"),
    "pre_qual_rate_cohort": share("pre_qual", "aged_pre_approval"),
    "pre_approval_rate_cohort": share("pre_approval", "aged_pre_approval"),
    "lead_to_application_cohort": share("applied", "aged_funded"),
    "undelivered_share": share("undelivered", "has_messages"),
    "bad_contact_share": share("bad_contact"),
    "funded_share_to_date": share("funded"),
    "lead_to_funded_cohort": share("funded_in_window", "aged_and_dated"),
    "speed_to_first_touch_median": median("speed"),
    "speed_to_first_touch_p90": p90("speed"),
    "speed_to_first_touch_median_all": median_with_never,
    "touched_within_5m_share": share("touched_5m"),
    "touched_within_1h_share": share("touched_1h"),
    "never_touched_share": share("never_touched"),
    "human_speed_to_lead_median": median("human_speed"),
    "human_speed_to_lead_p90": p90("human_speed"),
    "human_touched_within_1h_share": share("human_1h"),
    "speed_to_contact_median": median("speed_to_contact"),
    "speed_to_contact_p90": p90("speed_to_contact"),
    "contacted_within_24h_share": share("contacted_24h"),
    "lead_response_time_median": median("response_time"),
    "lead_response_time_p90": p90("response_time"),
    "reply_to_human_response_median": median("human_response"),
    "time_to_pre_approval_median": median("time_to_pre_approval"),
    "time_to_pre_approval_p90": p90("time_to_pre_approval"),
    "time_to_fund_median": median("time_to_fund"),
    "time_to_fund_p90": p90("time_to_fund"),
    "allocated_cost": total("cost"),
    "cost_per_lead": lambda rows: divide(total("cost")(rows), len(rows)),
    "cost_per_contact_to_date": cost_per("contacted"),
    "cost_per_pre_approval_to_date": lambda rows: divide(
        total("cost")(rows), reached("evidence", 5)(rows)
    ),
    "cost_per_funded_to_date": cost_per("funded"),
    "cost_per_funded_cohort": cost_per("funded_in_window", "aged_and_dated"),
    "revenue_to_date": total("revenue"),
    "revenue_per_lead_to_date": lambda rows: divide(total("revenue")(rows), len(rows)),
    "contribution_to_date": contribution,
    "roas_to_date": roas(),
    "roi_to_date": roi(),
    "roi_cohort": roi("aged_funded"),
}
