"""Runs of the loader as the database holds them, and the service they read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection, errors

from loader.address import origin_of
from loader.database.sql_files import statement
from loader.errors import LoaderError

# Times that lie further ahead of the clock come from a clock that was wrong.
CLOCK_TOLERANCE = timedelta(minutes=5)


@dataclass(frozen=True)
class Clock:
    """A run's times, all from PostgreSQL unless a clock was injected.

    `started_at` is later than any earlier run's even if the clock was set back;
    `now` is the clock itself. `warning` says what is wrong with it, if anything.
    """

    run_id: int
    started_at: datetime
    now: datetime
    warning: str | None = None


def start_run(connection: Connection, at: datetime | None = None) -> Clock:
    """Note a new run; one that never ended is noted as failed.

    `at` replaces PostgreSQL's clock. Times of earlier loads that lie ahead of it
    come from a wrong clock, and are dated back, unless Bonzo's records show that it
    is the present clock that is wrong.
    """
    connection.execute(
        "update loader.sync_runs set outcome = 'failed', finished_at = started_at, "
        "message = 'ended without reporting an outcome: killed, or the machine "
        "went down' where outcome is null"
    )
    warning = _check_clock(connection, at)
    times = connection.execute(statement("start_run"), {"at": at}).fetchone()
    return Clock(*times, warning)


def _check_clock(connection: Connection, at: datetime | None) -> str | None:
    """Date back what lies ahead of the clock; return a warning about either."""
    now, latest = connection.execute(statement("latest_load"), {"at": at}).fetchone()
    if latest is None or latest <= now + CLOCK_TOLERANCE:
        # A small step back costs nothing: a run starts after the one before.
        return None
    (newest,) = connection.execute(
        "select max(updated_at) from public.prospects"
    ).fetchone()
    if newest is not None and newest > now + CLOCK_TOLERANCE:
        return (
            f"PostgreSQL's clock ({now:%Y-%m-%d %H:%M} UTC) is behind the last load "
            f"and behind Bonzo's newest record ({newest:%Y-%m-%d %H:%M} UTC): correct "
            "it."
        )
    for name in ("runs", "prospects", "stays", "starts"):
        connection.execute(statement(f"redate_{name}"), {"now": now})
    return (
        f"Earlier loads were dated up to {latest:%Y-%m-%d %H:%M} UTC, which lies "
        "ahead of PostgreSQL's clock: it was wrong then. Their times were set to now."
    )


def finish_run(
    connection: Connection,
    run_id: int,
    values: dict[str, Any],
    at: datetime | None = None,
) -> datetime:
    """Note how the run ended; return the time noted.

    `values` are the other columns of loader.sync_runs; `at` replaces
    PostgreSQL's clock.
    """
    parameters = {**values, "run_id": run_id, "at": at}
    return connection.execute(statement("finish_run"), parameters).fetchone()[0]


def last_run_was_incomplete(connection: Connection) -> bool:
    """Return whether the run before this one did not get to its end."""
    row = connection.execute(
        "select outcome from loader.sync_runs where outcome is not null "
        "order by run_id desc limit 1"
    ).fetchone()
    return row is not None and row[0] != "complete"


def check_origin(connection: Connection, origin: str) -> None:
    """Refuse another service than the one that the database is loaded from."""
    row = connection.execute("select origin from loader.origin").fetchone()
    if row is not None and origin_of(row[0]) != origin_of(origin):
        raise LoaderError(
            f"This database is loaded from {row[0]}, and {origin} is another service: "
            "their ids would mix. Use another database, or correct BONZO_BASE_URL."
        )


def set_origin(connection: Connection, origin: str, project: str | None) -> None:
    """Remember the service's address, once it has answered, and the installation."""
    connection.execute(
        "insert into loader.origin (origin) select %s "
        "where not exists (select 1 from loader.origin)",
        [origin],
    )
    check_project(connection, project)
    check_origin(connection, origin)
    connection.execute(
        "update loader.origin set project_id = %(project)s "
        "where project_id is null and %(project)s::text is not null",
        {"project": project},
    )


def check_project(connection: Connection, project: str | None) -> None:
    """Refuse a database that another installation's embedded server was made for.

    Without a `project`, the database is somebody's own and may be shared.
    """
    if project is None:
        return
    try:
        row = connection.execute("select project_id from loader.origin").fetchone()
    except (errors.UndefinedTable, errors.InvalidSchemaName, errors.UndefinedColumn):
        # Nothing was ever loaded, or not since databases know their project.
        return
    if row is None or row[0] in (None, project):
        return
    if project.startswith("client "):
        raise LoaderError(
            f"This database is not that of {project}: another client or installation "
            f"loads into it. Correct DATABASE_URL in clients/{project[7:]}/.env."
        )
    raise LoaderError(
        "The embedded PostgreSQL at this project's address is another project's. "
        "Start this one's with `make db`; to share a database on purpose, set "
        "DATABASE_URL to it."
    )


def note_next_run(connection: Connection, seconds: float) -> None:
    """Note, for `status`, in how many seconds from now the next run starts."""
    connection.execute(
        "update loader.sync_runs "
        "set next_run_at = clock_timestamp() + %s * interval '1 second' "
        "where run_id = (select max(run_id) from loader.sync_runs)",
        [seconds],
    )
