"""Leads: funnel, speed, windows and cohorts."""

from __future__ import annotations

from datetime import datetime

from launcher.duckdb.engine import DuckDBEngine
from tests.rill.conftest import Execute
from tests.rill.rows import (
    PRE_APPROVED,
    UTC,
    by,
    dates,
    days,
    event,
    funded,
    hours,
    lead,
    loan,
    merged,
    minutes,
    stay,
    total,
)


def test_never_touched_leads_stay_in_the_base(march: DuckDBEngine) -> None:
    """4 of 10 within five minutes, not of 7; the median of all is 15 minutes.

    Minutes: 1, 3, 4, 5, 10, 20, 180 and three never; (10 + 20) / 2.
    """
    assert total(march, "leads", "touched_within_5m_share") == 4 / 10
    assert total(march, "leads", "speed_to_first_touch_median_all") == minutes(15)
    assert total(march, "leads", "speed_to_first_touch_median") == minutes(5)


def test_funnel_is_not_the_current_stage(march: DuckDBEngine) -> None:
    """Between 4 and 5 leads came to Pre-Approved; 3 stand at or after it now."""
    kinds = ("reached_5_low", "reached_5", "reached_5_high")
    assert [total(march, "leads", kind) for kind in kinds] == [3, 4, 5]


def test_unknown_flags_are_in_the_base(march: DuckDBEngine) -> None:
    """1 of 10 is on do not call and 1 of 10 unknown, not 1 of 9."""
    assert total(march, "leads", "dnc_share") == 1 / 10
    assert total(march, "leads", "dnc_unknown_share") == 1 / 10


def test_conversions_stay_with_their_cohort(execute: Execute) -> None:
    """10 leads in January, 20 in February, a tenth funded a month later: 10 % each.

    Fundings over leads of the same month would be 0 / 10 and 1 / 20.
    """
    leads = [lead(n, "2025-01-10") for n in range(1, 11)]
    leads += [lead(n, "2025-02-10") for n in range(11, 31)]
    tables = merged(
        {"prospects": leads}, funded(1, "2025-02-09"), funded(2, "2025-03-12", 11)
    )
    emulation = execute(tables, as_of="2025-12-01T00:00:00Z", **UTC)
    january, february, march = (datetime(2025, month, 1) for month in (1, 2, 3))
    rate = ("leads", "lead_to_funded_cohort")
    assert total(emulation, *rate, start=january, end=february) == 1 / 10
    assert total(emulation, *rate, start=february, end=march) == 2 / 20
    fundings = ("fundings", "funded_units")
    assert total(emulation, *fundings, start=january, end=february) == 0
    assert total(emulation, *fundings, start=february, end=march) == 1


def test_young_leads_do_not_spoil_the_rate(execute: Execute) -> None:
    """10 old leads with 2 funded are 20 %; 10 young ones are in neither number."""
    leads = [lead(n, "2025-01-10") for n in range(1, 11)]
    leads += [lead(n, "2025-11-20") for n in range(11, 21)]
    tables = merged({"prospects": leads}, funded(2, "2025-03-01"))
    emulation = execute(tables, {"leads"}, as_of="2025-12-01T00:00:00Z", **UTC)
    assert total(emulation, "leads", "lead_to_funded_cohort") == 2 / 10
    november = datetime(2025, 11, 1)
    young = total(emulation, "leads", "lead_to_funded_cohort", start=november)
    assert young is None


def test_speed_buckets(execute: Execute) -> None:
    """5 min, 1 h and 24 h are inside; one second more is not; before is unknown."""
    sent = (
        "10:05:00",
        "10:05:01",
        "11:00:00",
        "11:00:01",
        "10:00:00",
        "09:59:59",
    )
    leads = [lead(n, "2026-03-10 10:00") for n in range(1, 9)]
    events = [event(n, "Sent", f"2026-03-10 {time}") for n, time in enumerate(sent, 1)]
    events += [
        event(7, "Sent", "2026-03-11 10:00:00"),
        event(8, "Sent", "2026-03-11 10:00:01"),
    ]
    tables = {"prospects": leads, "touch_engagements": events}
    emulation = execute(tables, {"leads"}, as_of="2026-03-20T00:00:00Z", **UTC)
    assert by(emulation, "leads", "new_leads", "speed_bucket") == {
        "1: up to 5 min": 2,
        "2: up to 1 h": 2,
        "3: up to 24 h": 2,
        "4: later": 1,
        "6: unknown": 1,
    }
    assert total(emulation, "leads", "touched_within_5m_share") == 2 / 8
    assert total(emulation, "leads", "touched_within_1h_share") == 4 / 8


def test_an_early_touch_gives_no_duration(execute: Execute) -> None:
    """A first touch before creation counts as touched, later ones do not stand in.

    Neither speed nor response time is known, and the trust page tells.
    """
    tables = {
        "prospects": [lead(1, "2026-03-10 10:00")],
        "touch_engagements": [
            event(1, "Sent", "2026-03-10 09:00"),
            event(1, "Sent", "2026-03-10 10:01"),
            event(1, "Responded", "2026-03-10 11:00"),
        ],
    }
    emulation = execute(tables, as_of="2026-03-20T00:00:00Z", **UTC)
    assert total(emulation, "leads", "never_touched_share") == 0
    assert total(emulation, "leads", "touched_within_1h_share") == 0
    assert total(emulation, "leads", "speed_to_first_touch_median") is None
    assert total(emulation, "leads", "speed_to_first_touch_median_all") is None
    assert total(emulation, "leads", "lead_response_time_median") is None
    assert total(emulation, "leads", "speed_to_contact_median") == minutes(60)
    checks = by(emulation, "data_trust", "failing_rows", "check_name")
    assert checks["first_touch_before_creation"] == 1


