"""Names the session that a connection waits for."""

from __future__ import annotations

import threading
from contextlib import suppress

import psycopg
from psycopg import Connection
from psycopg.conninfo import make_conninfo

from loader.database.sql_files import statement

# Seconds between two looks; the first comes after as long.
INTERVAL = 0.5


class BlockerWatch:
    """Looks up, from a connection of its own, who keeps another one waiting.

    Use it in a `with` block around the statement that may wait. `blocker` is
    the last session found in the way, described for a person, else None.
    """

    def __init__(self, connection: Connection) -> None:
        info = connection.info
        self._dsn = make_conninfo(info.dsn, password=info.password)
        self._pid = info.backend_pid
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.blocker: str | None = None

    def __enter__(self) -> BlockerWatch:
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._done.set()
        self._thread.join(timeout=5)

    def _watch(self) -> None:
        # Without a second connection the sentence names no session, that is all.
        with suppress(psycopg.Error):
            if self._done.wait(INTERVAL):
                return
            with psycopg.connect(
                self._dsn, autocommit=True, connect_timeout=5
            ) as connection:
                while not self._done.wait(INTERVAL):
                    row = connection.execute(
                        statement("blocking_session"), {"pid": self._pid}
                    ).fetchone()
                    if row is not None:
                        self.blocker = _describe(*row)


def _describe(pid: int, program: str, user: str, state: str, since: str) -> str:
    program = program or "unknown program"
    return f"session {pid} ({program}, user {user}, {state} since {since} UTC)"
