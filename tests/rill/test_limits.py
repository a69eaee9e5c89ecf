"""Each limit of each window, on it and just beyond it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rill.conftest import Execute
from tests.rill.rows import (
    HOT_PAL,
    PRE_APPROVED,
    PRE_QUAL,
    STAGING,
    WORKING,
    at,
    by,
    campaign,
    dates,
    days,
    enrollment,
    event,
    lead,
    loan,
    minutes,
    stay,
    total,
    touch,
)

Tables = dict[str, list[dict[str, Any]]]
UTC = {"company_time_zone": "UTC"}


def one_step_campaign(channel: str = "SMS") -> Tables:
    """Campaign A with a single step that is due at once."""
    return {"campaigns": [campaign("A")], "touches": [touch("step", "A", 1, channel)]}


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


@pytest.mark.parametrize(
    ("opened", "filtered"),
    [("10:00:10", 1), ("10:00:11", 0), ("10:00:15", 0), ("10:00:16", 1)],
)
def test_machine_events(execute: Execute, opened: str, filtered: float) -> None:
    """0 s after delivery no clock was given, 1 to 5 s is a machine, 6 s a person."""
    tables = one_step_campaign("Email") | {
        "prospects": [lead(1, "2026-03-10 10:00")],
        "touch_engagements": [
            event(1, "Sent", "2026-03-10 10:00:00", "step"),
            event(1, "Delivered", "2026-03-10 10:00:10", "step"),
            event(1, "Opened", f"2026-03-10 {opened}", "step"),
        ],
    }
    emulation = execute(tables, {"messages"}, as_of="2026-03-20T00:00:00Z", **UTC)
    assert total(emulation, "messages", "open_rate_raw") == 1
    assert total(emulation, "messages", "open_rate_filtered") == filtered


@pytest.mark.parametrize(
    ("sent", "on_time", "dropped"),
    [("11:00:00", 1, 0), ("11:00:01", 0, 0), (None, 0, 1)],
)
def test_punctuality(
    execute: Execute, sent: str | None, on_time: float, dropped: float
) -> None:
    """60 minutes after due is on time; lead 2 shows that the step is in use."""
    events = [event(2, "Sent", "2026-03-10 10:00", "step")]
    if sent:
        events.append(event(1, "Sent", f"2026-03-10 {sent}", "step"))
    tables = one_step_campaign() | {
        "prospects": [lead(1, "2026-03-10 10:00"), lead(2, "2026-03-10 10:00")],
        "prospect_campaign_assignments": [
            enrollment("run 1", 1, "A", "2026-03-10 10:00"),
            enrollment("run 2", 2, "A", "2026-03-10 10:00"),
        ],
        "touch_engagements": events,
    }
    emulation = execute(
        tables, {"scheduled_touches"}, as_of="2026-03-11T10:00:00Z", **UTC
    )
    assert total(emulation, "scheduled_touches", "due_touches") == 2
    rate = total(emulation, "scheduled_touches", "sent_on_time_rate")
    assert rate == (on_time + 1) / 2
    assert total(emulation, "scheduled_touches", "dropped_rate") == dropped / 2
    just_before = execute(
        tables, {"scheduled_touches"}, as_of="2026-03-11T09:59:59Z", **UTC
    )
    assert total(just_before, "scheduled_touches", "dropped_rate") is None


def test_touches_that_are_not_due(execute: Execute) -> None:
    """Due at the end of the run or after its answer: no row; at the answer: a row.

    Steps are due at once, after a day and after two; the step is in use from a
    day before its first send on. Lead 1 ended when step two was due; lead 2
    answered at that moment, so two but not three; lead 3 is stopped without an
    end: over after its only event, before step two; lead 4 came 24 h before the
    first send, lead 5 a second earlier.
    """
    starts = {1: "03-10 10:00", 2: "03-10 10:00", 3: "03-10 10:00"}
    starts |= {4: "03-09 10:00", 5: "03-09 09:59:59"}
    runs = [
        enrollment(
            "run 1", 1, "A", "2026-03-10 10:00", "2026-03-11 10:00", "Completed"
        ),
        enrollment("run 2", 2, "A", "2026-03-10 10:00"),
        enrollment("run 3", 3, "A", "2026-03-10 10:00", None, "Stopped"),
        enrollment("run 4", 4, "A", "2026-03-09 10:00"),
        enrollment("run 5", 5, "A", "2026-03-09 09:59:59"),
    ]
    tables = {
        "campaigns": [campaign("A")],
        "touches": [
            touch("one", "A", 1),
            touch("two", "A", 2, delay=1440),
            touch("three", "A", 3, delay=1440),
        ],
        "prospects": [lead(n, f"2026-{start}") for n, start in starts.items()],
        "prospect_campaign_assignments": runs,
        "touch_engagements": [
            event(3, "Sent", "2026-03-10 10:00", "one"),
            event(2, "Sent", "2026-03-10 10:00", "one"),
            event(2, "Sent", "2026-03-11 10:00", "two"),
            event(2, "Responded", "2026-03-11 10:00", "two"),
        ],
    }
    emulation = execute(
        tables, {"scheduled_touches"}, as_of="2026-03-20T00:00:00Z", **UTC
    )
    # One: 1, 2, 4 (3 ended at that very event). Two: 2, 4. Three was never sent.
    due = by(emulation, "scheduled_touches", "due_touches", "touch_order")
    assert due == {"1": 3, "2": 2}


def test_stages_advance_in_time(execute: Execute) -> None:
    """30 x 24 h is in time and one second more is not; each stay is old enough."""
    tables = {
        "prospects": [lead(1, "2026-01-01"), lead(2, "2026-01-01")],
        "prospect_stage_history": [
            stay(1, WORKING, "2026-01-01"),
            stay(1, HOT_PAL, "2026-01-31"),
            stay(2, WORKING, "2026-01-01"),
            stay(2, HOT_PAL, "2026-01-31 00:00:01"),
        ],
    }
    emulation = execute(tables, {"stage_stays"}, as_of="2026-02-10T00:00:00Z", **UTC)
    assert total(emulation, "stage_stays", "advance_rate_cohort") == 1 / 2


def test_leads_advance_after_an_enrollment(execute: Execute) -> None:
    """14 x 24 h after it is in time and one second more is not."""
    tables = one_step_campaign() | {
        "prospects": [lead(1, "2026-01-01"), lead(2, "2026-01-01")],
        "prospect_campaign_assignments": [
            enrollment("run 1", 1, "A", "2026-01-02"),
            enrollment("run 2", 2, "A", "2026-01-02"),
        ],
        "prospect_stage_history": [
            stay(1, WORKING, "2026-01-01"),
            stay(1, HOT_PAL, "2026-01-16"),
            stay(2, WORKING, "2026-01-01"),
            stay(2, HOT_PAL, "2026-01-16 00:00:01"),
        ],
    }
    emulation = execute(tables, {"enrollments"}, as_of="2026-02-10T00:00:00Z", **UTC)
    rate = total(emulation, "enrollments", "advance_after_enrollment_rate_cohort")
    assert rate == 1 / 2


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


@pytest.mark.parametrize(
    ("stage", "limit"), [(STAGING, 2), (WORKING, 7), (PRE_QUAL, 14), (8, 30), (None, 2)]
)
def test_stale_is_strictly_later(
    execute: Execute, stage: int | None, limit: int
) -> None:
    """Exactly the group's days are not stale yet; an automated send is no sign.

    Lead 1 was created that long ago, lead 2 a second before that.
    """
    now = at("2026-03-31")
    since = now - (at("2026-01-02") - at("2026-01-01")) * limit
    leads = [
        {"prospect_id": n, "created_at": moment, "qualification_stage_id": stage}
        for n, moment in enumerate((since, since.replace(microsecond=0)), 1)
    ]
    leads[1]["created_at"] -= at("2026-01-01 00:00:01") - at("2026-01-01")
    tables = one_step_campaign() | {
        "prospects": leads,
        "touch_engagements": [event(2, "Sent", "2026-03-30", "step")],
    }
    emulation = execute(tables, {"open_pipeline"}, as_of="2026-03-31T00:00:00Z", **UTC)
    assert total(emulation, "open_pipeline", "stale_leads") == 1
    assert by(emulation, "open_pipeline", "open_leads", "is_stale") == {
        "yes": 1,
        "no": 1,
    }


def test_loan_to_value_bands(execute: Execute) -> None:
    """80 and 95 % are inside their bands, 200 % still counts, more is unknown.

    LTVs: 0.8, 0.8001, 0.95, 0.9501, 2; 2.0001 counts nowhere.
    """
    amounts = (80_000, 80_010, 95_000, 95_010, 200_000, 200_010)
    tables = {
        "prospects": [lead(1, "2026-01-01")],
        "loans": [
            loan(
                n,
                1,
                "Pending",
                "2026-01-01",
                loan_amount=amount,
                property_value=100_000,
            )
            for n, amount in enumerate(amounts, 1)
        ],
    }
    emulation = execute(tables, {"loans"}, as_of="2026-02-01T00:00:00Z", **UTC)
    assert by(emulation, "loans", "loans", "ltv_band") == {
        "up to 80 %": 1,
        "80-95 %": 2,
        "over 95 %": 2,
        "unknown": 1,
    }
    assert total(emulation, "loans", "high_ltv_80_share") == 4 / 5
    assert total(emulation, "loans", "high_ltv_95_share") == 2 / 5
    mean = total(emulation, "loans", "ltv_mean")
    assert mean == pytest.approx((0.8 + 0.8001 + 0.95 + 0.9501 + 2) / 5)


def test_rates_that_count(execute: Execute) -> None:
    """0 and 25.1 % are typing errors; 25 % counts: (25 + 5) / 2."""
    rates = (0, 5, 25, 25.1)
    tables = {
        "prospects": [lead(1, "2026-01-01")],
        "loans": [
            loan(n, 1, "Pending", "2026-01-01", interest_rate=rate)
            for n, rate in enumerate(rates, 1)
        ],
    }
    emulation = execute(tables, {"loans"}, as_of="2026-02-01T00:00:00Z", **UTC)
    assert total(emulation, "loans", "rate_mean") == 15
    assert total(emulation, "loans", "wac") is None
