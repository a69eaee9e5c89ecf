"""One row per assignment to a campaign."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.rill.reference.clock import milliseconds
from tests.rill.reference.numbers import (
    count,
    distinct,
    median,
    p90,
    share,
    share_of_distinct,
)

if TYPE_CHECKING:
    from tests.rill.reference.events import Enrollment
    from tests.rill.reference.world import World

AXIS = "assigned_at"
TOUCHES = range(1, 7)


def rows(world: World) -> list[dict[str, Any]]:
    """Facts of each enrollment."""
    return [
        {
            "campaign": enrollment.campaign,
            **enrollment.lead.people_dimensions(),
            "assigned_at": world.clock.local(enrollment.assigned_at),
            "prospect_id": enrollment.lead.prospect_id,
            "again": is_again(enrollment),
            **outcome(enrollment),
            **answers(enrollment, world),
            **advance(enrollment, world),
        }
        for enrollment in world.enrollments
    ]


def is_again(enrollment: Enrollment) -> bool:
    """Whether the prospect had been in this campaign before."""
    own = (enrollment.assigned_at, enrollment.assignment_id)
    return any(
        (other.assigned_at, other.assignment_id) < own
        for other in enrollment.lead.enrollments
        if other.campaign_id == enrollment.campaign_id
    )


def outcome(enrollment: Enrollment) -> dict[str, Any]:
    """How it ended, and whether anybody heard of it."""
    answered = any(message.has("Responded") for message in enrollment.messages)
    completed = enrollment.status == "Completed"
    opted_out = enrollment.status == "Opted Out"
    return {
        "answered": answered,
        "answered_net": answered and not opted_out,
        "delivered": any(message.is_delivered for message in enrollment.messages),
        "completed": completed,
        "opted_out": opted_out,
        "ended": completed or opted_out,
        "unanswered": not answered,
    }


def answers(enrollment: Enrollment, world: World) -> dict[str, Any]:
    """At which step and how soon the borrower answered."""
    orders = [
        touch.order
        for touch in world.touches.values()
        if touch.campaign_id == enrollment.campaign_id and touch.campaign_id is not None
    ]
    first_step = min(orders, default=None)
    answered = [one for one in enrollment.messages if one.has("Responded")]
    earliest = min(
        answered,
        key=lambda one: (one.first("Responded"), one.touch.order),
        default=None,
    )
    return {
        "first_step_delivered": any(
            one.is_delivered and one.touch.order == first_step
            for one in enrollment.messages
        ),
        **{
            f"answered_by_{k}": any(one.touch.order <= k for one in answered)
            for k in TOUCHES
        },
        "touches_to_response": earliest and earliest.touch.order,
        "response_time": response_time(enrollment),
    }


def response_time(enrollment: Enrollment) -> float | None:
    """Milliseconds from the first Sent to the first Responded."""
    sent = [event.time for event in enrollment.events if event.kind == "Sent"]
    replied = [event.time for event in enrollment.events if event.kind == "Responded"]
    if not sent or not replied or min(replied) < min(sent):
        return None
    return milliseconds(min(replied) - min(sent))


def advance(enrollment: Enrollment, world: World) -> dict[str, Any]:
    """Whether the lead moved up after it was enrolled."""
    stays = enrollment.lead.stays
    start = enrollment.assigned_at
    window = timedelta(days=world.settings.contact_days)
    before = [stay for stay in stays if stay.entered_at <= start]
    order = before[-1].order if before else None
    counts = order is not None and world.clock.is_aged(
        start, world.settings.contact_days
    )
    advanced = counts and any(
        stay.order is not None
        and stay.order > order
        and stay.entered_at - start <= window
        for stay in stays[len(before) :]
    )
    return {"may_advance": counts, "advanced": advanced}


MEASURES = {
    "enrollments": count(),
    "prospects_enrolled": distinct("prospect_id"),
    "re_enrollment_rate": share("again"),
    "enrollment_response_rate": share("answered", "delivered"),
    "prospect_response_rate": share_of_distinct("prospect_id", "answered", "delivered"),
    "net_prospect_response_rate": share_of_distinct(
        "prospect_id", "answered_net", "delivered"
    ),
    "opt_out_rate": share("opted_out"),
    "completion_rate": share("completed", "ended"),
    "completed_unanswered_share": share("unanswered", "completed"),
    "enrollment_response_time_median": median("response_time"),
    "enrollment_response_time_p90": p90("response_time"),
    **{
        f"answered_by_touch_{k}": share(f"answered_by_{k}", "first_step_delivered")
        for k in TOUCHES
    },
    "touches_to_response_median": median("touches_to_response"),
    "advance_after_enrollment_rate_cohort": share("advanced", "may_advance"),
}
