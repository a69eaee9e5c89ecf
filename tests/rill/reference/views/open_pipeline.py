"""One row per open lead."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.rill.reference import milestones as m
from tests.rill.reference.call_list import (
    NOTHING_DUE,
    ranked,
    reason,
    reason_in_words,
)
from tests.rill.reference.clock import ONE_DAY, milliseconds
from tests.rill.reference.numbers import (
    count,
    count_of,
    divide,
    largest,
    median,
    p90,
    share,
    smallest,
    total,
)

if TYPE_CHECKING:
    from tests.rill.reference.leads import Lead, Loan
    from tests.rill.reference.world import World

QUALIFIED_ORDER = 4
AGE_BUCKETS = (
    (2, "0-2 d"),
    (7, "3-7 d"),
    (14, "8-14 d"),
    (30, "15-30 d"),
    (60, "31-60 d"),
)


def rows(world: World) -> list[dict[str, Any]]:
    """Facts of each open lead."""
    chances = funded_shares(world)
    in_order = ranked(world)
    return [
        {
            **facts(lead, world),
            **value(lead, chances),
            **call(lead, rank, world),
            "priority": len(in_order) + 1 - rank,
        }
        for rank, lead in enumerate(in_order, 1)
    ]


def facts(lead: Lead, world: World) -> dict[str, Any]:
    """Age, owner and who has to act."""
    now = world.clock.as_of
    entered_at = lead.stage_entered_at
    replied_at = m.last(lead, "Responded")
    stale = m.is_stale(lead, world.clock, world.settings)
    return {
        **lead.dimensions(),
        "age_bucket": age_bucket(entered_at and (now - entered_at) // ONE_DAY),
        "is_stale": "yes" if stale else "no",
        **prospect_dimensions(lead),
        **lead.detail_dimensions(),
        "tag": lead.tags,
        "unassigned": lead.owner is None,
        "inactive_owner": lead.owner is not None and not lead.owner.is_active,
        "age": entered_at and milliseconds(now - entered_at),
        "stale": stale,
        "awaiting": m.is_awaiting_reply(lead),
        "untouched": m.first(lead, "Sent") is None,
        "since_reply": replied_at and milliseconds(now - replied_at),
    }


def age_bucket(days: int | None) -> str:
    """The bucket of a number of whole days in the stage."""
    if days is None:
        return "unknown"
    return next((name for limit, name in AGE_BUCKETS if days <= limit), "60+ d")


def call(lead: Lead, rank: int, world: World) -> dict[str, Any]:
    """Whether to call, why, and in which order."""
    why_now = reason(lead, world.clock, world.settings)
    return {
        "why_now": why_now,
        "call_reason": reason_in_words(lead, world.clock, world.settings),
        "rank": rank,
        "due": why_now < NOTHING_DUE,
        "forbidden": why_now > NOTHING_DUE,
    }


def prospect_dimensions(lead: Lead) -> dict[str, Any]:
    """What names a single lead."""
    return {"prospect": label(lead), "prospect_id": lead.prospect_id}


def label(lead: Lead) -> str:
    """A name for the call list that is safe in a link."""
    names = [
        re.sub(r"[\[\]()|<>]", "", n or "") for n in (lead.first_name, lead.last_name)
    ]
    name = " ".join(part.strip() for part in names if part.strip())
    return f"{name or 'Prospect'} #{lead.prospect_id}"


def value(lead: Lead, chances: dict[int, float]) -> dict[str, Any]:
    """What the lead's open loan is worth."""
    qualified = lead.order is not None and lead.order >= QUALIFIED_ORDER
    loan = latest_open_loan(lead)
    amount = loan.amount if qualified and loan else None
    return {
        "value": amount,
        "value_unknown": qualified and amount is None,
        "weighted": None if amount is None else amount * chances[lead.order],
    }


def latest_open_loan(lead: Lead) -> Loan | None:
    """The newest loan that is not Closed."""
    return max(
        (loan for loan in lead.loans if not loan.is_closed),
        key=lambda loan: (loan.created_at, loan.loan_id),
        default=None,
    )


def funded_shares(world: World) -> dict[int, Any]:
    """By order: funded leads among those that ever came so far."""
    shares = {}
    for order in {lead.order for lead in world.leads if lead.order is not None}:
        came = [lead for lead in world.leads if m.evidence_order(lead) >= order]
        funded = [lead for lead in came if m.closed_loans(lead)]
        shares[order] = divide(len(funded), len(came))
    return shares


MEASURES = {
    "open_leads": count(),
    "unassigned_share": share("unassigned"),
    "inactive_owner_leads": count_of("inactive_owner"),
    "current_age_median": median("age"),
    "current_age_p90": p90("age"),
    "stale_leads": count_of("stale"),
    "stale_share": share("stale"),
    "awaiting_reply_leads": count_of("awaiting"),
    "never_touched_leads": count_of("untouched"),
    "time_since_reply_median": median("since_reply"),
    "time_since_reply": largest("since_reply"),
    "time_in_stage": largest("age"),
    "pipeline_value": total("value"),
    "value_unknown_leads": count_of("value_unknown"),
    "weighted_pipeline": total("weighted"),
    "calls_due": count_of("due"),
    "do_not_call_open_leads": count_of("forbidden"),
    "call_rank": smallest("rank"),
    "call_priority": largest("priority"),
}
