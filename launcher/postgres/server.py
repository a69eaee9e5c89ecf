"""An embedded PostgreSQL: a background service of the project, no set-up needed.

The server listens on 127.0.0.1 only and trusts local connections, so it is meant
for a machine whose accounts you trust; elsewhere set DATABASE_URL. Its files are
in the data directory (`.data`), named after the major version.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import errors, sql

from launcher import processes
from launcher.postgres.install import (
    Account,
    binaries,
    cluster_home,
    major_version,
    service_account,
)
from loader.config import variable
from loader.errors import LoaderError

HOST = "127.0.0.1"
DEFAULT_PORT = 55432
# Long enough to recover after a power cut in the middle of a large load.
START_SECONDS = 120
STOP_SECONDS = 60


@dataclass(frozen=True)
class Server:
    """A running server: where it listens and the pid of its postmaster."""

    host: str
    port: int
    pid: int


def ensure_running(project_dir: Path, database: str = "bonzo") -> str:
    """Start the project's server if need be and return the DSN of `database`.

    The database is created when absent. Raises LoaderError when the server
    cannot be started.
    """
    server = start(Path(project_dir) / ".data")
    return create_database(dsn(server, "postgres"), database)


def dsn(server: Server, database: str) -> str:
    """Return the URL of a database on this server; it carries no password."""
    return f"postgresql://postgres@{server.host}:{server.port}/{database}"


def create_database(server_dsn: str, name: str) -> str:
    """Create database `name` if absent and return its DSN.

    `server_dsn` names any existing database of the same server.
    """
    with psycopg.connect(server_dsn, autocommit=True) as connection:
        found = connection.execute(
            "select 1 from pg_database where datname = %s", [name]
        ).fetchone()
        if not found:
            # Somebody else may be quicker.
            with suppress(errors.DuplicateDatabase, errors.UniqueViolation):
                connection.execute(
                    sql.SQL("create database {}").format(sql.Identifier(name))
                )
    return urlsplit(server_dsn)._replace(path=f"/{name}").geturl()


def start(
    data_dir: Path,
    port: int | None = None,
    *,
    options: Sequence[str] = (),
    die_with_parent: bool = False,
) -> Server:
    """Start the server of `data_dir`, or return it if it already runs.

    `port` is where to begin looking for a free one; by default the port used
    last time. `options` are further `-c` settings, `name=value`.
    `die_with_parent` ties the server's life to this process (Linux only).
    """
    data_dir = Path(data_dir).absolute()
    with _locked(data_dir):
        account = service_account()
        home = cluster_home(data_dir, account)
        _make_directory(home)
        bin_dir = binaries(home, account)
        cluster = home / f"pg{major_version(bin_dir)}"
        running = _running(cluster)
        if running:
            _leave_address(data_dir, running)
            return running
        _initialize(cluster, bin_dir, account)
        _clear_stale_pid(cluster)
        first = port or _remembered_port(data_dir)
        server = _launch(
            bin_dir, cluster, data_dir, account, first, options, die_with_parent
        )
        (data_dir / "postgres.port").write_text(f"{server.port}\n")
        _leave_address(data_dir, server)
        return server


def _leave_address(data_dir: Path, server: Server) -> None:
    """Write the server's URL, without a database, for the loader to find."""
    (data_dir / "postgres.url").write_text(dsn(server, "").rstrip("/") + "\n")


def status(data_dir: Path) -> Server | None:
    """Return the running server of `data_dir`, or None."""
    for cluster in _clusters(Path(data_dir).absolute()):
        server = _running(cluster)
        if server:
            return server
    return None


def stop(data_dir: Path) -> bool:
    """Stop the server of `data_dir`; False if none was running.

    Open connections are closed; committed data is on disk when this returns.
    """
    server = status(data_dir)
    if server is None:
        return False
    try:
        # SIGINT is PostgreSQL's fast shutdown.
        os.kill(server.pid, signal.SIGINT)
    except PermissionError:
        raise LoaderError(
            f"the database server (pid {server.pid}) belongs to another user: "
            "stop it as the user who started it."
        ) from None
    if not processes.wait_for(lambda: not processes.alive(server.pid), STOP_SECONDS):
        raise LoaderError(
            f"the database server (pid {server.pid}) did not stop within "
            f"{STOP_SECONDS} seconds: see {data_dir}/postgres.log."
        )
    return True


def remove(data_dir: Path) -> list[Path]:
    """Stop the server and delete its files; return what was deleted."""
    stop(data_dir)
    home = cluster_home(data_dir, service_account()) if data_dir.is_dir() else data_dir
    found = _clusters(data_dir.absolute()) + list(home.glob("pginstall-*"))
    for path in found:
        shutil.rmtree(path)
    return found


