"""One row per message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.rill.reference.milestones import opt_out_times
from tests.rill.reference.numbers import Rows, count, count_of, divide, share
from tests.rill.reference.quiet_hours import (
    is_outside_hours,
    is_text_or_call,
    local_hour,
)

if TYPE_CHECKING:
    from tests.rill.reference.events import Message
    from tests.rill.reference.world import World

AXIS = "sent_at"


def rows(world: World) -> list[dict[str, Any]]:
    """Facts of each message."""
    return [
        {
            **dimensions(message, world),
            **delivery(message),
            **reading(message, world.settings.machine_event_seconds),
            **consent(message),
            **quiet_hours(message, world),
        }
        for message in world.messages
    ]


def dimensions(message: Message, world: World) -> dict[str, Any]:
    """What messages can be grouped by."""
    sent = world.clock.local(message.sent_at)
    return {
        "campaign": message.touch.campaign,
        "channel": message.touch.channel,
        "touch_order": message.touch.order,
        "touch": message.touch.label,
        **message.lead.people_dimensions(),
        "sent_at": sent,
        "sent_weekday": f"{sent:%A}",
        "sent_hour": f"{sent:%H}",
        "state": message.lead.details.state_label,
        "zone_basis": message.lead.details.zone_basis,
        "local_hour": local_hour(message),
    }


def delivery(message: Message) -> dict[str, Any]:
    """Whether it arrived."""
    email = message.touch.channel == "Email"
    linked = email or message.touch.channel == "SMS"
    return {
        "delivered_raw": message.has("Delivered"),
        "delivered": message.is_delivered,
        "email_delivered": email and message.is_delivered,
        "linked_delivered": linked and message.is_delivered,
        "responded": message.has("Responded"),
    }


def reading(message: Message, machine_seconds: int) -> dict[str, Any]:
    """Opens and clicks, as stored and without machines."""
    email = message.touch.channel == "Email"
    linked = email or message.touch.channel == "SMS"
    raw = {event.kind for event in message.events}
    human = {event.kind for event in message.human_events(machine_seconds)}
    return {
        "opened": email and bool(raw & {"Opened", "Clicked"}),
        "opened_human": email and bool(human & {"Opened", "Clicked"}),
        "clicked": linked and "Clicked" in raw,
        "clicked_human": linked and "Clicked" in human,
        "email_clicked": email and "Clicked" in raw,
        "email_clicked_human": email and "Clicked" in human,
    }


def consent(message: Message) -> dict[str, Any]:
    """Opt-outs it caused or came too late for."""
    sent_at = message.first("Sent")
    opt_outs = opt_out_times(message.lead)
    return {
        "ended": message.ended_by_opt_out,
        "too_late": sent_at is not None and any(sent_at > at for at in opt_outs),
        "do_not_call": sent_at is not None and message.lead.do_not_call is True,
    }


def quiet_hours(message: Message, world: World) -> dict[str, Any]:
    """Whether it rang or buzzed at night where the borrower lives."""
    rings = is_text_or_call(message) and message.has("Sent")
    has_zone = message.lead.details.zone is not None
    return {
        "zone_known": rings and has_zone,
        "zone_unknown": rings and not has_zone,
        "outside_hours": rings
        and any(
            is_outside_hours(message, sent_at, world.settings)
            for sent_at in message.sent_times
        ),
    }


def opt_outs_per_1000(rows: Rows) -> float | None:
    """Messages ended by an opt-out per thousand delivered."""
    delivered = sum(1 for row in rows if row["delivered"])
    return divide(1000 * sum(1 for row in rows if row["ended"]), delivered)


MEASURES = {
    "messages_sent": count(),
    "delivery_rate_raw": share("delivered_raw"),
    "delivery_rate": share("delivered"),
    "open_rate_raw": share("opened", "email_delivered"),
    "open_rate_filtered": share("opened_human", "email_delivered"),
    "click_rate_raw": share("clicked", "linked_delivered"),
    "click_rate_filtered": share("clicked_human", "linked_delivered"),
    "click_to_open_rate_raw": share("email_clicked", "opened"),
    "click_to_open_rate_filtered": share("email_clicked_human", "opened_human"),
    "message_response_rate": share("responded", "delivered"),
    "opt_outs": count_of("ended"),
    "opt_outs_per_1000": opt_outs_per_1000,
    "sent_after_opt_out": count_of("too_late"),
    "sent_to_do_not_call": count_of("do_not_call"),
    "sent_outside_hours": count_of("outside_hours"),
    "sent_outside_hours_share": share("outside_hours", "zone_known"),
    "sent_zone_unknown": count_of("zone_unknown"),
}
