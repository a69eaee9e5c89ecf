"""No data, next to none, and data in which nothing is known."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from launcher.duckdb.engine import DuckDBEngine
from tests.rill.compare import differences
from tests.rill.conftest import Execute
from tests.rill.names import PROMISED
from tests.rill.reference import VIEWS, Settings, World
from tests.rill.reference.tables import COLUMNS, FILES
from tests.rill.rows import (
    at,
    campaign,
    enrollment,
    event,
    lead,
    stay,
    total,
    touch,
    user,
)

Tables = dict[str, list[dict[str, Any]]]
# The standard stages are there even in an empty database.
STOCKED = {"data_trust"}


def everything_agrees(emulation: DuckDBEngine, tables: Tables, **settings: Any) -> None:
    """No view differs from the plain calculation, and the model tests pass."""
    world = World(tables, Settings(**settings))
    found = [line for view in VIEWS for line in differences(emulation, world, view)]
    assert found == []
    assert emulation.failing_tests() == []


def test_empty_database(execute: Execute) -> None:
    """Every measure is nothing or 0, and every grouping but checks is empty."""
    emulation = execute({})
    for view in [*VIEWS, "load_age"]:
        [row] = emulation.measures(view)
        wrong = {k: v for k, v in row.items() if v not in (None, 0)}
        checked = {"checked_rows"} if view in STOCKED else set()
        assert wrong.keys() <= checked, view
    for view in VIEWS.keys() - STOCKED:
        for dimension in PROMISED[view].dimensions:
            assert emulation.measures(view, [dimension]) == []
    everything_agrees(emulation, {})


def test_empty_database_with_a_load(execute: Execute) -> None:
    """A complete load of an account without prospects changes nothing of that."""
    run = {
        "run_id": 1,
        "started_at": at("2026-03-01 10:00"),
        "finished_at": at("2026-03-01 10:05"),
        "outcome": "complete",
    }
    tables = {"sync_runs": [run]}
    emulation = execute(tables)
    assert total(emulation, "leads", "new_leads") == 0
    assert total(emulation, "load_age", "hours_since_complete_load") > 0
    everything_agrees(emulation, tables)


def test_roster_and_costs_without_leads(execute: Execute) -> None:
    """Officers without leads and spend without leads are still there."""
    tables = {
        "users": [user(1)],
        "lead_sources": [{"lead_source_id": 1, "source_name": "A"}],
        "loan_officers": [{"email": "user1@example.com"}],
        "lead_source_costs": [{"lead_source": "A", "month": "2026-02", "spend": "70"}],
    }
    emulation = execute(tables, as_of="2026-03-01")
    assert total(emulation, "loan_officers", "officers") == 1
    assert total(emulation, "loan_officers", "open_workload") == 0
    assert total(emulation, "lead_source_months", "unallocated_spend") == 70
    assert total(emulation, "lead_source_months", "allocated_spend") == 0
    assert total(emulation, "leads", "allocated_cost") is None
    everything_agrees(emulation, tables, as_of="2026-03-01")


def test_one_prospect(execute: Execute) -> None:
    """A lead with a name and a time alone: one new, open, untouched lead."""
    tables = {"prospects": [lead(1, "2026-03-01 12:00", first_name="Pat")]}
    emulation = execute(tables)
    assert total(emulation, "leads", "new_leads") == 1
    assert total(emulation, "leads", "never_touched_share") == 1
    assert total(emulation, "leads", "reached_1_low") == 0
    assert total(emulation, "leads", "reached_8_high") == 1
    assert total(emulation, "leads", "allocated_cost") is None
    assert total(emulation, "leads", "revenue_to_date") == 0
    assert total(emulation, "open_pipeline", "open_leads") == 1
    [row] = emulation.measures("open_pipeline", ["prospect"], ["unassigned_share"])
    assert row == {"prospect": "Pat #1", "unassigned_share": 1}
    everything_agrees(emulation, tables)


@pytest.fixture
def unknown() -> Tables:
    """One row in every table, and NULL wherever a column may hold it."""
    ids = {"prospect_id": 1, "loan_id": 1, "run_id": 1, "lead_source_id": 1}
    needed = {
        "lead_sources": {"source_name": "A"},
        "users": user(1),
        "campaigns": campaign("A"),
        "touches": {**touch("step", "A", 1), "campaign_id": None},
        "prospect_campaign_assignments": enrollment("run", 1, "A", "2026-03-01"),
        "prospect_stage_history": stay(1, 1, "2026-03-01"),
        "sync_runs": {"started_at": at("2026-03-01")},
        "touch_origins": {**touch("step", "A", 1), "origin": "derived"},
        "prospect_tags": {"tag": "Hot"},
    }
    tables: Tables = {}
    for name, columns in (COLUMNS | FILES).items():
        if name != "qualification_stages":
            known = {c: ids[c] for c in columns if c in ids} | needed.get(name, {})
            tables[name] = [known]
    tables["prospects"][0]["lead_source_id"] = None
    for name in ("campaign_id", "assigned_at", "status"):
        tables["prospect_campaign_assignments"][0][name] = None
    tables["prospect_stage_history"][0]["first_seen_at"] = None
    return tables


def test_everything_unknown(execute: Execute, unknown: Tables) -> None:
    """A prospect without a time is not there, and nothing fails over it."""
    emulation = execute(unknown, as_of="2026-03-10")
    assert total(emulation, "leads", "new_leads") == 0
    assert total(emulation, "messages", "messages_sent") == 0
    everything_agrees(emulation, unknown, as_of="2026-03-10")


def test_all_but_the_time_unknown(execute: Execute, unknown: Tables) -> None:
    """With a time it is one lead in "No stage", "Unattributed", "Unassigned"."""
    for table in ("prospects", "loans"):
        unknown[table][0]["created_at"] = at("2026-03-01")
    unknown["prospect_campaign_assignments"][0]["assigned_at"] = at("2026-03-01")
    unknown["touch_engagements"] = [
        event(1, "Sent", "2026-03-01", "step"),
        {**event(1, "Sent", "2026-03-02"), "engagement_type": None},
    ]
    emulation = execute(unknown, as_of="2026-03-10")
    for dimension, label in (
        ("stage", "No stage"),
        ("stage_group", "none"),
        ("lead_source", "Unattributed"),
        ("loan_officer", "Unassigned"),
        ("team", "No team"),
        ("do_not_call", "unknown"),
    ):
        [row] = emulation.measures("leads", [dimension], ["new_leads"])
        assert row == {dimension: label, "new_leads": 1}
    [loans] = emulation.measures("loans", ["loan_type", "loan_status"], ["volume"])
    assert loans == {"loan_type": "unknown", "loan_status": "unknown", "volume": None}
    assert total(emulation, "messages", "messages_sent") == 1
    everything_agrees(emulation, unknown, as_of="2026-03-10")


def test_ranges_end_at_as_of_in_every_view(execute: Execute) -> None:
    """Every time axis has the same end, so equal ranges hold equal days."""
    emulation = execute({"prospects": [lead(1, "2026-03-01")]}, as_of="2026-03-12")
    ends = {
        emulation.connection.execute(f"select {view.body['watermark']}").fetchone()
        for view in emulation.views.values()
        if "timeseries" in view.body
    }
    assert ends == {(datetime(2026, 3, 12, 23, 59, 59, 999999),)}
