"""What falls due: rate locks, planned closings, pre-approvals."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.rill.conftest import Execute
from tests.rill.rows import (
    HOT_PAL,
    PRE_APPROVED,
    RE_MARKETING,
    WORKING,
    at,
    by,
    dates,
    lead,
    loan,
    on,
    stay,
    total,
)

Tables = dict[str, list[dict[str, Any]]]
VIEW = "deadlines"
AS_OF = "2026-03-31"
TODAY = on(AS_OF)


def one_loan(status: str = "Approved", stage: int = WORKING, **days: str) -> Tables:
    """A lead with one loan of 100 and its dates."""
    return {
        "prospects": [lead(1, "2026-01-01", qualification_stage_id=stage)],
        "loans": [loan(1, 1, status, "2026-01-01", loan_amount=100)],
        "loan_dates": [dates(1, **days)],
    }


@pytest.mark.parametrize(
    ("days_left", "bucket"),
    [
        (-8, None),
        (-7, "1: overdue"),
        (-1, "1: overdue"),
        (0, "2: today"),
        (1, "3: next 7 days"),
        (7, "3: next 7 days"),
        (8, "4: later"),
        (14, "4: later"),
        (15, None),
    ],
)
@pytest.mark.parametrize(
    ("deadline", "column", "ahead"),
    [("Rate lock ends", "rate_locked_on", 30), ("Planned closing", "closed_on", 0)],
)
def test_limits(
    execute: Execute,
    days_left: int,
    bucket: str | None,
    deadline: str,
    column: str,
    ahead: int,
) -> None:
    """Listed from 7 days overdue to 14 days ahead; a lock lasts 30 days."""
    due = TODAY + timedelta(days=days_left)
    tables = one_loan(**{column: str(due - timedelta(days=ahead))})
    emulation = execute(tables, {VIEW}, as_of=AS_OF)
    buckets = by(emulation, VIEW, "deadlines", "due_bucket")
    assert buckets == ({bucket: 1} if bucket else {})
    if bucket:
        assert by(emulation, VIEW, "days_left", "deadline") == {deadline: days_left}
        assert by(emulation, VIEW, "deadlines", "due_on") == {str(due): 1}
        assert total(emulation, VIEW, "deadline_volume") == 100
        assert total(emulation, VIEW, "overdue_deadlines") == (days_left < 0)


def test_a_loan_counts_once(execute: Execute) -> None:
    """Lock and closing on one day: two rows, the volume on the lock's."""
    tables = one_loan(rate_locked_on="2026-03-06", closed_on="2026-04-05")
    emulation = execute(tables, {VIEW}, as_of=AS_OF)
    assert total(emulation, VIEW, "deadlines") == 2
    volumes = by(emulation, VIEW, "deadline_volume", "deadline")
    assert volumes == {"Rate lock ends": 100, "Planned closing": None}


@pytest.mark.parametrize(
    "tables",
    [
        one_loan("Closed", rate_locked_on="2026-03-06", closed_on="2026-03-30"),
        one_loan(stage=RE_MARKETING, closed_on="2026-04-05"),
        one_loan(),
        # A lock after today has not happened.
        one_loan(rate_locked_on="2026-04-01"),
    ],
    ids=["Closed", "disqualified", "no date", "lock in the future"],
)
def test_nothing_is_due(execute: Execute, tables: Tables) -> None:
    """Closed loans, disqualified leads and loans without a date have no deadline."""
    emulation = execute(tables, {VIEW}, as_of=AS_OF)
    assert total(emulation, VIEW, "deadlines") == 0
    assert total(emulation, VIEW, "deadline_volume") is None


def pre_approved(entered: str, stage: int = PRE_APPROVED, **days: str) -> Tables:
    """A lead that was pre-approved on a day, with a loan if it has dates."""
    tables: Tables = {
        "prospects": [
            lead(
                1,
                "2025-01-01",
                qualification_stage_id=stage,
                stage_entered_at=at("2026-03-01"),
            )
        ],
        "prospect_stage_history": [stay(1, PRE_APPROVED, entered)],
    }
    if days:
        tables |= {
            "loans": [loan(1, 1, "Pending", "2026-01-01", loan_amount=100)],
            "loan_dates": [dates(1, **days)],
        }
    return tables


@pytest.mark.parametrize("stage", [PRE_APPROVED, HOT_PAL])
@pytest.mark.parametrize(
    ("days_left", "listed"), [(-61, 0), (-60, 1), (0, 1), (14, 1), (15, 0)]
)
def test_pre_approvals_age(
    execute: Execute, days_left: int, listed: int, stage: int
) -> None:
    """90 days after the last stay of order 5, from 60 days overdue on.

    04:30 UTC is late in the evening of the day before in Chicago.
    """
    entered = TODAY + timedelta(days=days_left - 90 + 1)
    emulation = execute(pre_approved(f"{entered} 04:30", stage), {VIEW}, as_of=AS_OF)
    assert total(emulation, VIEW, "deadlines") == listed
    if listed:
        left = by(emulation, VIEW, "days_left", "deadline")
        assert left == {"Pre-approval ages": days_left}
        assert total(emulation, VIEW, "deadline_volume") is None


def test_an_application_ends_the_ageing(execute: Execute) -> None:
    """Who has applied has no pre-approval to renew; who will apply still has."""
    ages = "Pre-approval ages"
    for applied_on, expected in (("2026-03-01", {}), ("2026-04-02", {ages: 1})):
        tables = pre_approved("2026-01-05 18:00", applied_on=applied_on)
        emulation = execute(tables, {VIEW}, as_of=AS_OF)
        assert by(emulation, VIEW, "deadlines", "deadline") == expected


def test_without_history_the_stage_tells_the_day(execute: Execute) -> None:
    """In the stage since 28 February in Chicago: due on 29 May, 45 days ahead."""
    tables = pre_approved("2026-01-05 18:00")
    tables["prospect_stage_history"] = []
    emulation = execute(tables, {VIEW}, as_of="2026-05-20")
    assert by(emulation, VIEW, "days_left", "due_on") == {"2026-05-29": 9}
