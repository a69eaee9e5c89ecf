"""`status`: the last loads, the age of the data, the backlog."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime, timedelta

import click

from loader.config import Settings, load_settings
from loader.database.connection import connect
from loader.database.errors import loader_errors
from loader.database.load_status import LoadStatus, read
from loader.database.runs import check_project
from loader.database.schema import require_schema
from loader.errors import LoaderError
from loader.project import ProjectPaths, database_url, owner_of
from loader.sync.run import find_rules
from loader.sync.schedule import to_seconds


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--max-age",
    metavar="INTERVAL",
    help="Exit 1 if the data is older than 1h, 1d, ... (for monitoring).",
)
def command(as_json: bool, max_age: str | None) -> None:
    """Show the last loads, the age of the data, rejects and the next load."""
    settings = load_settings()
    limit = to_seconds(max_age) if max_age else None
    paths = ProjectPaths.current()
    dsn = database_url(paths, settings)
    with loader_errors(), connect(dsn) as connection:
        require_schema(connection)
        check_project(connection, owner_of(paths, dsn))
        status = read(connection, settings.full_read_days, _rules_version(settings))
    click.echo(_as_json(status) if as_json else _as_text(status))
    if limit is None:
        return
    if status.dated_ahead:
        raise LoaderError(f"The age of the data is not known: {_ahead(status)}.")
    if status.age is None or status.age.total_seconds() > limit:
        raise LoaderError(f"The data is older than {max_age}: see the runs above.")


def _rules_version(settings: Settings) -> str | None:
    """Return the mapping rules' version; None if the file cannot be used now."""
    try:
        return find_rules(settings).version
    except LoaderError:
        return None


def _as_json(status: LoadStatus) -> str:
    values = asdict(status)
    age = None if status.dated_ahead else values["age"]
    del values["age"]
    values["age_seconds"] = None if age is None else round(age.total_seconds())
    values["dated_ahead"] = status.dated_ahead
    return json.dumps(values, default=str)


def _as_text(status: LoadStatus) -> str:
    age = "no complete load yet" if status.age is None else _span(status.age)
    if status.dated_ahead:
        age = f"not known: {_ahead(status)}"
    lines = [
        f"age of the data   {age}",
        f"next load         {_next(status)}",
        f"prospects         {status.present:,} present, {status.deleted:,} deleted",
        f"pending re-reads  {status.pending_rereads:,} prospects",
        f"rejected          {status.rejected:,} records, {status.noted:,} fields",
        "",
        "last loads (UTC)",
    ]
    lines += [_run(run) for run in status.runs] or ["  none"]
    return "\n".join(lines)


def _ahead(status: LoadStatus) -> str:
    """Say that the latest run's time cannot be."""
    return (
        f"the last load is dated {status.dated_ahead:%Y-%m-%d %H:%M} UTC, ahead of "
        f"PostgreSQL's clock ({status.now:%Y-%m-%d %H:%M} UTC), which is or was wrong"
    )


def _next(status: LoadStatus) -> str:
    at = status.next_run_at
    if at is None:
        return "not planned by this program"
    late = status.now - at
    if late > timedelta(minutes=1):
        return f"{at:%Y-%m-%d %H:%M} UTC, late by {_span(late)}"
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _run(run: dict) -> str:
    started: datetime = run["started_at"]
    if run["outcome"] is None:
        state = "running, or ended without reporting an outcome"
        return f"  {started:%Y-%m-%d %H:%M:%S}  {state}"
    text = (
        f"  {started:%Y-%m-%d %H:%M:%S}  {run['outcome']:<9}"
        f"{run['prospects_read'] or 0:>9,} prospects"
        f"{run['rows_changed'] or 0:>10,} rows changed"
        f"{run['requests'] or 0:>9,} requests"
    )
    return f"{text}\n      {run['message']}" if run["message"] else text


def _span(span: timedelta) -> str:
    seconds = max(int(span.total_seconds()), 0)
    days, rest = divmod(seconds, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
