"""Runs of the loader as the database holds them, and the service they read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection, errors

from loader.address import origin_of
from loader.database.sql_files import statement
from loader.errors import LoaderError


@dataclass(frozen=True)
class Clock:
    """A run's times, all from PostgreSQL unless a clock was injected.

    `started_at` is later than any earlier run's even if the clock was set back;
    `now` is the clock itself.
    """

    run_id: int
    started_at: datetime
    now: datetime


def start_run(connection: Connection, at: datetime | None = None) -> Clock:
    """Note a new run; one that never ended is noted as failed.

    `at` replaces PostgreSQL's clock.
    """
    connection.execute(
        "update loader.sync_runs set outcome = 'failed', finished_at = started_at, "
        "message = 'ended without reporting an outcome: killed, or the machine "
        "went down' where outcome is null"
    )
    return Clock(*connection.execute(statement("start_run"), {"at": at}).fetchone())


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
    check_origin(connection, origin)
    check_project(connection, project)
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
    if row is not None and row[0] not in (None, project):
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
