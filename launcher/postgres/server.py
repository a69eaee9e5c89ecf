"""An embedded PostgreSQL: a background service of the project, no set-up needed.

It listens on a Unix socket only, in a directory that nobody but its owner (and
root) enters: whoever gets there is the owner, so no password is asked. Its files
are in `.data`, named after the major version.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

import psycopg
from psycopg import errors, sql

from launcher import private_files, processes
from launcher.postgres import home as homes
from launcher.postgres import postmaster
from launcher.postgres.account import Account, service_account
from launcher.postgres.install import binaries, major_version
from loader.errors import LoaderError
from loader.project import ProjectPaths, project_id

# Long enough to recover after a power cut in the middle of a large load.
START_SECONDS = 120
STOP_SECONDS = 60
# Only the socket is listened on, and only its directory's owner reaches it.
ACCESS_RULES = "local all all trust\n"
FAILURE = re.compile(r"\b(error|fatal|panic):", re.I)


@dataclass(frozen=True)
class Server:
    """A running server: the directory of its socket and the pid of its main process."""

    socket_dir: Path
    pid: int


def ensure_running(project_dir: Path, database: str = "bonzo") -> str:
    """Start the project's server if need be and return the DSN of `database`.

    The database is created when absent. Raises LoaderError when the server
    cannot be started.
    """
    paths = ProjectPaths(Path(project_dir))
    server = start(paths.state)
    project_id(paths)
    try:
        return create_database(dsn(server, "postgres"), database)
    except psycopg.OperationalError as error:
        raise LoaderError(
            f"the embedded PostgreSQL (pid {server.pid}) runs but takes no connection "
            f"({str(error).strip().rpartition('FATAL:')[2].strip()}): end programs "
            "that use the database and run this again, or restart it with "
            "`make stop` and `make db`."
        ) from None


def dsn(server: Server, database: str) -> str:
    """Return the URL of a database on this server."""
    folder = quote(str(server.socket_dir), safe="/")
    return f"postgresql://postgres@/{quote(database)}?host={folder}&port={homes.PORT}"


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
    return urlsplit(server_dsn)._replace(path=f"/{quote(name)}").geturl()


def start(
    data_dir: Path, *, options: Sequence[str] = (), die_with_parent: bool = False
) -> Server:
    """Start the server of `data_dir`, or return it if it already runs.

    `options` are further `-c` settings, `name=value`. `die_with_parent` ties the
    server's life to this process (Linux only). A server of an earlier version of
    this program, which every account could reach, is restarted; its data stays.
    """
    data_dir = Path(data_dir).absolute()
    with _locked(data_dir), _full_or_forbidden():
        account = service_account(data_dir, create=True)
        home = homes.find(data_dir, account)
        homes.prepare(home, account)
        if home != data_dir:
            private_files.make_directory(data_dir)
        _bring_home(data_dir, home)
        bin_dir = binaries(home, account)
        cluster = home / f"pg{major_version(bin_dir)}"
        running = _wait_until_ready(cluster)
        if running and not running.tcp_address:
            return _leave_address(data_dir, running)
        if running:
            _end(running.pid, data_dir)
        _initialize(cluster, bin_dir, account)
        homes.give(cluster, account)
        _write_access_rules(cluster)
        folder = homes.socket_directory(home, account)
        _clear_stale_locks(cluster, folder)
        command = _command(bin_dir, cluster, folder, options)
        log = data_dir / "postgres.log"
        running = _launch(command, cluster, log, account, die_with_parent)
        return _leave_address(data_dir, running)


def status(data_dir: Path) -> postmaster.Postmaster | None:
    """Return the main process of the server of `data_dir`, or None.

    It is found without a connection: a server that is busy, starting or stopping
    runs as well.
    """
    for cluster in _clusters(Path(data_dir).absolute()):
        found = postmaster.running(cluster)
        if found:
            return found
    return None


def stop(data_dir: Path) -> bool:
    """Stop the server of `data_dir`; False if none was running.

    Open connections are closed; committed data is on disk when this returns.
    """
    data_dir = Path(data_dir).absolute()
    found = status(data_dir)
    if found:
        _end(found.pid, data_dir)
    if data_dir.is_dir():
        _address_file(data_dir).unlink(missing_ok=True)
    return found is not None


def remove(data_dir: Path) -> list[Path]:
    """Stop the server and delete its files; return what was deleted."""
    data_dir = Path(data_dir).absolute()
    stop(data_dir)
    found = _clusters(data_dir)
    for home in _homes(data_dir):
        # Also copies of programs that an earlier version made.
        found += [*home.glob("postgres-*"), *home.glob("pginstall-*")]
        found += [path for path in [home / "socket"] if path.is_dir()]
    for path in found:
        shutil.rmtree(path)
    return found


def _address_file(data_dir: Path) -> Path:
    return data_dir / "postgres.url"


def _leave_address(data_dir: Path, found: postmaster.Postmaster) -> Server:
    """Write the server's URL for the loader to find, and return the server."""
    server = Server(Path(found.socket_dir), found.pid)
    private_files.write(_address_file(data_dir), dsn(server, "postgres") + "\n")
    return server


