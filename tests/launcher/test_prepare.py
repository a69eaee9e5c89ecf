"""Which data `make start` shows."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import psycopg
import pytest
from dotenv import dotenv_values

from demo.demo_account import demo_year
from demo.server import FakeBonzo
from launcher import prepare as preparation
from launcher.postgres.server import create_database
from launcher.rill.env_file import point_rill_at
from loader.config import Settings, load_settings
from loader.project import ProjectPaths


@pytest.fixture
def paths(tmp_path: Path) -> ProjectPaths:
    """An installation without data."""
    (tmp_path / "rill" / "data").mkdir(parents=True)
    return ProjectPaths(tmp_path)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[str], str | None]]:
    """The commands that would have been run, with the DSN each would get."""
    found: list[tuple[str, list[str], str | None]] = []
    monkeypatch.setattr(preparation, "_run", lambda *call: found.append(call))
    return found


@pytest.fixture
def demo_dsn(postgres_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A demo database on the test server, dropped afterwards."""
    # The server may hold somebody's real demo under the usual name.
    monkeypatch.setattr(preparation, "DEMO_DATABASE", f"bonzo_demo_{os.getpid()}")
    yield create_database(postgres_server, preparation.DEMO_DATABASE)
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(
            f"drop database if exists {preparation.DEMO_DATABASE} with (force)"
        )


def note_a_load(database: str, finished_at: str = "now()") -> None:
    """Put a complete load into the database's list of runs."""
    with psycopg.connect(database) as connection:
        connection.execute(
            "insert into loader.sync_runs (started_at, finished_at, outcome) "
            f"values ({finished_at}, {finished_at}, 'complete')"
        )


def prepare(paths: ProjectPaths, settings: Settings, **more: bool) -> preparation.Data:
    """Prepare and print nothing."""
    return preparation.prepare(paths, settings, lambda text: None, **more)


def test_token_loads_from_bonzo(
    paths: ProjectPaths, calls: list, database: str
) -> None:
    """With a token the schema is made and Bonzo is loaded, into DATABASE_URL."""
    data = prepare(paths, Settings(database_url=database, bonzo_api_token="x"))
    assert data == preparation.Data(database, demo=False, fresh=True)
    assert [(call[0], call[1][0], call[2]) for call in calls] == [
        ("loader", "init-db", database),
        ("loader", "load", database),
    ]


def test_loaded_database_is_shown_as_it_is(
    paths: ProjectPaths, calls: list, database: str
) -> None:
    """Without a token a database that is loaded elsewhere is left alone."""
    note_a_load(database)
    assert prepare(paths, Settings(database_url=database)).dsn == database
    assert calls == []


def test_demo_never_meets_real_data(
    paths: ProjectPaths, calls: list, database: str, demo_dsn: str
) -> None:
    """Without token and loads the demo goes into a database of its own."""
    data = prepare(paths, Settings(database_url=database))
    assert data.demo
    assert data.dsn == demo_dsn
    assert calls == [("launcher", ["demo-server", "--load-into", data.dsn], None)]


def test_demo_wins_over_a_token_when_asked(
    paths: ProjectPaths, calls: list, database: str, demo_dsn: str
) -> None:
    """`make demo` shows the demo whatever is set."""
    settings = Settings(database_url=database, bonzo_api_token="x")
    assert prepare(paths, settings, demo=True).demo
    assert [call[1][0] for call in calls] == ["demo-server"]


def test_demo_is_loaded_once_a_day(
    paths: ProjectPaths,
    calls: list,
    database: str,
    demo_dsn: str,
    template_database: str,
) -> None:
    """The demo of today is reused; yesterday's and a forced one are loaded again."""
    schema = (Path(__file__).parents[2] / "schema.sql").read_text()
    with psycopg.connect(demo_dsn, autocommit=True) as connection:
        connection.execute(schema)
    (paths.rill / "data" / "demo").mkdir()
    settings = Settings(database_url=database)
    note_a_load(demo_dsn, "now() - interval '2 days'")
    assert prepare(paths, settings).fresh
    assert len(calls) == 1
    note_a_load(demo_dsn)
    assert not prepare(paths, settings).fresh
    assert len(calls) == 1
    assert prepare(paths, settings, again=True).fresh
    assert len(calls) == 2


def test_password_is_on_no_command_line(
    paths: ProjectPaths, calls: list, database: str, demo_dsn: str
) -> None:
    """The demo's DSN, which is an argument, has no password in it."""
    url = database.replace("postgres@", "postgres:geheim@")
    prepare(paths, Settings(database_url=url))
    assert "geheim" not in str(calls)


def test_failed_load_stops_the_start(
    paths: ProjectPaths, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exit code of a load that failed becomes that of `make start`."""
    monkeypatch.setenv("BONZO_API_TOKEN", "x")
    monkeypatch.setenv("BONZO_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("BONZO_RETRIES", "0")
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.chdir(Path(preparation.__file__).parents[1])
    with pytest.raises(SystemExit) as caught:
        prepare(paths, load_settings())
    assert caught.value.code == 1


def test_real_load_through_the_quick_start(
    paths: ProjectPaths, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a token the whole way works: commands are run and rows arrive."""
    now = datetime.now(timezone.utc)
    monkeypatch.chdir(Path(preparation.__file__).parents[1])
    with FakeBonzo(demo_year(now.date(), 10).account(now)) as server:
        monkeypatch.setenv("BONZO_API_TOKEN", server.token)
        monkeypatch.setenv("BONZO_BASE_URL", server.url)
        monkeypatch.setenv("DATABASE_URL", database)
        data = prepare(paths, load_settings())
    assert not data.demo
    with psycopg.connect(database) as connection:
        found = connection.execute("select count(*) from prospects").fetchone()
    assert found
    assert found[0] > 0


def test_rill_gets_data_folder_and_zone(
    paths: ProjectPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The demo has its own CSV files; the company's zone reaches Rill."""
    settings = Settings(company_time_zone="America/Denver")
    file = point_rill_at(paths, "postgresql://u@h/d", settings, demo=True)
    assert dotenv_values(file)["data_dir"] == "data/demo"
    monkeypatch.setenv("RILL_DATABASE_URL", "postgresql://reader@h/d")
    point_rill_at(paths, "postgresql://u@h/d", settings, demo=False)
    assert dotenv_values(file) == {
        "postgres_dsn": "postgresql://reader@h/d",
        "duckdb_path": str(paths.rill / "tmp" / "models.duckdb"),
        "data_dir": "data",
        "company_time_zone": "America/Denver",
    }