def _make_directory(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _not_writable(path, error) from None


def _not_writable(path: Path, error: OSError) -> LoaderError:
    return LoaderError(
        f"cannot write {path} ({error.strerror}): give this user write "
        "permission there, or use a copy of the project that it owns."
    )


@contextmanager
def _locked(data_dir: Path) -> Iterator[None]:
    """Hold the directory's lock: two starts at once would both run initdb."""
    _make_directory(data_dir)
    try:
        handle = (data_dir / "lock").open("w")
    except OSError as error:
        raise _not_writable(data_dir, error) from None
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _clusters(data_dir: Path) -> list[Path]:
    if not data_dir.is_dir():
        return []
    home = cluster_home(data_dir, service_account())
    return sorted(home.glob("pg[0-9]*"), reverse=True)


def _remembered_port(data_dir: Path) -> int:
    given = variable("BONZO_POSTGRES_PORT")
    if given:
        if not given.isdigit() or not 0 < int(given) < 65536:
            raise LoaderError(
                f"BONZO_POSTGRES_PORT={given} is no port: use 1024 to 65535."
            )
        return int(given)
    try:
        return int((data_dir / "postgres.port").read_text())
    except (OSError, ValueError):
        return DEFAULT_PORT


def _initialize(cluster: Path, bin_dir: Path, account: Account) -> None:
    """Create the cluster beside its final name, so that a half is never used."""
    if (cluster / "PG_VERSION").exists():
        return
    partial = cluster.with_name(cluster.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    _make_directory(partial)
    if account.dropped:
        os.chown(partial, account.uid, account.gid)
    partial.chmod(0o700)
    # Without --no-locale the sort order of text would follow whoever started it.
    command = [bin_dir / "initdb", "-D", partial, "-U", "postgres", "-A", "trust"]
    command += ["-E", "UTF8", "--no-locale", "--no-sync"]
    answer = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=_clean_environment(),
        **account.spawn_options(),
    )
    if answer.returncode != 0:
        shutil.rmtree(partial, ignore_errors=True)
        reason = (answer.stderr.strip() or answer.stdout.strip()).splitlines()[-1:]
        raise LoaderError(
            f"PostgreSQL could not create its files in {cluster.parent} "
            f"({' '.join(reason)}): free some space or permissions there, or set "
            "DATABASE_URL to a PostgreSQL of your own."
        )
    partial.rename(cluster)


def _clean_environment() -> dict[str, str]:
    # PGDATA, PGPORT and their kin would override what we pass.
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def _launch(
    bin_dir: Path,
    cluster: Path,
    data_dir: Path,
    account: Account,
    first_port: int,
    options: Sequence[str],
    die_with_parent: bool,
) -> Server:
    log = data_dir / "postgres.log"
    for port in processes.free_ports(first_port):
        began = log.stat().st_size if log.exists() else 0
        with log.open("a") as output:
            child = subprocess.Popen(
                _command(bin_dir, cluster, port, options),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                env=_clean_environment(),
                start_new_session=True,
                preexec_fn=processes.follow_parent(die_with_parent),
                **account.spawn_options(),
            )
        settled = processes.wait_for(
            lambda c=child: c.poll() is not None or _running(cluster), START_SECONDS
        )
        if settled:
            server = _running(cluster)
            if server:
                # The server is meant to outlive us: nothing to wait for.
                child.returncode = 0
                return server
        tail = log.read_text(errors="replace")[began:]
        if "could not create any TCP/IP sockets" in tail:
            continue  # taken between our look and the server's
        if child.poll() is None:
            child.send_signal(signal.SIGQUIT)
            child.wait()
        last = [line for line in tail.splitlines() if line.strip()][-1:]
        raise LoaderError(
            f"PostgreSQL did not start ({' '.join(last) or 'no message'}): see "
            f"{log}, or set DATABASE_URL to a PostgreSQL of your own."
        )
    raise LoaderError(
        f"no free port from {first_port} on: set BONZO_POSTGRES_PORT to a free one."
    )


def _command(
    bin_dir: Path, cluster: Path, port: int, options: Sequence[str]
) -> list[str | Path]:
    settings = [
        f"listen_addresses={HOST}",
        "unix_socket_directories=",
        "timezone=UTC",
        "log_timezone=UTC",
        *options,
    ]
    command: list[str | Path] = [bin_dir / "postgres", "-D", cluster, "-p", str(port)]
    for setting in settings:
        command += ["-c", setting]
    return command


def _read_pid_file(cluster: Path) -> tuple[int, int] | None:
    """Return (pid, port) as the server noted them, or None."""
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
        return int(lines[0]), int(lines[3])
    except (OSError, ValueError, IndexError):
        return None


def _running(cluster: Path) -> Server | None:
    """Return the server of this cluster if it accepts connections."""
    noted = _read_pid_file(cluster)
    if noted is None or not processes.alive(noted[0]):
        return None
    server = Server(HOST, noted[1], noted[0])
    try:
        with psycopg.connect(dsn(server, "postgres"), connect_timeout=5) as connection:
            found = connection.execute("show data_directory").fetchone()
    except psycopg.Error:
        return None
    # Another server may have been given our old port meanwhile.
    return server if found and Path(found[0]) == cluster else None


def _clear_stale_pid(cluster: Path) -> None:
    """Remove the pid file of a server that died without being reaped.

    PostgreSQL itself takes such a zombie for a running server and refuses to
    start. Nothing is removed while any process works in the cluster.
    """
    noted = _read_pid_file(cluster)
    if noted is None or sys.platform != "linux":
        return
    if processes.wait_for(lambda: not processes.working_in(cluster), 10):
        (cluster / "postmaster.pid").unlink(missing_ok=True)
