"""A running Rill while its data changes, breaks, or goes away."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from harness import rill_files
from harness.rill_process import INSTANCE, RunningRill
from launcher.processes import wait_for
from tests.rill import fill_database, golden
from tests.rill.compare import differing
from tests.rill.names import PROMISED
from tests.rill.random.data import RandomData
from tests.rill.reference import VIEWS, Settings, World, calculate
from tests.rill.reference.views import grouped
from tests.rill.running.conftest import MARCH, RillSandbox

pytestmark = [pytest.mark.rill, pytest.mark.timeout(1500)]

SEEDS = (3, 17)
UTC = Settings(company_time_zone="UTC")


@pytest.mark.parametrize("seed", SEEDS)
def test_random_data(sandbox: RillSandbox, seed: int) -> None:
    """Rill, refreshed by trigger, agrees with the plain calculation."""
    drawn = RandomData(seed)
    rill = sandbox.show(f"random {seed}", drawn.tables, drawn.settings)
    world = World(drawn.tables, drawn.settings)
    found = [line for view in VIEWS for line in disagreements(rill, world, view)]
    assert found == []


def disagreements(rill: RunningRill, world: World, view: str) -> list[str]:
    """Sentences about values that differ, in total and by each dimension."""
    if view == "data_trust":
        expected = calculate(world, view, "check_name")
        answer = rill.measures(view, ["check_name"])
        known = [row for row in answer if row["check_name"] in expected]
        return differing(known, expected, view, "check_name")
    rows = VIEWS[view].rows(world)
    found = differing(rill.measures(view), grouped(view, rows), view)
    for dimension in PROMISED[view].dimensions:
        answer = rill.measures(view, [dimension])
        found += differing(answer, grouped(view, rows, dimension), view, dimension)
    return found


def test_empty_database(sandbox: RillSandbox) -> None:
    """Over nothing every measure is 0 or empty, and every text can be filled."""
    rill = sandbox.show("nothing", {}, UTC)
    for view in rill_files.VIEWS:
        if view == "data_trust":
            continue
        for row in rill.measures(view):
            assert not any(row.values()), view
    for tile in rill_files.all_tiles():
        if tile.renderer == "markdown":
            assert "{{" not in rill.fill(tile.body["content"], formats=True)
    assert rill.measures("data_trust", (), ["failed_checks"]) == [{"failed_checks": 0}]


def loaded(hours_ago: timedelta) -> dict[str, list[dict]]:
    """The ten leads, and one complete load that ended so long ago."""
    end = datetime.now(timezone.utc) - hours_ago
    run = {
        "run_id": 1,
        "started_at": end - timedelta(minutes=1),
        "finished_at": end,
        "outcome": "complete",
    }
    return golden.tables() | {"sync_runs": [run]}


def alert(rill: RunningRill, name: str) -> str:
    """Have an alert look now; return PASS, FAIL or ERROR."""
    before = executions(rill, name)
    rill.trigger("Alert", name)
    assert wait_for(lambda: executions(rill, name) > before, 60)
    state = rill.resource("Alert", name)["alert"]["state"]
    status = state["executionHistory"][0]["result"]["status"]
    return status.removeprefix("ASSERTION_STATUS_")


def executions(rill: RunningRill, name: str) -> int:
    """How often an alert has looked so far."""
    return rill.resource("Alert", name)["alert"]["state"].get("executionCount", 0)


def test_age_alert_fires_by_itself(sandbox: RillSandbox) -> None:
    """Nobody touches PostgreSQL or Rill, and yet the data gets too old."""
    # Hours are told to a tenth: in about a minute 2.0 become 2.1.
    age = timedelta(hours=2.05) - timedelta(seconds=75)
    rill = sandbox.show("loaded a while ago", loaded(age), UTC)
    limit = 2.05
    sandbox.mark_dirty()
    rill.set_variables(sandbox.values(UTC) | {"alert_load_age_hours": str(limit)})
    assert rill.wait() == []
    first = alert(rill, "data_is_old")
    (row,) = rill.measures("load_age")
    if row["hours_since_complete_load"] < limit:
        assert first == "PASS"
    assert wait_for(lambda: alert(rill, "data_is_old") == "FAIL", 150)


def test_alerts(sandbox: RillSandbox) -> None:
    """Alerts tell good from bad."""
    rill = sandbox.show("loaded", loaded(timedelta(hours=2)), UTC)
    assert alert(rill, "data_is_old") == "PASS"
    # Nobody was called for months.
    assert alert(rill, "stale_leads") == "FAIL"
    # All enrollments and messages are months old; what is past fails no check for ever.
    assert alert(rill, "opt_outs_high") == "PASS"
    assert alert(rill, "sent_after_opt_out") == "PASS"
    assert alert(rill, "trust_checks_failed") == "PASS"
    rill = sandbox.show("golden", golden.tables(), MARCH)
    assert alert(rill, "trust_checks_failed") == "FAIL"
    # Prospect 6 got a message after the opt-out.
    assert alert(rill, "sent_after_opt_out") == "FAIL"


def test_postgres_away(sandbox: RillSandbox) -> None:
    """With PostgreSQL away a refresh fails and dashboards keep their numbers."""
    rill = sandbox.show("golden", golden.tables(), MARCH)
    before = {view: rill.measures(view) for view in VIEWS}
    with unreachable(sandbox.dsn):
        errors = rill.refresh()
        assert errors
        assert not any("password" in error for error in errors)
        assert {view: rill.measures(view) for view in VIEWS} == before
        for canvas in rill_files.CANVASES:
            path = f"{INSTANCE}/queries/canvases/{canvas}/resolve"
            assert rill.ask(path, {})["resolvedComponents"]
    fill_database.fill(sandbox.dsn, sandbox.data, golden.tables())
    assert rill.refresh() == []
    assert {view: rill.measures(view) for view in VIEWS} == before


@contextmanager
def unreachable(dsn: str) -> Iterator[None]:
    """While this lasts nobody can connect to the database."""
    name = conninfo_to_dict(dsn)["dbname"]
    allow = sql.SQL("alter database {} allow_connections {}")
    server = make_conninfo(dsn, dbname="postgres")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(allow.format(sql.Identifier(name), sql.SQL("false")))
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s",
            [name],
        )
        try:
            yield
        finally:
            connection.execute(allow.format(sql.Identifier(name), sql.SQL("true")))


def test_broken_files(sandbox: RillSandbox) -> None:
    """What cannot be read in the two files is named; the numbers go on."""
    tables = golden.tables()
    sandbox.show("golden", tables, MARCH)
    with (sandbox.data / "lead_source_costs.csv").open("a", newline="") as file:
        csv.writer(file).writerows(
            [("A", "sometime", "100"), ("A", "2026-03-01", "a lot"), ("B", "", "")]
        )
    with (sandbox.data / "loan_officers.csv").open("a", newline="") as file:
        csv.writer(file).writerows(
            [("ann@example.com", "South", "", "true"), ("eve@x.com", "South", "", "")]
        )
    sandbox.mark_dirty()
    assert sandbox.rill.refresh() == []
    failing = {
        row["check_name"]: row["failing_rows"]
        for row in sandbox.rill.measures("data_trust", ["check_name"], ["failing_rows"])
    }
    assert failing["cost_row_unreadable"] == 3
    assert failing["roster_row_doubled"] == 1
    assert failing["roster_row_unknown"] == 1
    (spend,) = sandbox.rill.measures("lead_source_months", (), ["spend"])
    assert spend == {"spend": 1800}
    teams = sandbox.rill.measures(
        "loan_officers", ["loan_officer", "team"], ["officers"]
    )
    ann = [row for row in teams if row["loan_officer"] == "Ann Archer"]
    assert ann == [{"loan_officer": "Ann Archer", "team": "North", "officers": 1}]
