"""One row per officer."""

from __future__ import annotations

from datetime import timedelta
from statistics import mean, pstdev
from typing import TYPE_CHECKING, Any

from tests.rill.reference import milestones as m
from tests.rill.reference.numbers import (
    Rows,
    add,
    count,
    count_of,
    divide,
    quantile,
    total,
    wilson_lower_bound,
)

if TYPE_CHECKING:
    from tests.rill.reference.leads import Lead
    from tests.rill.reference.people import Officer
    from tests.rill.reference.world import World

RECENT = timedelta(days=28)
WORKING_DAYS = 20


def rows(world: World) -> list[dict[str, Any]]:
    """Facts of each officer, those without a lead included."""
    owned: dict[int, list[Lead]] = {}
    for lead in world.leads:
        if lead.owner:
            owned.setdefault(lead.owner.user_id, []).append(lead)
    if world.roster:
        officers = [one for one in world.officers.values() if one.in_roster]
    else:
        officers = [world.officers[user_id] for user_id in owned]
    return [facts(one, owned.get(one.user_id, []), world) for one in officers]


def facts(officer: Officer, leads: list[Lead], world: World) -> dict[str, Any]:
    """Numbers of one officer, over the leads they own now."""
    cohort = [lead for lead in leads if world.counts_for_funding(lead)]
    enrollments = [one for lead in leads for one in lead.enrollments]
    closed = [loan for lead in leads for loan in m.closed_loans(lead)]
    days = world.settings.funded_days
    now = world.clock.as_of
    return {
        "loan_officer": officer.label,
        "team": officer.team,
        "is_active": "yes" if officer.is_active else "no",
        "active": officer.is_active,
        "leads": len(leads),
        "open": sum(1 for lead in leads if m.is_open(lead)),
        "stale": sum(
            1 for lead in leads if m.is_stale(lead, world.clock, world.settings)
        ),
        "funded": sum(1 for lead in leads if m.closed_loans(lead)),
        "cohort": len(cohort),
        "cohort_funded": sum(1 for lead in cohort if m.funded_within(lead, days)),
        "cohort_expected": sum(lead.expected_conversion for lead in cohort),
        "funded_volume": add([loan.amount for loan in closed]),
        "enrollments": len(enrollments),
        "opt_outs": sum(1 for one in enrollments if one.status == "Opted Out"),
        "do_not_call": sum(1 for lead in leads if lead.do_not_call is True),
        "recent": sum(1 for lead in leads if now - lead.created_at <= RECENT),
    }


def ratio(part: str, whole: str) -> Any:
    """Sum over sum."""
    return lambda rows: divide(total(part)(rows), total(whole)(rows))


def active_loads(rows: Rows) -> list[int]:
    """Open leads of each active officer."""
    return [row["open"] for row in rows if row["active"]]


def workload_cv(rows: Rows) -> float | None:
    """Spread of the open leads over active officers; 0 is even."""
    loads = active_loads(rows)
    return divide(pstdev(loads), mean(loads)) if loads else None


def top_officer_share(rows: Rows) -> float | None:
    """The largest load over all of them."""
    loads = active_loads(rows)
    return divide(max(loads), sum(loads)) if loads else None


def max_to_median(rows: Rows) -> float | None:
    """The largest load over the middle one."""
    loads = active_loads(rows)
    return divide(max(loads), quantile(loads, 0.5)) if loads else None


def lower_bound(rows: Rows) -> float | None:
    """What the funded rate is at least, with 95 % confidence."""
    return wilson_lower_bound(
        sum(row["cohort_funded"] for row in rows), sum(row["cohort"] for row in rows)
    )


def leads_per_officer_day(rows: Rows) -> float | None:
    """Recent leads of active officers per officer and working day."""
    active = [row for row in rows if row["active"]]
    return divide(sum(row["recent"] for row in active), len(active) * WORKING_DAYS)


def plain_sum(field: str) -> Any:
    """A count that is 0 on nothing."""
    return lambda rows: sum(row[field] for row in rows)


MEASURES = {
    "officers": count(),
    "active_officers": count_of("active"),
    "open_workload": plain_sum("open"),
    "workload_cv": workload_cv,
    "top_officer_share": top_officer_share,
    "max_to_median": max_to_median,
    "assigned_leads": plain_sum("leads"),
    "funded_leads": plain_sum("funded"),
    "funded_rate_cohort": ratio("cohort_funded", "cohort"),
    "funded_rate_cohort_lower_bound": lower_bound,
    "mix_index_cohort": ratio("cohort_funded", "cohort_expected"),
    "funded_volume_to_date": total("funded_volume"),
    "stale_share": ratio("stale", "open"),
    "opt_out_rate": ratio("opt_outs", "enrollments"),
    "dnc_share": ratio("do_not_call", "leads"),
    "new_leads_per_officer_day": leads_per_officer_day,
}
