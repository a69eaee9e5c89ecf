"""What the trust page says about broken rows."""

from __future__ import annotations

import pytest

from launcher.duckdb.engine import DuckDBEngine
from tests.rill.conftest import Execute
from tests.rill.rows import (
    PRE_QUAL,
    WORKING,
    at,
    by,
    campaign,
    enrollment,
    event,
    failing,
    lead,
    loan,
    stay,
    total,
    touch,
)

AS_OF = "2026-03-31T00:00:00Z"


def test_rows_without_a_time_are_told(execute: Execute) -> None:
    """A lead, an event, an enrollment and a loan that no number can hold."""
    timeless = {"created_at": None}
    emulation = execute(
        {
            "prospects": [lead(1, "2026-03-01"), {**lead(2, "2026-03-01"), **timeless}],
            "campaigns": [campaign("A")],
            "touches": [touch("step", "A", 1)],
            "prospect_campaign_assignments": [
                {**enrollment("run", 1, "A", "2026-03-01"), "assigned_at": None}
            ],
            "touch_engagements": [
                {**event(1, "Sent", "2026-03-01"), "engagement_time": None},
                event(1, "Sent", "2026-04-01"),
                event(2, "Sent", "2026-03-01"),
            ],
            "loans": [{**loan(1, 1, "Pending", "2026-03-01"), **timeless}],
        },
        as_of=AS_OF,
    )
    found = failing(emulation)
    for check in (
        "lead_without_creation_time",
        "event_without_time",
        "event_in_future",
        "event_without_lead",
        "enrollment_without_start",
        "loan_without_creation_time",
    ):
        assert found.get(check) == 1, check


def test_history_that_ends_elsewhere_is_told(execute: Execute) -> None:
    """Lead 1's last stay is its stage, lead 2's is not, lead 3 has no history."""
    emulation = execute(
        {
            "prospects": [
                lead(number, "2026-03-01", qualification_stage_id=PRE_QUAL)
                for number in (1, 2, 3)
            ],
            "prospect_stage_history": [
                stay(1, WORKING, "2026-03-01"),
                stay(1, PRE_QUAL, "2026-03-02"),
                stay(2, WORKING, "2026-03-01"),
            ],
        },
        as_of=AS_OF,
    )
    assert failing(emulation)["stage_flow_broken"] == 1
    checked = by(emulation, "data_trust", "checked_rows", "check_name")
    assert checked["stage_flow_broken"] == 2


@pytest.mark.parametrize(
    ("damage", "check"),
    [
        ("insert into int_events from int_events", "event_rows_not_reconciled"),
        (
            "insert into int_lead_progress from int_lead_progress",
            "lead_rows_not_reconciled",
        ),
        ("update int_lead_progress set highest_order = 0", "reached_bounds_broken"),
        ("update int_lead_progress set allocated_cost = 1", "spend_not_reconciled"),
    ],
)
def test_wrong_numbers_are_errors(execute: Execute, damage: str, check: str) -> None:
    """Numbers that contradict what is stored turn a check of their own red."""
    emulation = execute(
        {
            "prospects": [
                lead(1, "2026-03-01", qualification_stage_id=WORKING, lead_source_id=1)
            ],
            "lead_sources": [{"lead_source_id": 1, "source_name": "Ads"}],
            "lead_source_costs": [
                {"lead_source": "Ads", "month": "2026-02", "spend": "12"}
            ],
            "touch_engagements": [event(1, "Sent", "2026-03-01")],
        },
        as_of=AS_OF,
    )
    assert total(emulation, "data_trust", "failed_checks") == 0
    emulation.connection.execute(damage)
    rebuild(emulation)
    assert check in failing(emulation)
    assert total(emulation, "data_trust", "failed_checks") >= 1


def rebuild(emulation: DuckDBEngine) -> None:
    """Execute the trust models again over what is there now."""
    for model in emulation.models:
        if model.path.parent.name == "data_quality":
            emulation._execute(model)


def test_every_check_says_what_to_do(execute: Execute) -> None:
    """Each check is there on an empty database, with advice in full sentences."""
    rows = execute({}).measures("data_trust", ["check_name", "advice", "severity"])
    assert len(rows) == len({row["check_name"] for row in rows})
    for row in rows:
        assert row["severity"] in {"error", "warning", "info"}
        assert len(row["advice"]) > 40, row
        assert row["advice"].endswith("."), row


def test_as_of_is_told_in_company_time(execute: Execute) -> None:
    """Midnight UTC at the end of March 30 is seven in the evening in Chicago."""
    [row] = execute({}, as_of=AS_OF).measures("data_trust", ["as_of"], [])
    assert row["as_of"] == f"{at('2026-03-30 19:00'):%B %-d, %Y}, 7:00 PM"
