"""One row per enrollment and touch of its campaign that has come due."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.rill.reference.clock import milliseconds
from tests.rill.reference.numbers import count, median, share

if TYPE_CHECKING:
    from tests.rill.reference.events import Enrollment, Touch
    from tests.rill.reference.world import World

AXIS = "due_at"


def rows(world: World) -> list[dict[str, Any]]:
    """Facts of each due touch."""
    in_use = first_uses(world)
    replaced = replacements(world)
    return [
        facts(enrollment, touch, due_at, world)
        for enrollment in world.enrollments
        for touch, due_at in schedule(enrollment, world)
        if world.clock.has_come(due_at)
        and is_running(enrollment, due_at)
        and touch.touch_id in in_use
        and due_at >= in_use[touch.touch_id]
        and not (
            touch.touch_id in replaced
            and enrollment.assigned_at > replaced[touch.touch_id]
        )
    ]


def schedule(enrollment: Enrollment, world: World) -> list[tuple[Touch, datetime]]:
    """Each touch of the enrollment's campaign with its due time."""
    touches = [
        touch
        for touch in world.touches.values()
        if touch.campaign_id is not None and touch.campaign_id == enrollment.campaign_id
    ]
    return [
        (touch, enrollment.assigned_at + timedelta(minutes=waiting(touch, touches)))
        for touch in touches
    ]


def waiting(touch: Touch, touches: list[Touch]) -> int:
    """Minutes from the enrollment to a touch."""
    return sum(other.delay for other in touches if other.order <= touch.order)


def is_running(enrollment: Enrollment, due_at: datetime) -> bool:
    """Whether the enrollment had neither ended nor been answered by then."""
    ended_at = enrollment.completed_at
    if ended_at is None and enrollment.status != "Active":
        times = [event.time for event in enrollment.events]
        ended_at = max(times, default=enrollment.assigned_at)
    if ended_at is not None and ended_at <= due_at:
        return False
    return not any(
        event.kind == "Responded" and event.time < due_at for event in enrollment.events
    )


def first_uses(world: World) -> dict[str, datetime]:
    """For each touch ever sent, from when on it can have been missed."""
    slack = timedelta(hours=world.settings.dropped_hours)
    uses: dict[str, datetime] = {}
    for message in world.messages:
        start = message.sent_at - slack
        uses[message.touch.touch_id] = min(
            start, uses.get(message.touch.touch_id, start)
        )
    return uses


def replacements(world: World) -> dict[str, datetime]:
    """Steps that a campaign no longer has, each with the last start that got it.

    A campaign that is saved again gets new steps. The loader does not see that; it
    shows in a later enrollment that began with a step which nobody enrolled before
    was sent. Steps that the user listed stay in use.
    """
    found = {}
    for touch in world.touches.values():
        campaign = [e for e in world.enrollments if e.campaign_id == touch.campaign_id]
        starts = [e.assigned_at for e in campaign if touch in steps_sent(e)]
        if touch.touch_id not in world.derived_touches or not starts:
            continue
        last_start = max(starts)
        later = [e for e in campaign if e.assigned_at > last_start and e.messages]
        known = {
            step
            for e in campaign
            if e.assigned_at <= last_start
            for step in steps_sent(e)
        }
        if any(steps_sent(e)[0] not in known for e in later):
            found[touch.touch_id] = last_start
    return found


def steps_sent(enrollment: Enrollment) -> list[Touch]:
    """The steps that an enrollment was sent, the first one first."""
    messages = sorted(
        enrollment.messages,
        key=lambda one: (one.sent_at, one.touch.order, one.touch.touch_id),
    )
    return [message.touch for message in messages]


def facts(
    enrollment: Enrollment, touch: Touch, due_at: datetime, world: World
) -> dict[str, Any]:
    """Whether it was sent, and when."""
    clock, settings = world.clock, world.settings
    sent = [one.sent_at for one in enrollment.messages if one.touch == touch]
    sent_at = sent[0] if sent else None
    latest = due_at + timedelta(minutes=settings.on_time_minutes)
    return {
        "campaign": enrollment.campaign,
        "channel": touch.channel,
        "touch_order": touch.order,
        "touch": touch.label,
        **enrollment.lead.people_dimensions(),
        "due_at": clock.local(due_at),
        "countable": clock.has_come(latest),
        "on_time": sent_at is not None and sent_at <= latest,
        "could_be_dropped": clock.has_come(
            due_at + timedelta(hours=settings.dropped_hours)
        ),
        "unsent": sent_at is None,
        "lateness": milliseconds(sent_at - due_at)
        if sent_at is not None and sent_at >= due_at
        else None,
    }


MEASURES = {
    "due_touches": count(),
    "sent_on_time_rate": share("on_time", "countable"),
    "dropped_rate": share("unsent", "could_be_dropped"),
    "lateness_median": median("lateness"),
}
