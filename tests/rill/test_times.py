"""Clock changes, ends of months, the present moment, and equal times."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.rill.conftest import Execute
from tests.rill.rows import (
    HOT_PAL,
    PRE_APPROVED,
    STAGING,
    WORKING,
    at,
    by,
    campaign,
    dates,
    days,
    enrollment,
    event,
    hours,
    lead,
    loan,
    minutes,
    stay,
    total,
    touch,
)

DAY = timedelta(days=1)


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


def test_the_last_hours_of_a_month(execute: Execute) -> None:
    """1 March 05:59 UTC is still 28 February in Chicago, 06:00 is March."""
    tables = {
        "lead_sources": [{"lead_source_id": 1, "source_name": "A"}],
        "prospects": [
            lead(1, "2026-03-01 05:59:59", lead_source_id=1),
            lead(2, "2026-03-01 06:00", lead_source_id=1),
            lead(3, "2026-03-31 23:00", lead_source_id=1),
        ],
        "lead_source_costs": [
            {"lead_source": "A", "month": "2026-02-01", "spend": "50"},
            {"lead_source": "A", "month": "2026-03-01", "spend": "80"},
            {"lead_source": "A", "month": "2026-04-01", "spend": "1000"},
        ],
    }
    emulation = execute(tables, {"lead_source_months", "leads"}, as_of="2026-03-31")
    # 50 on lead 1, 40 each on leads 2 and 3; April is not there yet.
    assert total(emulation, "leads", "allocated_cost") == 130
    february, march = datetime(2026, 2, 1), datetime(2026, 3, 1)
    cost = total(emulation, "leads", "allocated_cost", start=february, end=march)
    assert cost == 50
    leads = total(emulation, "lead_source_months", "leads", start=march)
    assert leads == 2
    assert total(emulation, "lead_source_months", "spend") == 130


def test_planned_closings_turn_real_at_the_months_end(execute: Execute) -> None:
    """31 January: closed that day is funded; 2 March is 30 days off, the 3rd 31."""
    numbers = (1, 2, 3)
    tables = {
        "prospects": [lead(n, "2026-01-01 12:00") for n in numbers],
        "loans": [
            loan(1, 1, "Closed", "2026-01-01 12:00"),
            loan(2, 2, "Approved", "2026-01-01 12:00"),
            loan(3, 3, "Approved", "2026-01-01 12:00"),
        ],
        "loan_dates": [
            dates(1, closed_on="2026-01-31"),
            dates(2, closed_on="2026-03-02"),
            dates(3, closed_on="2026-03-03"),
        ],
    }
    emulation = execute(tables, {"fundings", "loans"}, as_of="2026-01-31")
    assert total(emulation, "fundings", "funded_units") == 1
    assert total(emulation, "loans", "expected_closings_30d") == 1
    day_before = execute(tables, {"fundings", "loans"}, as_of="2026-01-30")
    assert total(day_before, "fundings", "funded_units") == 0
    assert total(day_before, "loans", "funded_units_to_date") == 1


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        ("2026-03-10T05:00:00Z", 1),
        ("2026-03-10T00:00:00-05:00", 1),
        ("2026-03-10T05:00Z", 1),
        ("2026-03-10t00:00-05:00", 1),
        ("2026-03-10T00:00:00", 1),
        ("2026-03-10 00:00", 1),
        ("2026-03-09", 0),
        ("2026-03-10", 2),
        ("2026-03-11T04:59:59Z", 2),
        ("2026-03-11T05:00:00Z", 3),
    ],
)
def test_every_form_of_as_of(execute: Execute, as_of: str, expected: int) -> None:
    """With an offset an instant, without one company time, a date that day's end.

    The leads come at 00:00 and 23:59:59 of 10 March and at 00:00 of the 11th.
    """
    tables = {
        "prospects": [
            lead(1, "2026-03-10 05:00"),
            lead(2, "2026-03-11 04:59:59"),
            lead(3, "2026-03-11 05:00"),
        ]
    }
    emulation = execute(tables, {"leads"}, as_of=as_of)
    assert total(emulation, "leads", "new_leads") == expected


def run(
    number: int, start: str, end: str | None, outcome: str | None
) -> dict[str, Any]:
    """A run of the loader."""
    return {
        "run_id": number,
        "started_at": at(start),
        "finished_at": at(end) if end else None,
        "outcome": outcome,
    }


def test_as_of_is_the_end_of_the_last_complete_load(execute: Execute) -> None:
    """Later partial, failed and running loads do not move it."""
    tables = {
        "prospects": [lead(1, "2026-03-01"), lead(2, "2026-03-02 11:00")],
        "sync_runs": [
            run(1, "2026-03-02 09:00", "2026-03-02 10:00", "complete"),
            run(2, "2026-03-03 09:00", "2026-03-03 10:00", "partial"),
            run(3, "2026-03-04 09:00", "2026-03-04 10:00", "failed"),
            run(4, "2026-03-05 09:00", None, None),
        ],
    }
    assert total(execute(tables), "leads", "new_leads") == 1


def test_without_loads_as_of_is_the_latest_time(execute: Execute) -> None:
    """The event of 5 March is the latest thing that happened."""
    tables = {
        "prospects": [lead(1, "2026-03-01", stage_entered_at=at("2026-03-02"))],
        "touch_engagements": [event(1, "Sent", "2026-03-05")],
    }
    age = total(execute(tables), "open_pipeline", "current_age_median")
    assert age == days(3)


def test_two_moments_of_one_history(execute: Execute) -> None:
    """On 10 March the lead waits in Working; by the 20th it had moved and replied."""
    tables = {
        "prospects": [lead(1, "2026-03-01")],
        "prospect_stage_history": [
            stay(1, STAGING, "2026-03-01"),
            stay(1, WORKING, "2026-03-05"),
            stay(1, PRE_APPROVED, "2026-03-15"),
        ],
        "touch_engagements": [
            event(1, "Sent", "2026-03-02"),
            event(1, "Responded", "2026-03-12"),
        ],
    }
    early = execute(tables, {"leads", "replies", "stage_stays"}, as_of="2026-03-10")
    assert total(early, "stage_stays", "stays") == 2
    assert total(early, "leads", "reached_5") == 0
    assert total(early, "replies", "replies") == 0
    late = execute(tables, {"leads", "replies", "stage_stays"}, as_of="2026-03-20")
    assert total(late, "stage_stays", "stays") == 3
    assert total(late, "leads", "reached_5") == 1
    assert total(late, "replies", "replies") == 1


def test_the_future_is_not_there(execute: Execute) -> None:
    """Rows after as_of are left out; other times after it are empty."""
    tables = {
        "prospects": [
            lead(1, "2026-03-01", stage_exited_at=at("2026-04-01")),
            lead(2, "2026-03-12"),
        ],
        "campaigns": [campaign("A")],
        "touches": [touch("step", "A", 1)],
        "prospect_campaign_assignments": [
            enrollment("now", 1, "A", "2026-03-01", "2026-04-01", "Opted Out"),
            enrollment("later", 1, "A", "2026-03-12"),
        ],
        "touch_engagements": [
            event(1, "Sent", "2026-03-02", "step"),
            event(1, "Delivered", "2026-03-12", "step"),
        ],
        "loans": [loan(1, 1, "Closed", "2026-03-12")],
    }
    emulation = execute(tables, as_of="2026-03-10")
    assert total(emulation, "leads", "new_leads") == 1
    assert total(emulation, "open_pipeline", "open_leads") == 1
    assert total(emulation, "enrollments", "enrollments") == 1
    assert total(emulation, "messages", "delivery_rate") == 0
    assert total(emulation, "messages", "opt_outs") == 0
    assert total(emulation, "loans", "loans") == 0


def test_equal_times_are_decided(execute: Execute) -> None:
    """Of two enrollments of one moment the greater id runs; of two stages the higher.

    The Sent of that same moment belongs to the second enrollment, so one of two
    has a delivered message and the reply. Staging comes before Hot PAL, whose
    stay takes no time: the first stay advanced, the second has no next one.
    """
    runs = [
        {**enrollment("x", 1, "A", "2026-03-01"), "assignment_id": identifier}
        for identifier in ("0" * 32, "f" * 32)
    ]
    tables = {
        "prospects": [lead(1, "2026-03-01")],
        "campaigns": [campaign("A"), campaign("B")],
        "touches": [touch("step", "A", 1)],
        "prospect_campaign_assignments": runs,
        "touch_engagements": [
            event(1, kind, "2026-03-01", "step") for kind in ("Sent", "Responded")
        ],
        "prospect_stage_history": [
            stay(1, HOT_PAL, "2026-03-01"),
            stay(1, STAGING, "2026-03-01"),
        ],
    }
    tables["prospect_campaign_assignments"][0]["status"] = "Opted Out"
    emulation = execute(tables, {"enrollments", "stage_stays"}, as_of="2026-05-01")
    assert total(emulation, "enrollments", "net_prospect_response_rate") == 1
    assert total(emulation, "enrollments", "re_enrollment_rate") == 1 / 2
    assert total(emulation, "stage_stays", "time_in_stage_median") == 0
    # Staging and Hot PAL are both first stays below the last stage.
    assert total(emulation, "stage_stays", "advance_rate_cohort") == 1 / 2
    assert total(emulation, "stage_stays", "regression_rate") == 0


def test_days_of_the_pipeline_over_the_change(execute: Execute) -> None:
    """A lead of 7 March noon is open at the ends of 7, 8 and 9 March: 3 of 3."""
    tables = {
        "prospects": [lead(1, "2026-03-07 18:00")],
        "prospect_stage_history": [stay(1, WORKING, "2026-03-07 18:00")],
    }
    emulation = execute(tables, as_of="2026-03-09")
    assert total(emulation, "pipeline_days", "avg_daily_open") == 1
    noon = execute(tables, as_of="2026-03-09T12:00:00")
    rows = noon.connection.execute("select day from pipeline_days order by day")
    found = [datetime(*row[0].timetuple()[:3]) for row in rows.fetchall()]
    assert found == [datetime(2026, 3, 7), datetime(2026, 3, 8)]
