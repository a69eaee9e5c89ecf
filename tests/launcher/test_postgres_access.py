"""Who reaches the embedded PostgreSQL: its owner, and nobody else."""

from __future__ import annotations

import os
import re
import shutil
import socket
import stat
import subprocess
from pathlib import Path

import psycopg
import pytest

from launcher import private_files
from launcher.postgres import account, home, install, postmaster
from launcher.postgres import server as postgres
from loader import project
from loader.config import Settings
from loader.project import ProjectPaths
from tests.launcher.embedded import as_root, as_user, data_dir, launch

__all__ = ["data_dir"]


def mode(path: Path) -> int:
    """Return a file's permission bits."""
    return stat.S_IMODE(path.stat().st_mode)


def test_nothing_listens_on_the_network(data_dir: Path) -> None:
    """The server has no TCP address, so that no other account can even knock."""
    server = launch(data_dir)
    with psycopg.connect(postgres.dsn(server, "postgres")) as connection:
        assert connection.execute("show listen_addresses").fetchone() == ("",)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(f"postgresql://postgres@127.0.0.1:{home.PORT}/postgres")


def test_socket_is_behind_a_closed_directory(data_dir: Path) -> None:
    """The socket's directory has mode 700, the socket itself too."""
    server = launch(data_dir)
    assert mode(server.socket_dir) == 0o700
    assert mode(server.socket_dir / f".s.PGSQL.{home.PORT}") == 0o700


@as_root
def test_other_account_is_refused(data_dir: Path) -> None:
    """Another account can neither connect nor read any file of the server."""
    server = launch(data_dir)
    dsn = postgres.dsn(server, "postgres")
    answer = as_user(lambda: psycopg.connect(dsn).info.server_version)
    assert "Permission denied" in answer
    readable = as_user(lambda: [str(path) for path in data_dir.rglob("*")])
    assert readable == "[]"
    log = data_dir / "postgres.log"
    assert "Permission" in as_user(log.read_text)


def test_files_are_closed(data_dir: Path) -> None:
    """What is in the data directory cannot be read by others, whatever was there."""
    data_dir.mkdir(mode=0o755)
    (data_dir / "postgres.log").write_text("old\n")
    (data_dir / "postgres.log").chmod(0o644)
    launch(data_dir)
    assert mode(data_dir) & 0o007 == 0
    for name in ("postgres.log", "postgres.url", "lock"):
        assert mode(data_dir / name) == 0o600, name
    assert (data_dir / "postgres.log").read_text().startswith("old\n")


def test_what_closes_directories_leaves_the_server_in_its_own(data_dir: Path) -> None:
    """Whoever else writes into `.data` does not shut root's server out of it."""
    server = launch(data_dir)
    private_files.make_directory(data_dir)
    who = account.service_account(data_dir)
    assert home.reachable(data_dir, who)
    with psycopg.connect(postgres.dsn(server, "postgres")) as connection:
        rules = connection.execute("select count(*) from pg_hba_file_rules")
        assert rules.fetchone() == (1,)


def test_log_holds_no_rows(data_dir: Path) -> None:
    """A refused insert is logged without the row."""
    dsn = postgres.dsn(launch(data_dir), "postgres")
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("create table people (id int primary key, mail text)")
        for _ in range(2):
            try:
                connection.execute(
                    "insert into people values (1, %s)", ["ann@x.example"]
                )
                connection.execute(
                    "insert into people values (null, %s)", ["bo@x.example"]
                )
            except psycopg.Error:
                pass
    log = (data_dir / "postgres.log").read_text()
    assert "violates" in log
    assert "x.example" not in log


def test_projects_know_themselves(tmp_path: Path) -> None:
    """Each installation has an id of its own, which stays."""
    ids = {
        project.project_id(ProjectPaths(tmp_path / name))
        for name in ("one", "other", "one")
        if (tmp_path / name).mkdir(exist_ok=True) is None
    }
    assert len(ids) == 2


def test_loader_never_reaches_another_projects_server(data_dir: Path) -> None:
    """With its own server stopped, a loader finds none, though another runs."""
    one, other = data_dir.parent / "one", data_dir.parent / "other"
    for folder in (one, other):
        folder.mkdir()
    settings = Settings()
    try:
        launch(one / ".data")
        address = project.database_url(
            ProjectPaths(one), Settings(database_name="postgres")
        )
        postgres.stop(one / ".data")
        launch(other / ".data")
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(address)
        with pytest.raises(project.LoaderError, match="not running"):
            project.database_url(ProjectPaths(one), settings)
    finally:
        for folder in (one, other):
            postgres.stop(folder / ".data")


