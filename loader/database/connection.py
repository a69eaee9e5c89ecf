"""One connection with its lock; brings itself back after a server restart."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import psycopg
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict

from loader.database.blockers import BlockerWatch
from loader.database.dsn import dsn_problem
from loader.database.errors import cannot_connect, is_lost
from loader.database.retry import Retry
from loader.database.sql_files import statement
from loader.errors import LoaderError
from loader.shutdown import StopRequest

# The word "bonzo" in ASCII: one lock per database, the same for every version.
LOCK = int.from_bytes(b"bonzo", "big")
OLDEST_SERVER = 150000
# Seconds to wait for a lock on a table or row before saying who holds it.
LOCK_SECONDS = 5
# Seconds between two attempts at a transaction.
RETRY_SECONDS = 0.5
# What this program relies on, whatever the server, the database, the role or the
# address set instead. Statements, not start-up options: PgBouncer refuses those.
SESSION = {
    "search_path": "public",
    "timezone": "UTC",
    "datestyle": "ISO, MDY",
    "intervalstyle": "postgres",
    "bytea_output": "hex",
    "client_encoding": "UTF8",
    "client_min_messages": "warning",
    "standard_conforming_strings": "on",
    "transform_null_equals": "off",
    "default_transaction_isolation": "read committed",
    # A load's last statements may take longer than an office's reports may.
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "lock_timeout": f"{LOCK_SECONDS}s",
    # A batch's rows are found one by one through their keys, so the planner must
    # not prefer reading whole tables.
    "random_page_cost": "1.1",
}
# Seconds, but for the last: how soon a connection whose other end went away
# silently is given up.
NETWORK = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}

Result = TypeVar("Result")


class LockedError(LoaderError):
    """Another loader is already running against this database."""


def connect(dsn: str, **options: object) -> Connection:
    """Open a connection; a LoaderError says what to do if there is none.

    `options` go to psycopg.
    """
    problem = dsn_problem(dsn)
    if problem is not None:
        # Before a misread part of a password is looked up as a host's name.
        raise LoaderError(problem)
    try:
        return _open(dsn, **options)
    except psycopg.Error as error:
        raise cannot_connect(dsn, error) from None


def _open(dsn: str, **options: object) -> Connection:
    """Open a connection with this program's settings; psycopg's errors come through."""
    given = conninfo_to_dict(dsn)
    network = {name: value for name, value in NETWORK.items() if name not in given}
    fixed = {"autocommit": True, "application_name": "bonzo-loader"}
    connection = psycopg.connect(dsn, **{**network, **fixed, **options})
    try:
        _refuse_unfit(connection)
        calls = ", ".join(["set_config(%s, %s, false)"] * len(SESSION))
        values = [text for pair in SESSION.items() for text in pair]
        connection.execute(f"select {calls}", values)
    except BaseException:
        connection.close()
        raise
    return connection


def _refuse_unfit(connection: Connection) -> None:
    """Stop where the server is too old or the database cannot hold every text."""
    if connection.info.server_version < OLDEST_SERVER:
        raise LoaderError("PostgreSQL 15 or newer is needed; this server is older.")
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise LoaderError(
            f"The database {connection.info.dbname} cannot hold every name: its "
            f"encoding is {encoding}; UTF8 is needed. Create another with `create "
            "database ... encoding 'UTF8' template template0` and point DATABASE_URL "
            "at it."
        )


class Database:
    """The loader's connection. Use it in a `with` block.

    `wait` is how many seconds to keep trying after the server went away or while
    another session holds a lock; `notify` is told, in a sentence, who does.
    """

    def __init__(
        self,
        dsn: str,
        *,
        wait: float = 60.0,
        stop: StopRequest | None = None,
        notify: Callable[[str], None] | None = None,
    ) -> None:
        self.dsn = dsn
        self._wait = wait
        self._stop = stop or StopRequest()
        self._notify = notify or (lambda sentence: None)
        self._locked = False
        self._connection = connect(dsn)

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *exc_info: object) -> None:
        # A session ends a moment after its connection closes; the next loader
        # must not find the lock held until then.
        with suppress(psycopg.Error):
            self._connection.execute("select pg_advisory_unlock_all()")
        self._connection.close()

    def lock(self) -> None:
        """Take the database's lock; LockedError says who holds it."""
        for patience in (0.2, 0.5, 1.0, None):
            row = self._connection.execute(
                "select pg_try_advisory_lock(%s)", [LOCK]
            ).fetchone()
            if row[0]:
                self._locked = True
                return
            if patience is not None:
                # One that was killed may take a moment to be noticed.
                self._stop.wait(patience)
        raise LockedError(
            "Another loader is already running against this database "
            f"({self._holder()}). Wait for it, or stop it."
        )

    def transaction(self, work: Callable[[Connection], Result]) -> Result:
        """Run `work` in one transaction and return its result.

        Where the connection is lost, a lock is held by another session or two
        sessions collide, the work runs again, so it must give the same rows
        twice. Other errors roll back and become LoaderError.
        """
        retry = Retry(self._wait)
        while True:
            connected = False
            try:
                if self._connection.closed or self._connection.broken:
                    self._reconnect()
                connected = True
                return self._attempt(work, retry)
            except psycopg.Error as error:
                retry.note(error, None if connected else self.dsn)
                if is_lost(error):
                    self._connection.close()
                elif retry.is_new_blocker:
                    self._notify(f"Waiting for a lock held by {retry.blocker}.")
            self._stop.wait(RETRY_SECONDS)

    def _attempt(self, work: Callable[[Connection], Result], retry: Retry) -> Result:
        if not retry.waited_for_lock:
            with self._connection.transaction():
                return work(self._connection)
        # One that has waited before is worth a second connection, to see for whom.
        with BlockerWatch(self._connection) as watch:
            try:
                with self._connection.transaction():
                    return work(self._connection)
            finally:
                retry.found_blocker(watch.blocker)

    def _reconnect(self) -> None:
        self._connection = _open(self.dsn)
        if self._locked:
            self.lock()

    def _holder(self) -> str:
        row = self._connection.execute(
            statement("lock_holder"), {"high": LOCK >> 32, "low": LOCK & 0xFFFFFFFF}
        ).fetchone()
        if row is None:
            return "it has just finished"
        pid, name, address, since = row
        started = f" since {since:%Y-%m-%d %H:%M} UTC" if since else ""
        return f"{name or 'unknown'} from {address or 'here'}, session {pid}{started}"
