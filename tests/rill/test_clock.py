"""The moment that all numbers are as of."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rill.conftest import Execute
from tests.rill.rows import (
    PRE_APPROVED,
    STAGING,
    WORKING,
    at,
    campaign,
    days,
    enrollment,
    event,
    lead,
    loan,
    stay,
    total,
    touch,
)


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