def _end(pid: int, data_dir: Path) -> None:
    try:
        # SIGINT is PostgreSQL's fast shutdown.
        os.kill(pid, signal.SIGINT)
    except ProcessLookupError:
        return
    except PermissionError:
        raise LoaderError(
            f"the database server (pid {pid}) belongs to another user: "
            "stop it as the user who started it."
        ) from None
    if not processes.wait_for(lambda: not processes.alive(pid), STOP_SECONDS):
        raise LoaderError(
            f"the database server (pid {pid}) did not stop within "
            f"{STOP_SECONDS} seconds: see {data_dir}/postgres.log."
        )


@contextmanager
def _full_or_forbidden() -> Iterator[None]:
    """Turn a file that cannot be written into a sentence that names it."""
    try:
        yield
    except (OSError, shutil.Error) as error:
        raise _not_writable(
            Path(getattr(error, "filename", None) or "."), error
        ) from None


def _not_writable(path: Path, error: OSError) -> LoaderError:
    reason = error.strerror or str(error.args[0])[:200]
    return LoaderError(
        f"cannot write {path} ({reason}): free some space, give this user write "
        "permission there, or use a copy of the project that it owns."
    )


@contextmanager
def _locked(data_dir: Path) -> Iterator[None]:
    """Hold the directory's lock: two starts at once would both run initdb."""
    with _full_or_forbidden():
        if not data_dir.is_dir():
            private_files.make_directory(data_dir)
        lock = private_files.open_private(data_dir / "lock", os.O_WRONLY)
    with os.fdopen(lock, "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _homes(data_dir: Path) -> list[Path]:
    """Return the directories that may hold the server's files."""
    found = [data_dir]
    if os.geteuid() == 0:
        found.append(homes.fallback(data_dir))
    return found


def _clusters(data_dir: Path) -> list[Path]:
    return [cluster for home in _homes(data_dir) for cluster in homes.clusters(home)]


def _bring_home(data_dir: Path, home: Path) -> None:
    """Move data to `home` that was made where the server cannot be any more.

    A directory above the project was closed or opened meanwhile.
    """
    if homes.clusters(home):
        return
    for cluster in _clusters(data_dir):
        found = postmaster.running(cluster)
        if found:
            _end(found.pid, data_dir)
        homes.move_cluster(cluster, home)


def _wait_until_ready(cluster: Path) -> postmaster.Postmaster | None:
    """Return the running server of a cluster once it has started or stopped."""
    processes.wait_for(
        lambda: (found := postmaster.running(cluster)) is None or found.ready,
        START_SECONDS,
    )
    return postmaster.running(cluster)


def _initialize(cluster: Path, bin_dir: Path, account: Account) -> None:
    """Create the cluster beside its final name, so that a half is never used."""
    if (cluster / "PG_VERSION").exists():
        return
    partial = cluster.with_name(cluster.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(mode=0o700)
    homes.give(partial, account)
    # Without --no-locale the sort order of text would follow whoever started it.
    command = [bin_dir / "initdb", "-D", partial, "-U", "postgres", "-A", "trust"]
    command += ["-E", "UTF8", "--no-locale", "--no-sync"]
    answer = subprocess.run(
        command,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        cwd="/",
        env=_clean_environment(),
        **account.spawn_options(),
    )
    if answer.returncode != 0:
        shutil.rmtree(partial, ignore_errors=True)
        raise LoaderError(
            f"PostgreSQL could not create its files in {cluster.parent} "
            f"({_failure(answer.stderr or answer.stdout)}): free some space or "
            "permissions there, or set DATABASE_URL to a PostgreSQL of your own."
        )
    partial.rename(cluster)


def _failure(output: str) -> str:
    """Return the line of a program's output that says what went wrong."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    named = [line for line in lines if FAILURE.search(line)]
    return (named or lines[-1:] or ["no message"])[0]


def _write_access_rules(cluster: Path) -> None:
    """Replace the rules of an earlier version, which let every account in."""
    rules = cluster / "pg_hba.conf"
    if rules.read_text(errors="replace") != ACCESS_RULES:
        private_files.write(rules, ACCESS_RULES)


def _clean_environment() -> dict[str, str]:
    # PGDATA, PGPORT and their kin would override what we pass.
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def _launch(
    command: Sequence[str | Path],
    cluster: Path,
    log: Path,
    account: Account,
    die_with_parent: bool,
) -> postmaster.Postmaster:
    """Run the server and return it once it takes connections."""
    with os.fdopen(
        private_files.open_private(log, os.O_WRONLY | os.O_APPEND), "a"
    ) as output:
        began = log.stat().st_size
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            env=_clean_environment(),
            start_new_session=True,
            preexec_fn=processes.follow_parent(die_with_parent),
            **account.spawn_options(),
        )

    def ready() -> postmaster.Postmaster | None:
        found = postmaster.running(cluster)
        return found if found and found.ready and found.pid == child.pid else None

    processes.wait_for(lambda: child.poll() is not None or ready(), START_SECONDS)
    found = ready()
    if found:
        # The server is meant to outlive us: nothing to wait for.
        child.returncode = 0
        return found
    if child.poll() is None:
        child.send_signal(signal.SIGQUIT)
        child.wait()
    tail = log.read_bytes()[began:].decode(errors="replace")
    raise LoaderError(
        f"PostgreSQL did not start ({_failure(tail)}): see {log}, or set "
        "DATABASE_URL to a PostgreSQL of your own."
    )


def _command(
    bin_dir: Path, cluster: Path, socket_dir: Path, options: Sequence[str]
) -> list[str | Path]:
    # A list of directories, so quotes guard commas in the name.
    quoted = str(socket_dir).replace('"', '""')
    settings = [
        "listen_addresses=",
        f'unix_socket_directories="{quoted}"',
        "unix_socket_permissions=0700",
        f"port={homes.PORT}",
        "timezone=UTC",
        "log_timezone=UTC",
        # The details of an error hold whole rows.
        "log_error_verbosity=terse",
        *options,
    ]
    command: list[str | Path] = [bin_dir / "postgres", "-D", cluster]
    for setting in settings:
        command += ["-c", setting]
    return command


def _clear_stale_locks(cluster: Path, socket_dir: Path) -> None:
    """Remove the lock files of a server that died without being reaped.

    PostgreSQL itself takes such a zombie, or a program that has got its pid since,
    for a running server and refuses to start. Nothing is removed while any process
    works in the cluster.
    """
    if sys.platform != "linux":
        return
    if processes.wait_for(lambda: not processes.working_in(cluster), 10):
        (cluster / "postmaster.pid").unlink(missing_ok=True)
        for path in socket_dir.glob(".s.PGSQL.*"):
            path.unlink()
