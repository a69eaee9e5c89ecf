"""The embedded PostgreSQL server: starting, stopping, what it survives."""

from __future__ import annotations

import os
import signal
import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from launcher.cli import main
from launcher.postgres import account, home, install
from launcher.postgres import server as postgres
from loader.config import Settings
from loader.errors import LoaderError
from loader.project import ProjectPaths, database_url
from tests.launcher.embedded import data_dir, launch

__all__ = ["data_dir"]

FAKE_INITDB = """#!/bin/sh
case "$1" in --version) echo "initdb (PostgreSQL) 18.4"; exit 0;; esac
echo "The files belonging to this database system will be owned by user x."
echo "initdb: error: could not write to file PG_VERSION: No space left on device" >&2
echo "initdb: removing contents of data directory" >&2
exit 1
"""


def test_start_is_idempotent(data_dir: Path) -> None:
    """A second start finds the first server and starts nothing."""
    first = launch(data_dir)
    assert launch(data_dir) == first
    assert postgres.status(data_dir).pid == first.pid


def test_stop_is_idempotent(data_dir: Path) -> None:
    """Stop says whether there was anything to stop, and takes the address away."""
    launch(data_dir)
    assert (data_dir / "postgres.url").exists()
    assert postgres.stop(data_dir)
    assert not (data_dir / "postgres.url").exists()
    assert not postgres.stop(data_dir)
    assert postgres.status(data_dir) is None


def test_server_is_new_enough_and_neutral(data_dir: Path) -> None:
    """PostgreSQL 15 or newer, UTF-8, no locale, UTC."""
    dsn = postgres.dsn(launch(data_dir), "postgres")
    with psycopg.connect(dsn) as connection:
        assert connection.info.server_version >= 150000
        for setting, value in {"server_encoding": "UTF8", "timezone": "UTC"}.items():
            assert connection.execute(f"show {setting}").fetchone() == (value,)
        collation = connection.execute(
            "select datcollate from pg_database where datname = 'postgres'"
        )
        assert collation.fetchone() == ("C",)


def test_data_survives_a_killed_server(data_dir: Path) -> None:
    """Rows committed before kill -9 are there after the next start, at once."""
    server = launch(data_dir)
    with psycopg.connect(postgres.dsn(server, "postgres")) as connection:
        connection.execute("create table kept as select generate_series(1, 1500) as n")
    os.kill(server.pid, signal.SIGKILL)
    again = launch(data_dir)
    assert again.pid != server.pid
    with psycopg.connect(postgres.dsn(again, "postgres")) as connection:
        assert connection.execute("select count(*) from kept").fetchone() == (1500,)


def test_address_stays_the_same(data_dir: Path) -> None:
    """A program that waits finds the server again after a restart."""
    first = postgres.dsn(launch(data_dir), "postgres")
    postgres.stop(data_dir)
    assert postgres.dsn(launch(data_dir), "postgres") == first


def test_half_initialized_cluster_is_redone(data_dir: Path) -> None:
    """What an interrupted initdb left behind is not taken for a database."""
    (data_dir / "pg18.partial" / "base").mkdir(parents=True)
    server = launch(data_dir)
    assert postgres.status(data_dir).pid == server.pid
    assert not (data_dir / "pg18.partial").exists()


def test_simultaneous_starts_agree(data_dir: Path) -> None:
    """Several starts on a fresh directory end with one and the same server."""
    with ThreadPoolExecutor(4) as pool:
        servers = list(pool.map(lambda _: launch(data_dir), range(4)))
    assert len(set(servers)) == 1


def test_create_database_is_idempotent(data_dir: Path) -> None:
    """Creating a database that exists gives its address and keeps its data."""
    server = postgres.dsn(launch(data_dir), "postgres")
    dsn = postgres.create_database(server, "twice & more")
    with psycopg.connect(dsn) as connection:
        connection.execute("create table kept (n int)")
    assert postgres.create_database(server, "twice & more") == dsn
    with psycopg.connect(dsn) as connection:
        assert connection.execute("select count(*) from kept").fetchone() == (0,)


def test_busy_server_counts_as_running(data_dir: Path) -> None:
    """With every connection in use it is found, not started again, and stopped."""
    server = launch(data_dir, options=["max_connections=5"])
    dsn = postgres.dsn(server, "postgres")
    with ExitStack() as held:
        for _ in range(5):
            held.enter_context(psycopg.connect(dsn))
        with pytest.raises(psycopg.OperationalError, match="too many clients"):
            psycopg.connect(dsn)
        assert postgres.status(data_dir).pid == server.pid
        assert launch(data_dir) == server
        assert postgres.stop(data_dir)
    assert postgres.status(data_dir) is None


