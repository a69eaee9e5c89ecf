"""A database on an embedded server knows the installation that it belongs to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from demo.server import FakeBonzo
from tests.loader.conftest import TOKEN
from tests.loader.records import prospect

ROOT = Path(__file__).parent.parent.parent
Rows = Callable[..., list[dict[str, Any]]]
Environment = Callable[..., dict[str, str]]


@pytest.fixture
def installation(server: FakeBonzo, database: str, tmp_path: Path) -> Environment:
    """Make an installation whose embedded server is the test's: `installation("a")`."""
    parts = urlsplit(database)

    def make(name: str) -> dict[str, str]:
        folder = tmp_path / name
        (folder / ".data").mkdir(parents=True)
        address = parts._replace(path="").geturl()
        (folder / ".data" / "postgres.url").write_text(f"{address}\n")
        return {
            **os.environ,
            "BONZO_API_TOKEN": TOKEN,
            "BONZO_BASE_URL": server.url,
            "BONZO_PROJECT_DIR": str(folder),
            "BONZO_RATE_LIMIT": "1000000",
            "BONZO_DATABASE": parts.path.lstrip("/"),
            "PYTHONPATH": str(ROOT),
        }

    for number in range(1, 4):
        server.account.put_prospect(prospect(number))
    return make


def loader(
    environment: dict[str, str], *arguments: str
) -> subprocess.CompletedProcess[str]:
    """Run one of the loader's commands in an installation."""
    return subprocess.run(
        [sys.executable, "-m", "loader", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_another_installations_database_is_refused(
    server: FakeBonzo, installation: Environment, rows: Rows
) -> None:
    """At an address that another project's server took over nothing is written."""
    ours, theirs = installation("ours"), installation("theirs")
    assert loader(ours, "load", "--no-refresh").returncode == 0
    server.account.prospects.clear()
    for command in (["load", "--accept-vanished"], ["init-db"], ["status"]):
        done = loader(theirs, *command)
        assert done.returncode == 1
        assert "another project's" in done.stderr
        assert "make db" in done.stderr
    doctor = loader(theirs, "doctor")
    assert "another project's" in doctor.stdout
    assert doctor.returncode == 1
    assert rows("select gone_at from loader.sync_prospects") == [{"gone_at": None}] * 3
    assert len(rows("select run_id from loader.sync_runs")) == 1
    for command in (["init-db"], ["status"]):
        assert loader(ours, *command).returncode == 0


def test_a_database_url_may_be_shared(database: str, installation: Environment) -> None:
    """Who names a database, and no embedded server's, loads into it from anywhere."""
    ours, theirs = installation("ours"), installation("theirs")
    assert loader(ours, "load", "--no-refresh").returncode == 0
    shared = {**theirs, "DATABASE_URL": f"{database}&application_name=shared"}
    assert loader(shared, "load", "--no-refresh").returncode == 0
    assert loader(shared, "status").returncode == 0


def test_an_older_database_is_claimed_by_the_first_that_loads(
    installation: Environment, database: str, rows: Rows
) -> None:
    """A database from before this was known belongs to nobody until then."""
    ours, theirs = installation("ours"), installation("theirs")
    assert loader(ours, "load", "--no-refresh").returncode == 0
    with psycopg.connect(database) as connection:
        connection.execute("update loader.origin set project_id = null")
    assert loader(theirs, "load", "--no-refresh").returncode == 0
    assert loader(ours, "load", "--no-refresh").returncode == 1
    owner = Path(theirs["BONZO_PROJECT_DIR"], ".data", "project.id").read_text()
    assert rows("select project_id from loader.origin") == [
        {"project_id": owner.strip()}
    ]


def test_repeated_loads_ask_where_the_server_is(
    installation: Environment, rows: Rows
) -> None:
    """A server that stopped and came back elsewhere is found by the next load."""
    ours = installation("ours")
    address = Path(ours["BONZO_PROJECT_DIR"], ".data", "postgres.url")
    right = address.read_text()
    address.unlink()
    process = subprocess.Popen(
        [sys.executable, "-m", "loader", "load", "--every", "1s", "--no-refresh"],
        env=ours,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        first = process.stderr.readline()
        address.write_text(right)
        query = "select outcome, next_run_at from loader.sync_runs"
        deadline = time.monotonic() + 30
        while not any(row["next_run_at"] for row in rows(query)):
            assert time.monotonic() < deadline, "no load found the server"
            time.sleep(0.2)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert "The embedded PostgreSQL is not running" in first


def test_a_missing_database_is_not_taken_for_a_stopped_server(
    installation: Environment,
) -> None:
    """Where only the demo was loaded, the sentence says what creates the database."""
    environment = installation("a") | {"BONZO_DATABASE": "not_there"}
    done = loader(environment, "status")
    assert done.returncode == 1
    assert "has no database `not_there`" in done.stderr
    assert "make db" in done.stderr


@pytest.mark.parametrize(
    "text", ["", "\n", "postgresql://[x/", "/bonzo", "x=y", "\xff"]
)
def test_a_damaged_address_is_no_server(
    installation: Environment, database: str, text: str
) -> None:
    """A full disk cut it off: the sentence says what writes it again.

    A database of one's own needs none.
    """
    environment = installation("a")
    address = Path(environment["BONZO_PROJECT_DIR"], ".data", "postgres.url")
    address.write_bytes(text.encode("latin-1"))
    done = loader(environment, "status")
    assert done.returncode == 1
    assert "`make db`" in done.stderr
    assert "Traceback" not in done.stderr
    assert loader({**environment, "DATABASE_URL": database}, "status").returncode == 0


@pytest.mark.parametrize("password", ["SECRET\u2100", "SECRET\uff20x", "SECRET["])
@pytest.mark.parametrize("command", ["load", "status", "init-db"])
def test_a_password_of_any_letters_is_not_shown(
    installation: Environment, password: str, command: str
) -> None:
    """Python's reader of addresses refuses some, and repeats them."""
    address = f"postgresql://u:{password}@127.0.0.1:1/db"
    done = loader({**installation("a"), "DATABASE_URL": address}, command)
    assert done.returncode == 1
    assert "Cannot reach PostgreSQL at 127.0.0.1:1/db" in done.stderr
    assert "SECRET" not in done.stdout + done.stderr