@pytest.mark.parametrize("name", ["plain", "with blank", "Ünï-cödé", "a,b'c\"d%20e"])
def test_any_folder_name_will_do(data_dir: Path, name: str) -> None:
    """Blanks, commas, quotes and letters beyond ASCII in the path are no matter."""
    project_dir = data_dir.parent / name
    project_dir.mkdir()
    launch(project_dir / ".data")
    dsn = postgres.ensure_running(project_dir)
    try:
        assert psycopg.connect(dsn).info.dbname == "bonzo"
        found = project.database_url(ProjectPaths(project_dir), Settings())
        assert found == dsn
    finally:
        postgres.stop(project_dir / ".data")


def test_long_path_has_its_socket_elsewhere(data_dir: Path) -> None:
    """A path too long for a socket has it in a closed directory below TMPDIR."""
    deep = data_dir.parent / ("x" * 60) / ("y" * 60) / ".data"
    deep.parent.mkdir(parents=True)
    server = launch(deep)
    try:
        assert not server.socket_dir.is_relative_to(deep)
        assert mode(server.socket_dir) == 0o700
        assert psycopg.connect(postgres.dsn(server, "postgres")).info.dbname
        postgres.stop(deep)
        assert launch(deep).socket_dir == server.socket_dir
    finally:
        postgres.stop(deep)
        shutil.rmtree(server.socket_dir)


def earlier_installation(data_dir: Path, owner: account.Account) -> int:
    """Start a server as earlier versions did: trusted TCP, open files; its pid."""
    data_dir.mkdir(mode=0o755)
    bin_dir = install.binaries(data_dir, owner)
    cluster = data_dir / f"pg{install.major_version(bin_dir)}"
    cluster.mkdir(mode=0o700)
    home.give(cluster, owner)
    initdb = [bin_dir / "initdb", "-D", cluster, "-U", "postgres", "-A", "trust"]
    options = {"cwd": "/", "check": True, "capture_output": True}
    options |= owner.spawn_options()
    subprocess.run([*initdb, "-E", "UTF8", "--no-locale", "--no-sync"], **options)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [bin_dir / "pg_ctl", "-D", cluster, "-w", "-l", cluster / "log", "-o"]
    flags = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
    options["capture_output"] = False
    subprocess.run([*command, flags, "start"], stdout=subprocess.DEVNULL, **options)
    (data_dir / "postgres.url").write_text(f"postgresql://postgres@127.0.0.1:{port}\n")
    with psycopg.connect(
        f"postgresql://postgres@127.0.0.1:{port}/postgres", autocommit=True
    ) as connection:
        connection.execute("create table stage_history as select 42 as n")
    return postmaster.running(cluster).pid


@pytest.mark.parametrize("running", [True, False])
def test_earlier_installation_is_closed_and_keeps_its_data(
    data_dir: Path, running: bool
) -> None:
    """A server that trusted every account is restarted closed, with its rows."""
    data_dir.parent.mkdir(exist_ok=True)
    owner = account.service_account(data_dir, create=True)
    if os.geteuid() == 0:
        # As earlier versions did it for root.
        owner = account.Account(65534, 65534, dropped=True)
    old = earlier_installation(data_dir, owner)
    address = (data_dir / "postgres.url").read_text().strip()
    if not running:
        os.kill(old, 2)
        while postmaster.running(next(data_dir.glob("pg*"))):
            pass
    server = launch(data_dir)
    assert server.pid != old
    with psycopg.connect(postgres.dsn(server, "postgres")) as connection:
        assert connection.execute("table stage_history").fetchall() == [(42,)]
        rules = "select type, auth_method from pg_hba_file_rules"
        assert connection.execute(rules).fetchall() == [("local", "trust")]
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(f"{address}/postgres")
    cluster = next(data_dir.glob("pg*"))
    uid = account.service_account(data_dir).uid
    assert {path.lstat().st_uid for path in cluster.rglob("*")} <= {uid, os.geteuid()}
    assert re.match(r"postgresql://postgres@/", (data_dir / "postgres.url").read_text())