def test_proofs_of_a_stage(execute: Execute) -> None:
    """45 x 24 h is in time; a proof before creation is none; dates start their day.

    Lead 1 entered at the limit, 2 a second later, 3 has only a stay from before
    it was created, 4 an approved loan locked on the day after its creation.
    """
    created = "2026-01-01 12:00"
    tables = {
        "prospects": [lead(n, created) for n in range(1, 5)],
        "prospect_stage_history": [
            stay(1, PRE_APPROVED, "2026-02-15 12:00"),
            stay(2, PRE_APPROVED, "2026-02-15 12:00:01"),
            stay(3, PRE_APPROVED, "2026-01-01 11:59:59"),
        ],
        "loans": [loan(4, 4, "Approved", created)],
        "loan_dates": [dates(4, rate_locked_on="2026-01-02")],
    }
    emulation = execute(tables, {"leads"}, as_of="2026-03-01T00:00:00Z", **UTC)
    assert total(emulation, "leads", "pre_approval_rate_cohort") == 2 / 4
    assert total(emulation, "leads", "reached_5") == 4
    # 12 hours (4), 45 days (1), 45 days and a second (2)
    assert total(emulation, "leads", "time_to_pre_approval_median") == days(45)


def test_funding_counts_whole_days(execute: Execute) -> None:
    """Day 0 and day 120 are within, day 121 and the day before are not.

    Created at 23:00, so that hours would tell otherwise; 5 has no date.
    """
    closed = ("2025-01-01", "2025-05-01", "2025-05-02", "2024-12-31")
    leads = [lead(n, "2025-01-01 23:00") for n in range(1, 6)]
    tables = {
        "prospects": leads,
        "loans": [loan(n, n, "Closed", "2025-01-01 23:00") for n in range(1, 6)],
        "loan_dates": [dates(n, closed_on=day) for n, day in enumerate(closed, 1)],
    }
    emulation = execute(tables, as_of="2025-12-01T00:00:00Z", **UTC)
    assert total(emulation, "leads", "lead_to_funded_cohort") == 2 / 4
    assert total(emulation, "leads", "funded_share_to_date") == 1
    # 0, 120, 121 days; the negative one is in no duration.
    assert total(emulation, "leads", "time_to_fund_median") == days(120)
    checks = by(emulation, "data_trust", "failing_rows", "check_name")
    assert checks["closed_loan_without_closing_date"] == 1


def test_durations_cross_the_spring_change(execute: Execute) -> None:
    """01:30 to 03:30 in Chicago on 8 March 2026 is one hour, not two."""
    tables = {
        "prospects": [lead(1, "2026-03-08 07:30")],
        "touch_engagements": [event(1, "Sent", "2026-03-08 08:30")],
    }
    emulation = execute(tables, {"leads", "messages"}, as_of="2026-03-10")
    assert total(emulation, "leads", "speed_to_first_touch_median") == hours(1)
    assert total(emulation, "leads", "touched_within_1h_share") == 1
    assert by(emulation, "leads", "new_leads", "created_hour") == {"01": 1}
    assert by(emulation, "messages", "messages_sent", "sent_hour") == {}


def test_the_doubled_hour_of_autumn(execute: Execute) -> None:
    """06:30 and 07:30 UTC are both 01:30 in Chicago on 1 November 2026."""
    tables = {
        "prospects": [lead(1, "2026-11-01 06:30"), lead(2, "2026-11-01 07:30")],
        "touch_engagements": [
            event(1, "Responded", "2026-11-01 07:30"),
            event(2, "Responded", "2026-11-01 07:31"),
        ],
    }
    emulation = execute(tables, {"leads"}, as_of="2026-11-02")
    assert by(emulation, "leads", "new_leads", "created_hour") == {"01": 2}
    # (60 + 1) / 2 minutes
    assert total(emulation, "leads", "speed_to_contact_median") == minutes(30.5)


def test_windows_are_hours_not_calendar_days(execute: Execute) -> None:
    """14 days from noon before the spring change end at 13:00 local time.

    Both replies lie 14 x 24 h after creation, the second one second later.
    """
    created = "2026-03-01 18:00"
    tables = {
        "prospects": [lead(1, created), lead(2, created)],
        "touch_engagements": [
            event(1, "Responded", "2026-03-15 18:00"),
            event(2, "Responded", "2026-03-15 18:00:01"),
        ],
    }
    emulation = execute(tables, {"leads"}, as_of="2026-03-20")
    assert total(emulation, "leads", "contact_rate_cohort") == 1 / 2


def test_a_lead_ages_to_the_second(execute: Execute) -> None:
    """At 14 x 24 h a lead has aged; a second before it has not."""
    tables = {"prospects": [lead(1, "2026-03-01 18:00")]}
    aged = execute(tables, {"leads"}, as_of="2026-03-15T18:00:00Z")
    assert total(aged, "leads", "contact_rate_cohort") == 0
    young = execute(tables, {"leads"}, as_of="2026-03-15T17:59:59Z")
    assert total(young, "leads", "contact_rate_cohort") is None
