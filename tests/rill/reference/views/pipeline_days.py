"""Open leads at the end of each day, by stage, officer, team and source."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any

from tests.rill.reference import milestones as m
from tests.rill.reference.clock import ONE_DAY
from tests.rill.reference.numbers import Rows, divide
from tests.rill.reference.views.stage_stays import stage_dimensions

if TYPE_CHECKING:
    from tests.rill.reference.leads import Lead
    from tests.rill.reference.world import World

AXIS = "day"


def rows(world: World) -> list[dict[str, Any]]:
    """Each slice on each day, zeros included."""
    slices = {
        tuple({**stage_dimensions(stay), **lead.people_dimensions()}.items())
        for lead in world.leads
        for stay in lead.stays
        if stay.order is not None
    }
    found = []
    for day in days(world):
        open_leads = Counter(open_slices(world, day))
        for one in slices:
            found.append({**dict(one), "day": day, "open": open_leads[one]})
    return found


def days(world: World) -> list[date]:
    """From the first observation to the last day that has ended."""
    clock = world.clock
    seen = [
        stay.first_seen_at
        for lead in world.leads
        for stay in lead.stays
        if stay.first_seen_at
    ]
    if not seen:
        return []
    found, day = [], clock.day(min(seen))
    while clock.day_end(day) <= clock.as_of:
        found.append(day)
        day += ONE_DAY
    return found


def open_slices(world: World, day: date) -> list[tuple]:
    """The slice of every lead that is open when a day ends.

    What is entered at that very midnight begins the next day.
    """
    midnight = world.clock.day_start(day + ONE_DAY)
    found = []
    for lead in world.leads:
        entered = [stay for stay in lead.stays if stay.entered_at < midnight]
        if entered and entered[-1].order is not None and not is_funded(lead, day):
            stage = stage_dimensions(entered[-1])
            found.append(tuple({**stage, **lead.people_dimensions()}.items()))
    return found


def is_funded(lead: Lead, day: date) -> bool:
    """Whether a loan was closed by then."""
    funded = m.funded_on(lead)
    return funded is not None and funded <= day


def average(rows: Rows) -> float | None:
    """Open leads per day."""
    return divide(sum(row["open"] for row in rows), len({row["day"] for row in rows}))


MEASURES = {"avg_daily_open": average}
