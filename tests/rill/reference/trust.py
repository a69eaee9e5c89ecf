"""What the trust page counts: failing rows and the rows looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tests.rill.reference import milestones as m
from tests.rill.reference.cells import is_known_word
from tests.rill.reference.csv_files import CsvFile
from tests.rill.reference.events import EVENT_TYPES, Event, Message
from tests.rill.reference.leads import Lead, Loan, gone_ids
from tests.rill.reference.people import folded
from tests.rill.reference.quiet_hours import is_outside_hours, is_text_or_call

if TYPE_CHECKING:
    from tests.rill.reference.world import World

Count = tuple[int, int]
Check = Callable[["World"], Count]
CONTRACT_ORDER = 7
# What is past does not fail for ever.
LOOK_BACK = timedelta(days=28)
# So soon after an opt-out comes the confirmation that the law allows.
CONFIRMATION = timedelta(seconds=60)


def counted(flags: Iterable[bool]) -> Count:
    """How many are true, and how many there are."""
    flags = list(flags)
    return sum(flags), len(flags)


def of_leads(test: Callable[[Lead], bool]) -> Check:
    """A check over all leads."""
    return lambda world: counted(bool(test(lead)) for lead in world.leads)


def of_loans(test: Callable[[Loan], bool], closed_only: bool = False) -> Check:
    """A check over all loans, or the Closed ones."""
    return lambda world: counted(
        bool(test(loan))
        for lead in world.leads
        for loan in lead.loans
        if loan.is_closed or not closed_only
    )


def younger_than(window: str) -> Check:
    """Leads too young for a window."""
    return lambda world: counted(
        not world.clock.is_aged(lead.created_at, getattr(world.settings, window))
        for lead in world.leads
    )


def is_before(earlier: object, later: object) -> bool:
    """Whether both are known and the first lies before the second."""
    return earlier is not None and later is not None and earlier < later


def raw_events(world: World) -> list[dict]:
    """Rows of engagements of leads that are there, with a time that has come."""
    present = {lead.prospect_id for lead in world.leads}
    return [
        row
        for row in world.tables["touch_engagements"]
        if row["prospect_id"] in present
        and world.clock.has_come(row["engagement_time"])
    ]


def duplicate_events(world: World) -> Count:
    """Rows that repeat another one."""
    rows = [r for r in raw_events(world) if r["engagement_type"] in EVENT_TYPES]
    distinct = sum(len(lead.events) for lead in world.leads)
    return len(rows) - distinct, len(rows)


def unknown_events(world: World) -> Count:
    """Rows of a kind that nothing counts."""
    return counted(
        row["engagement_type"] not in EVENT_TYPES for row in raw_events(world)
    )


def orphan_events(world: World) -> Count:
    """Campaign events that belong to no enrollment."""
    return counted(
        event.enrollment is None
        for lead in world.leads
        for event in lead.events
        if event.touch
    )


def manual_events(world: World) -> Count:
    """Events without a touch, loose ones included."""
    return counted(event.touch is None for lead in world.leads for event in lead.events)


def is_recent(moment: datetime, world: World) -> bool:
    """Whether a moment lies in the 28 days before as_of."""
    return world.clock.as_of - moment <= LOOK_BACK


def recent_events(world: World) -> list[tuple[Lead, Event]]:
    """Events of the 28 days before as_of, with their leads."""
    return [
        (lead, event)
        for lead in world.leads
        for event in lead.events
        if is_recent(event.time, world)
    ]


def loose_events(world: World) -> Count:
    """Recent events of an automation whose step nobody knows."""
    return counted(event.is_loose for lead, event in recent_events(world))


def messages_too_late(world: World) -> Count:
    """Recent campaign messages sent after an opt-out."""
    return counted(
        bool(opt_outs_before(message.lead, sent_at))
        for message in world.messages
        if (sent_at := message.first("Sent")) and is_recent(sent_at, world)
    )


def manual_too_late(world: World) -> Count:
    """Recent messages of a person after an opt-out that no reply took back."""
    return counted(
        not is_confirmation(lead, event.time)
        and any(
            not has_written_between(lead, opted_out_at, event.time)
            for opted_out_at in opt_outs_before(lead, event.time)
        )
        for lead, event in recent_events(world)
        if event.kind == "Sent" and event.is_manual
    )


def loose_too_late(world: World) -> Count:
    """Recent messages of an unknown automation after an opt-out."""
    return counted(
        bool(opt_outs_before(lead, event.time))
        and not is_confirmation(lead, event.time)
        for lead, event in recent_events(world)
        if event.kind == "Sent" and event.is_loose
    )


def opt_outs_before(lead: Lead, moment: datetime) -> list[datetime]:
    """When the lead had opted out of anything before a moment."""
    return [time for time in m.opt_out_times(lead) if time < moment]


def is_confirmation(lead: Lead, sent_at: datetime) -> bool:
    """Whether it was sent at an opt-out or within a minute after it."""
    return any(
        timedelta(0) <= sent_at - time <= CONFIRMATION for time in m.opt_out_times(lead)
    )


def has_written_between(lead: Lead, start: datetime, end: datetime) -> bool:
    """Whether the borrower wrote after one moment and before another."""
    return any(start < time < end for time in m.times(lead, "Responded"))


def night_messages(world: World) -> Count:
    """Texts and voicemails with a recent Sent in the borrower's quiet hours.

    Checked are those with a recent Sent and a known zone.
    """
    return counted(
        any(is_outside_hours(message, time, world.settings) for time in times)
        for message in world.messages
        if (times := recent_sent_times(message, world))
        and is_text_or_call(message)
        and message.lead.details.zone
    )


def recent_sent_times(message: Message, world: World) -> list[datetime]:
    """Times of a message's Sent events in the 28 days before as_of."""
    return [time for time in message.sent_times if is_recent(time, world)]