def test_busy_server_is_a_sentence(data_dir: Path) -> None:
    """Who needs a connection of a busy server is told what to do."""
    project = data_dir.parent
    server = launch(project / ".data", options=["max_connections=5"])
    dsn = postgres.dsn(server, "postgres")
    with ExitStack() as held:
        for _ in range(5):
            held.enter_context(psycopg.connect(dsn))
        with pytest.raises(LoaderError, match=r"too many clients.*end programs"):
            postgres.ensure_running(project)
        # A plain load does not take it for stopped either.
        assert database_url(ProjectPaths(project), Settings())


def test_starting_server_is_waited_for(data_dir: Path) -> None:
    """A server in recovery is neither started twice nor reported as absent."""
    server = launch(data_dir)
    os.kill(server.pid, signal.SIGSTOP)
    pid_file = next(data_dir.glob("pg*/postmaster.pid"))
    text = pid_file.read_text()
    pid_file.write_text(text.replace("ready   ", "starting"))
    try:
        found = postgres.status(data_dir)
        assert (found.pid, found.ready, found.state) == (server.pid, False, "starting")
    finally:
        pid_file.write_text(text)
        os.kill(server.pid, signal.SIGCONT)
    assert launch(data_dir) == server


def test_foreign_pid_is_not_taken_for_the_server(data_dir: Path) -> None:
    """A pid file whose number another program has got since means: not running."""
    launch(data_dir)
    cluster = next(data_dir.glob("pg*"))
    text = (cluster / "postmaster.pid").read_text()
    postgres.stop(data_dir)
    old_pid, _, rest = text.partition("\n")
    (cluster / "postmaster.pid").write_text(f"{os.getpid()}\n{rest}")
    assert postgres.status(data_dir) is None
    assert not postgres.stop(data_dir)
    assert launch(data_dir).pid != int(old_pid)


def test_remove_deletes_the_files(data_dir: Path) -> None:
    """Removing stops the server and leaves no data behind."""
    launch(data_dir)
    assert postgres.remove(data_dir)
    assert not list(data_dir.glob("pg*"))
    assert not (data_dir / "socket").exists()


def test_full_disk_is_named(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When initdb fails, its line with the error is shown, not its last one."""
    programs = data_dir.parent / "bin"
    programs.mkdir()
    for name, text in {
        "initdb": FAKE_INITDB,
        "postgres": "#!/bin/sh\necho 'postgres (PostgreSQL) 18.4'\n",
    }.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    monkeypatch.setenv("BONZO_POSTGRES_BIN", str(programs))
    with pytest.raises(LoaderError, match=r"No space left on device\): free some"):
        postgres.start(data_dir)
    assert not list(data_dir.glob("pg*"))


def test_reason_for_a_failed_start_is_named(data_dir: Path) -> None:
    """When the server does not start, its line with the error is shown."""
    with pytest.raises(LoaderError, match=r"did not start \(.*FATAL.*no_such_one"):
        launch(data_dir, options=["no_such_one=1"])
    assert launch(data_dir)


def test_missing_binaries_are_named(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A wrong BONZO_POSTGRES_BIN is named."""
    monkeypatch.setenv("BONZO_POSTGRES_BIN", str(tmp_path))
    with pytest.raises(LoaderError, match="BONZO_POSTGRES_BIN"):
        postgres.start(data_dir)


def test_data_decides_the_version(data_dir: Path) -> None:
    """Data of an earlier major version is served by that version, not left empty."""
    who = account.service_account(data_dir, create=True)
    (data_dir / "pg16").mkdir(parents=True)
    bin_dir = install.binaries(data_dir, who)
    assert install.major_version(bin_dir) == 16


def test_data_without_its_version_is_a_sentence(data_dir: Path) -> None:
    """Data of a version that is not installed is named; nothing new is begun."""
    (data_dir / "pg14").mkdir(parents=True)
    with pytest.raises(LoaderError, match="was made by PostgreSQL 14"):
        launch(data_dir)
    assert [path.name for path in home.clusters(data_dir)] == ["pg14"]


def test_commands(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`db` starts, shows, stops and removes the project's server."""
    project = data_dir.parent
    monkeypatch.setenv("BONZO_PROJECT_DIR", str(project))

    def call(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(main, ["db", *arguments])
        return result.exit_code, result.stdout

    assert call("status")[0] == 3
    code, first = call("start")
    assert code == 0
    assert call("start") == (0, first)
    with psycopg.connect(first.strip()) as connection:
        assert connection.info.dbname == "bonzo"
    assert call("status")[1].startswith("running, pid ")
    assert stat.S_IMODE((project / ".data" / "project.id").stat().st_mode) & 0o77 == 0
    assert call("remove")[0] == 1  # nobody said yes
    assert call("stop") == (0, "stopped\n")
    assert call("stop") == (0, "not running\n")
    assert "removed" in call("remove", "--yes")[1]
