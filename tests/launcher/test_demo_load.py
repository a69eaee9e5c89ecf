"""The demo's year is loaded along the year, by the real loader."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from launcher import demo_load
from launcher.cli import main
from launcher.demo_load import load_demo, points
from loader.database.tables import LOADED
from loader.errors import LoaderError


@pytest.fixture
def loaded(empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """DSN of a database with a small demo, loaded at a few points."""
    monkeypatch.setattr(demo_load, "STEP_DAYS", 60)
    monkeypatch.setattr(demo_load, "RECENT_STEP_DAYS", 15)
    load_demo(empty_database, tmp_path / "demo", prospects=60)
    return empty_database


def one(dsn: str, query: str) -> tuple:
    """Return the first row of a query."""
    with psycopg.connect(dsn) as connection:
        return connection.execute(query).fetchone()


def test_ends_now_and_begins_a_year_ago() -> None:
    """The points go from a year ago to now, closer at the end."""
    now = datetime(2026, 3, 31, 12, tzinfo=timezone.utc)
    found = list(points(now))
    assert found[0] == now - timedelta(days=364)
    assert found[-1] == now
    assert found == sorted(set(found))
    assert found[1] - found[0] > found[-2] - found[-3]


def test_fills_every_table(loaded: str, tmp_path: Path) -> None:
    """Each table has rows, and both files are there."""
    # So small a demo has nothing that cannot be stored, and nobody is forgotten.
    empty = {"rejected_records", "forgotten", "forgotten_key"}
    for table in set(LOADED) - {f"loader.{name}" for name in empty}:
        count = one(loaded, f"select count(*) from {table}")[0]
        assert count > 0, f"demo/ makes no rows of {table}"
    assert one(loaded, "select count(*) from touch_engagements")[0] > 100
    assert 50 < one(loaded, "select count(*) from prospects")[0] <= 60
    assert (tmp_path / "demo" / "lead_source_costs.csv").is_file()
    assert (tmp_path / "demo" / "loan_officers.csv").is_file()


def test_history_spans_the_year(loaded: str) -> None:
    """Stage moves were first seen at points of the past, and entered before."""
    first, last, late = one(
        loaded,
        "select min(first_seen_at), max(first_seen_at), "
        "count(*) filter (where entered_at > first_seen_at) "
        "from prospect_stage_history",
    )
    assert last - first > timedelta(days=200)
    assert late == 0
    (moved,) = one(
        loaded,
        "select count(*) from (select from prospect_stage_history "
        "group by prospect_id having count(*) > 1) as several",
    )
    assert moved > 10


def test_the_last_load_is_by_the_real_clock(loaded: str) -> None:
    """The end of the last load, which dashboards count from, is now."""
    (age,) = one(loaded, "select now() - max(finished_at) from loader.sync_runs")
    assert age < timedelta(minutes=5)


def test_replaces_an_earlier_demo(
    loaded: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Loading again, from another port, leaves one demo, not two."""
    before = one(loaded, "select count(*), max(prospect_id) from prospects")
    monkeypatch.setenv("BONZO_PROJECT_DIR", str(tmp_path))
    result = CliRunner().invoke(
        main, ["demo-server", "--prospects", "60", "--load-into", loaded]
    )
    assert result.exit_code == 0, result.output
    assert one(loaded, "select count(*), max(prospect_id) from prospects") == before
    assert (tmp_path / "rill" / "data" / "demo" / "loan_officers.csv").is_file()


@pytest.mark.parametrize(
    "statement",
    [
        "insert into loader.origin (origin) values ('https://app.getbonzo.com/api/v3')",
        "insert into prospects (first_name) values ('Ada')",
    ],
)
def test_never_replaces_real_data(
    database: str, tmp_path: Path, statement: str
) -> None:
    """A database with anything but a demo in it is left as it is."""
    with psycopg.connect(database) as connection:
        connection.execute(statement)
    with pytest.raises(LoaderError, match="another database"):
        load_demo(database, tmp_path, prospects=5)
    origins = one(database, "select count(*) from loader.origin")
    prospects = one(database, "select count(*) from prospects")
    assert origins[0] + prospects[0] == 1