def messages_without_zone(world: World) -> Count:
    """Texts and voicemails of which nobody knows whether it was night."""
    return counted(
        message.lead.details.zone is None
        for message in world.messages
        if (sent_at := message.first("Sent"))
        and is_text_or_call(message)
        and is_recent(sent_at, world)
    )


def endless_enrollments(world: World) -> Count:
    """Enrollments that are over, nobody knows since when."""
    return counted(
        one.status != "Active" and one.completed_at is None for one in world.enrollments
    )


def derived_touches(world: World) -> Count:
    """Touches whose schedule is the campaign's own habit."""
    return counted(touch_id in world.derived_touches for touch_id in world.touches)


def closed_by_date_alone(world: World) -> Count:
    """Closed loans that neither a lock nor the stage confirms."""
    return counted(
        loan.locked_on is None and (lead.order is None or lead.order < CONTRACT_ORDER)
        for lead in world.leads
        for loan in m.closed_loans(lead)
    )


def spend_without_leads(world: World) -> Count:
    """Source-months that cost something and brought nobody."""
    arrived = {(lead.source_id, lead.created_month) for lead in world.leads}
    return counted(
        key not in arrived for key, spend in world.costs.spend.items() if spend != 0
    )


def credits_above_spend(world: World) -> Count:
    """Source-months that brought back more than they cost."""
    costs = world.costs
    return counted(costs.credits[key] > costs.spend[key] for key in costs.spend)


def unknown_sources(world: World) -> Count:
    """Cost rows of a source that the CRM does not know."""
    costs = world.costs
    return counted(
        isinstance(costs.key(row["lead_source"]), str) for row in costs.readable
    )


def unreadable_costs(world: World) -> Count:
    """Cost rows without a readable source, month, spend or credits."""
    return len(world.costs.unreadable), len(world.costs.rows)


def unreconciled_spend(world: World) -> Count:
    """Source-months whose parts do not add up: none, by construction."""
    return 0, len(world.costs.spend)


def unknown_roster_rows(world: World) -> Count:
    """Roster rows of nobody in the CRM."""
    known = {folded(user["email"]) for user in world.tables["users"]}
    rows = world.roster_file.rows
    return counted(folded(row.get("email")) not in known for row in rows)


def doubled_roster_rows(world: World) -> Count:
    """Roster rows that repeat an e-mail."""
    emails = [folded(row.get("email")) for row in world.roster_file.rows]
    repeats = sum(times - 1 for email, times in Counter(emails).items() if email)
    return repeats, len(emails)


def unknown_roster_words(world: World) -> Count:
    """Roster rows that say neither yes nor no."""
    return counted(
        not is_known_word(row.get("is_active")) for row in world.roster_file.rows
    )


def unreadable(file: CsvFile) -> Count:
    """One file, and whether it cannot be read at all."""
    return counted([not file.is_readable])


def gone_leads(world: World) -> Count:
    """Prospects that the CRM no longer has."""
    gone = gone_ids(world.tables, world.clock)
    return counted(row["prospect_id"] in gone for row in world.tables["prospects"])


def gone_with_closed_loan(world: World) -> Count:
    """Prospects that are gone and had a Closed loan."""
    gone = gone_ids(world.tables, world.clock)
    funded = {
        row["prospect_id"] for row in world.tables["loans"] if row["status"] == "Closed"
    }
    present = [row["prospect_id"] for row in world.tables["prospects"]]
    return counted(one in funded for one in present if one in gone)


