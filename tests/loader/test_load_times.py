"""Loads whose times a wrong clock noted: nothing stays wrong once it is right."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from demo.server import FakeBonzo
from loader.cli import main
from tests.loader.conftest import Load
from tests.loader.records import listing, prospect

Rows = Callable[..., list[dict[str, Any]]]
FAR = datetime(2099, 1, 1, tzinfo=timezone.utc)
UNDATED = {"pipeline_stage": {"id": 1, "name": "Working"}, "stage_assigned_at": None}


@pytest.fixture
def loaded_ahead(server: FakeBonzo, load: Load) -> list[datetime]:
    """Two complete loads by a clock that was decades ahead; one prospect went away."""
    for number in range(1, 4):
        server.account.put_prospect(prospect(number, **UNDATED))
    server.account.put_prospect(prospect(4, campaigns=[listing(71, None)], **UNDATED))
    load(now=lambda: FAR - timedelta(days=1))
    del server.account.prospects[3]
    load(now=lambda: FAR)
    return [FAR]


def test_status_tells_of_a_clock_ahead(
    loaded_ahead: list[datetime], database: str
) -> None:
    """A load that lies in the future has no age, and --max-age fails."""
    environment = {"DATABASE_URL": database}
    done = CliRunner().invoke(main, ["status"], env=environment)
    assert done.exit_code == 0
    assert "ahead of PostgreSQL's clock" in done.output
    assert (
        json.loads(
            CliRunner().invoke(main, ["status", "--json"], env=environment).output
        )["age_seconds"]
        is None
    )
    failed = CliRunner().invoke(main, ["status", "--max-age", "1h"], env=environment)
    assert failed.exit_code == 1


def test_a_clock_put_right_dates_everything_back(
    server: FakeBonzo, load: Load, rows: Rows, loaded_ahead: list[datetime]
) -> None:
    """Runs, stages and enrollments lie in the past again; who is gone stays gone."""
    server.account.put_prospect(prospect(5, **UNDATED))
    report = load()
    assert report.outcome == "complete"
    assert any("ahead of PostgreSQL's clock" in text for text in report.warnings)
    for query in (
        "select started_at as at from loader.sync_runs",
        "select finished_at as at from loader.sync_runs",
        "select last_seen_at as at from loader.sync_prospects",
        "select stage_entered_at as at from prospects",
        "select entered_at as at from prospect_stage_history",
        "select started_at as at from loader.enrollment_starts",
        "select assigned_at as at from prospect_campaign_assignments",
    ):
        times = [row["at"] for row in rows(query)]
        assert times, query
        assert max(times) <= datetime.now(timezone.utc), query
    starts = [
        r["started_at"] for r in rows("select * from loader.sync_runs order by 1")
    ]
    assert starts == sorted(starts)
    gone = (
        "select prospect_id as id from loader.sync_prospects where last_seen_at < ("
        "select started_at from loader.sync_runs where outcome = 'complete' "
        "order by finished_at desc limit 1)"
    )
    assert rows(gone) == [{"id": 3}]
    assert load().changed == 0
    assert len(rows("select * from prospect_stage_history")) == 5


def test_a_stage_moves_once_after_a_clock_ahead(
    server: FakeBonzo, load: Load, rows: Rows, loaded_ahead: list[datetime]
) -> None:
    """A move after the wrong clock is one row of history, however often loaded."""
    server.account.change_prospect(1, pipeline_stage={"id": 2, "name": "Sending"})
    for _ in range(3):
        load()
    history = "select stage_id from prospect_stage_history where prospect_id = 1"
    assert len(rows(history)) == 2


def test_a_clock_behind_moves_nothing(
    server: FakeBonzo, load: Load, rows: Rows, database: str
) -> None:
    """Where Bonzo's records are newer than the clock, the clock is what is wrong."""
    today = datetime.now(timezone.utc)
    server.account.put_prospect(prospect(1, updated_at=today.isoformat(), **UNDATED))
    load()
    before = rows("select entered_at from prospect_stage_history")
    report = load(now=lambda: today - timedelta(days=3000))
    assert report.outcome == "complete"
    assert any("clock" in text and "correct it" in text for text in report.warnings)
    assert rows("select entered_at from prospect_stage_history") == before
    with psycopg.connect(database) as connection:
        first, second = connection.execute(
            "select started_at from loader.sync_runs order by run_id"
        ).fetchall()
    assert second > first


def test_the_next_load_is_noted_by_the_databases_clock(
    load: Load, connection: psycopg.Connection
) -> None:
    """A loader whose own clock is wrong notes the right time of the next load."""
    from loader.database.runs import note_next_run

    load()
    note_next_run(connection, 900)
    (ahead,) = connection.execute(
        "select extract(epoch from next_run_at - now()) from loader.sync_runs"
    ).fetchone()
    assert 890 < ahead <= 901
