"""One connection with its lock; brings itself back after a server restart."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import psycopg
from psycopg import Connection

from loader.database.errors import cannot_connect, is_lost, to_loader_error
from loader.database.sql_files import statement
from loader.errors import LoaderError
from loader.shutdown import StopRequest

# The word "bonzo" in ASCII: one lock per database, the same for every version.
LOCK = int.from_bytes(b"bonzo", "big")
OLDEST_SERVER = 150000
# A batch's rows are found one by one through their keys, so the planner must not
# prefer reading whole tables.
OPTIONS = "-c timezone=UTC -c random_page_cost=1.1"

Result = TypeVar("Result")


class LockedError(LoaderError):
    """Another loader is already running against this database."""


def connect(dsn: str, **options: object) -> Connection:
    """Open a connection; a LoaderError says what to do if there is none."""
    try:
        connection = psycopg.connect(
            dsn,
            autocommit=True,
            options=OPTIONS,
            application_name="bonzo-loader",
            connect_timeout=10,
            **options,
        )
    except psycopg.Error as error:
        raise cannot_connect(dsn, error) from None
    if connection.info.server_version < OLDEST_SERVER:
        connection.close()
        raise LoaderError("PostgreSQL 15 or newer is needed; this server is older.")
    return connection


class Database:
    """The loader's connection. Use it in a `with` block.

    `wait` is how many seconds to keep trying after the server went away.
    """

    def __init__(
        self, dsn: str, *, wait: float = 60.0, stop: StopRequest | None = None
    ) -> None:
        self.dsn = dsn
        self._wait = wait
        self._stop = stop or StopRequest()
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
            f"Another loader is already running against this database "
            f"({self._holder()}). "
            "Wait for it, or stop it."
        )

    def transaction(self, work: Callable[[Connection], Result]) -> Result:
        """Run `work` in one transaction and return its result.

        If the connection is lost the work runs again on a new one, so it must
        give the same rows twice. Other errors roll back and become LoaderError.
        """
        deadline: float | None = None
        while True:
            try:
                if self._connection.closed or self._connection.broken:
                    self._reconnect()
                with self._connection.transaction():
                    return work(self._connection)
            except psycopg.Error as error:
                if not is_lost(error):
                    raise to_loader_error(error) from None
                now = time.monotonic()
                deadline = deadline or now + self._wait
                if now >= deadline:
                    raise to_loader_error(error) from None
                self._connection.close()
            self._stop.wait(0.5)

    def _reconnect(self) -> None:
        self._connection = psycopg.connect(
            self.dsn,
            autocommit=True,
            options=OPTIONS,
            application_name="bonzo-loader",
            connect_timeout=10,
        )
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