def rejected(whole: bool) -> Check:
    """Rejections of whole records, or of single fields."""
    return lambda world: counted(
        (row["field"] is None) == whole for row in world.tables["rejected_records"]
    )


CHECKS: dict[tuple[str, str, str], Check] = {
    ("leads", "lead_without_stage", "warning"): of_leads(lambda x: x.stage is None),
    ("leads", "lead_without_source", "warning"): of_leads(
        lambda x: x.source_id is None
    ),
    ("leads", "lead_without_owner", "warning"): of_leads(lambda x: x.owner is None),
    ("leads", "lead_do_not_call_unknown", "info"): of_leads(
        lambda x: x.do_not_call is None
    ),
    ("leads", "first_touch_before_creation", "warning"): of_leads(
        lambda x: is_before(m.first(x, "Sent"), x.created_at)
    ),
    ("leads", "first_reply_before_creation", "warning"): of_leads(
        lambda x: is_before(m.first(x, "Responded"), x.created_at)
    ),
    ("leads", "first_reply_before_first_touch", "warning"): of_leads(
        lambda x: is_before(m.first(x, "Responded"), m.first(x, "Sent"))
    ),
    ("leads", "lead_younger_than_contact_days", "info"): younger_than("contact_days"),
    ("leads", "lead_younger_than_pre_approval_days", "info"): younger_than(
        "pre_approval_days"
    ),
    ("leads", "lead_younger_than_funded_days", "info"): younger_than("funded_days"),
    ("events", "duplicate_event_row", "info"): duplicate_events,
    ("events", "orphan_event", "warning"): orphan_events,
    ("events", "event_without_touch", "info"): manual_events,
    ("events", "event_of_unknown_type", "warning"): unknown_events,
    ("events", "message_without_sent", "warning"): lambda world: counted(
        not message.has("Sent") for message in world.messages
    ),
    ("events", "message_without_delivered", "info"): lambda world: counted(
        message.is_delivered and not message.has("Delivered")
        for message in world.messages
    ),
    ("events", "message_sent_after_opt_out", "error"): messages_too_late,
    ("events", "manual_message_after_opt_out", "error"): manual_too_late,
    ("events", "message_sent_outside_hours", "error"): night_messages,
    ("events", "message_zone_unknown", "warning"): messages_without_zone,
    ("events", "loose_event", "warning"): loose_events,
    ("events", "loose_message_after_opt_out", "error"): loose_too_late,
    ("events", "ended_enrollment_without_end", "warning"): endless_enrollments,
    ("events", "touch_schedule_derived", "info"): derived_touches,
    ("loans", "closed_loan_without_closing_date", "warning"): of_loans(
        lambda x: x.closed_on is None, closed_only=True
    ),
    ("loans", "closed_by_date_alone", "warning"): closed_by_date_alone,
    ("loans", "loan_without_amount", "warning"): of_loans(lambda x: x.amount is None),
    ("loans", "loan_without_value", "warning"): of_loans(
        lambda x: x.value is None or x.value <= 0
    ),
    ("loans", "loan_without_rate", "warning"): of_loans(lambda x: not x.has_rate),
    ("loans", "loan_rate_implausible", "warning"): of_loans(
        lambda x: x.has_implausible_rate
    ),
    ("loans", "loan_ltv_over_200", "warning"): of_loans(
        lambda x: x.raw_ltv is not None and x.raw_ltv > 2
    ),
    ("costs", "spend_without_leads", "warning"): spend_without_leads,
    ("costs", "cost_row_of_unknown_source", "warning"): unknown_sources,
    ("costs", "cost_row_unreadable", "error"): unreadable_costs,
    ("costs", "spend_not_reconciled", "error"): unreconciled_spend,
    ("costs", "credits_above_spend", "warning"): credits_above_spend,
    ("costs", "cost_file_unreadable", "error"): lambda world: unreadable(
        world.costs.file
    ),
    ("team", "roster_row_unknown", "warning"): unknown_roster_rows,
    ("team", "roster_row_doubled", "warning"): doubled_roster_rows,
    ("team", "roster_word_unknown", "warning"): unknown_roster_words,
    ("team", "roster_file_unreadable", "error"): lambda world: unreadable(
        world.roster_file
    ),
    ("loads", "lead_gone", "info"): gone_leads,
    ("loads", "gone_with_closed_loan", "warning"): gone_with_closed_loan,
    ("loads", "rejected_record", "error"): rejected(whole=True),
    ("loads", "rejected_field", "warning"): rejected(whole=False),
}
