"""One row per distinct reply."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.rill.reference.events import NO_CHANNEL
from tests.rill.reference.numbers import count, distinct

if TYPE_CHECKING:
    from tests.rill.reference.world import World

AXIS = "replied_at"


def rows(world: World) -> list[dict[str, Any]]:
    """Facts of each reply."""
    found = []
    for lead in world.leads:
        for event in lead.events:
            if event.kind != "Responded":
                continue
            at = world.clock.local(event.time)
            found.append(
                {
                    "campaign": event.campaign,
                    "channel": event.touch.channel if event.touch else NO_CHANNEL,
                    **lead.people_dimensions(),
                    "replied_at": at,
                    "reply_weekday": f"{at:%A}",
                    "reply_hour": f"{at:%H}",
                    "prospect_id": lead.prospect_id,
                }
            )
    return found


MEASURES = {"replies": count(), "replying_prospects": distinct("prospect_id")}
