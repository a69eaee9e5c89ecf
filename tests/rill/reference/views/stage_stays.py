"""One row per row of the stage history."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.rill.reference.clock import milliseconds
from tests.rill.reference.numbers import count, median, p90, share
from tests.rill.reference.people import NO_STAGE

if TYPE_CHECKING:
    from tests.rill.reference.leads import Lead, Stay
    from tests.rill.reference.world import World

AXIS = "entered_at"


def rows(world: World) -> list[dict[str, Any]]:
    """Facts of each stay."""
    return [
        {
            **stage_dimensions(stay),
            **lead.people_dimensions(),
            "entered_at": world.clock.local(stay.entered_at),
            **succession(lead, number),
            **advance(lead, number, world),
        }
        for lead in world.leads
        for number, stay in enumerate(lead.stays)
    ]


def stage_dimensions(stay: Stay) -> dict[str, Any]:
    """The stay's own stage."""
    return {
        "stage": stay.stage.name if stay.stage else NO_STAGE,
        "stage_group": stay.stage.group if stay.stage else "none",
    }


def succession(lead: Lead, number: int) -> dict[str, Any]:
    """What came next."""
    stay = lead.stays[number]
    later = lead.stays[number + 1 :]
    following = later[0] if later else None
    ordered = stay.order is not None
    disqualified = stay.stage is not None and stay.stage.is_disqualified
    next_order = following and following.order
    next_ordered = next_order is not None
    return {
        "ordered_with_next": ordered and following is not None,
        "both_ordered": ordered and next_ordered,
        "went_back": ordered and next_ordered and next_order < stay.order,
        "next_disqualified": following is not None
        and following.stage is not None
        and following.stage.is_disqualified,
        "disqualified": disqualified,
        "next_ordered": next_ordered,
        "time": following and milliseconds(following.entered_at - stay.entered_at),
    }


def advance(lead: Lead, number: int, world: World) -> dict[str, Any]:
    """Whether a first stay led to a higher stage in time."""
    stay = lead.stays[number]
    days = world.settings.advance_days
    orders = [one.order for one in world.stages.values() if one.order is not None]
    last_order = max(orders, default=0)
    is_first = all(one.stage_id != stay.stage_id for one in lead.stays[:number])
    counts = (
        stay.order is not None
        and stay.order < last_order
        and is_first
        and world.clock.is_aged(stay.entered_at, days)
    )
    higher = [
        later
        for later in lead.stays[number + 1 :]
        if later.order is not None
        and stay.order is not None
        and later.order > stay.order
        and later.entered_at - stay.entered_at <= timedelta(days=days)
    ]
    return {"may_advance": counts, "advanced": bool(higher)}


MEASURES = {
    "stays": count(),
    "advance_rate_cohort": share("advanced", "may_advance"),
    "regression_rate": share("went_back", "both_ordered"),
    "disqualified_rate": share("next_disqualified", "ordered_with_next"),
    "reactivation_rate": share("next_ordered", "disqualified"),
    "time_in_stage_median": median("time"),
    "time_in_stage_p90": p90("time"),
}
