"""One row per source and month, from costs and leads."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tests.rill.reference.numbers import Rows, add, divide, total
from tests.rill.reference.people import NO_SOURCE

if TYPE_CHECKING:
    from tests.rill.reference.world import World

AXIS = "month"


def rows(world: World) -> list[dict[str, Any]]:
    """Spend and leads side by side."""
    arrived = Counter((lead.source_id, lead.created_month) for lead in world.leads)
    labels: dict[Any, str] = {lead.source_id: lead.lead_source for lead in world.leads}
    labels |= world.costs.labels
    labels[None] = NO_SOURCE
    found = []
    for source, month in set(arrived) | set(world.costs.spend):
        spend = world.costs.spend.get((source, month))
        net = world.costs.net((source, month))
        leads = arrived[source, month]
        found.append(
            {
                "lead_source": labels[source],
                "month": month,
                "leads": leads,
                "spend": spend,
                "credits": world.costs.credits.get((source, month)),
                "net": net,
                "allocated": part(net, leads > 0),
                "unallocated": part(net, leads == 0),
            }
        )
    return found


def part(net: Fraction | None, applies: bool) -> Fraction | None:
    """The net spend if it applies, else nothing of it; unknown stays unknown."""
    if net is None:
        return None
    return net if applies else Fraction(0)


def number_of_leads(rows: Rows) -> int:
    """Leads, 0 on no rows."""
    return sum(row["leads"] for row in rows)


MEASURES = {
    "spend": total("spend"),
    "leads": number_of_leads,
    "blended_cost_per_lead": lambda rows: divide(
        add([row["net"] for row in rows]), number_of_leads(rows)
    ),
    "allocated_spend": total("allocated"),
    "unallocated_spend": total("unallocated"),
    "credits": total("credits"),
    "net_spend": total("net"),
}
