"""Which open leads to call now, why, and in which order."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tests.rill.reference import milestones as m
from tests.rill.reference.clock import Clock
from tests.rill.reference.leads import Lead
from tests.rill.reference.settings import Settings

if TYPE_CHECKING:
    from tests.rill.reference.world import World

REPLY_UNANSWERED = "1: reply unanswered"
NEW = "2: new, no person yet"
SILENT = "3: pre-approved and silent"
STALE = "4: stale"
NOTHING_DUE = "5: nothing due"
DO_NOT_CALL = "6: do not call"
PRE_APPROVED_ORDERS = (5, 6)


def reason(lead: Lead, clock: Clock, settings: Settings) -> str:
    """Give the first rule that holds for an open lead."""
    now = clock.as_of
    if lead.do_not_call is True or has_opted_out(lead):
        return DO_NOT_CALL
    if m.is_awaiting_reply(lead):
        return REPLY_UNANSWERED
    age = now - lead.created_at
    if age < timedelta(hours=settings.new_lead_hours) and not m.times(
        lead, "Sent", manual_only=True
    ):
        return NEW
    silence = now - m.last_activity(lead)
    if lead.order in PRE_APPROVED_ORDERS and silence > timedelta(
        days=settings.silent_days
    ):
        return SILENT
    return STALE if m.is_stale(lead, clock, settings) else NOTHING_DUE


WORDS = {
    REPLY_UNANSWERED: "Reply unanswered for ",
    NEW: "New, no person yet for ",
    SILENT: "Pre-approved, silent for ",
    STALE: "Stale, no activity for ",
    NOTHING_DUE: "Nothing due",
    DO_NOT_CALL: "Do not call",
}


def reason_in_words(lead: Lead, clock: Clock, settings: Settings) -> str:
    """Give the reason as people say it, and for how long it has held."""
    why_now = reason(lead, clock, settings)
    since = {
        REPLY_UNANSWERED: m.last(lead, "Responded"),
        NEW: lead.created_at,
        SILENT: m.last_activity(lead),
        STALE: m.last_activity(lead),
    }.get(why_now)
    if since is None:
        return WORDS[why_now]
    waiting = clock.as_of - since
    hours = waiting // timedelta(hours=1)
    if hours < 1:
        return f"{WORDS[why_now]}< 1 h"
    return WORDS[why_now] + (f"{hours} h" if hours < 48 else f"{waiting.days} d")


def has_opted_out(lead: Lead) -> bool:
    """Say whether the lead opted out and has not written since."""
    replied_at = m.last(lead, "Responded")
    return any(
        replied_at is None
        or enrollment.completed_at is None
        or enrollment.completed_at >= replied_at
        for enrollment in lead.enrollments
        if enrollment.status == "Opted Out"
    )


def ranked(world: World) -> list[Lead]:
    """Put all open leads in the order in which to call them."""

    def place(lead: Lead) -> tuple:
        why_now = reason(lead, world.clock, world.settings)
        return (why_now, *urgency(lead, why_now), lead.prospect_id)

    return sorted((lead for lead in world.leads if m.is_open(lead)), key=place)


def urgency(lead: Lead, why_now: str) -> tuple:
    """Give what decides between two leads of one reason, the smaller first."""
    if why_now == REPLY_UNANSWERED:
        return (newest_first(m.last(lead, "Responded")),)
    if why_now == NEW:
        return (newest_first(lead.created_at),)
    return (-(lead.order or 0), newest_first(m.last_activity(lead)))


def newest_first(moment: datetime) -> timedelta:
    """Turn a moment into something that is smaller the later it is."""
    return datetime.max.replace(tzinfo=moment.tzinfo) - moment
