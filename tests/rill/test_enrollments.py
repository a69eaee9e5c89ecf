"""Enrollments: ends, answers and what follows."""

from __future__ import annotations

import pytest

from launcher.duckdb.engine import DuckDBEngine
from tests.rill.conftest import Execute
from tests.rill.rows import (
    HOT_PAL,
    STAGING,
    UTC,
    WORKING,
    by,
    campaign,
    enrollment,
    event,
    hours,
    lead,
    minutes,
    one_step_campaign,
    stay,
    total,
    touch,
)


def test_completed_is_no_success(march: DuckDBEngine) -> None:
    """4 of 5 ended ones are Completed, the opt-out is in the base; 1 of 4 unheard."""
    assert total(march, "enrollments", "completion_rate") == 4 / 5
    assert total(march, "enrollments", "completed_unanswered_share") == 1 / 4


def test_a_stop_is_no_interest(march: DuckDBEngine) -> None:
    """4 of 6 reached prospects wrote something, 3 of 6 something but STOP."""
    view = "enrollments"
    assert total(march, view, "prospect_response_rate") == pytest.approx(4 / 6)
    assert total(march, view, "net_prospect_response_rate") == pytest.approx(3 / 6)


def test_response_time_names_its_basis(march: DuckDBEngine) -> None:
    """Per prospect 794.5 minutes, per enrollment 57: 9 answered its second run.

    Prospects 10, 29, 1,560, 20,190; enrollments 10, 29, 85, 1,560 minutes.
    """
    per_prospect = total(march, "leads", "lead_response_time_median")
    per_run = total(march, "enrollments", "enrollment_response_time_median")
    assert (per_prospect, per_run) == (minutes(794.5), minutes(57))
    assert per_prospect > hours(13)


def test_distinct_counts_are_no_sums(execute: Execute) -> None:
    """One prospect in two campaigns: 1 in all, 1 in each."""
    tables = {
        "prospects": [lead(1, "2026-01-01")],
        "campaigns": [campaign("A"), campaign("B")],
        "prospect_campaign_assignments": [
            enrollment("first", 1, "A", "2026-01-01"),
            enrollment("second", 1, "B", "2026-01-02"),
        ],
    }
    emulation = execute(tables, as_of="2026-02-01T00:00:00Z", **UTC)
    assert total(emulation, "enrollments", "prospects_enrolled") == 1
    by_campaign = by(emulation, "enrollments", "prospects_enrolled", "campaign")
    assert by_campaign == {"A": 1, "B": 1}
    project = emulation.views["enrollments"].body["measures"]
    [measure] = [m for m in project if m["name"] == "prospects_enrolled"]
    assert "additive" in measure["description"].lower()


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
