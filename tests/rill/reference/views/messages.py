"""One row per message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.rill.reference.numbers import Rows, count, count_of, divide, share

if TYPE_CHECKING:
    from tests.rill.reference.events import Message
    from tests.rill.reference.world import World

AXIS = "sent_at"
DIMENSIONS = (
    "campaign",
    "channel",
    "touch_order",
    "touch",
    "lead_source",
    "loan_officer",
    "team",
    "sent_weekday",
    "sent_hour",
)


def rows(world: World) -> list[dict[str, Any]]:
    """Facts of each message."""
    return [
        {
            **dimensions(message, world),
            **delivery(message),
            **reading(message, world.settings.machine_event_seconds),
            **consent(message),
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
    opt_outs = [
        one.opted_out_at for one in message.lead.enrollments if one.opted_out_at
    ]
    return {
        "ended": message.ended_by_opt_out,
        "too_late": sent_at is not None and any(sent_at > at for at in opt_outs),
        "do_not_call": message.lead.do_not_call is True,
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
}
