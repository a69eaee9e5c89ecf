"""Puts data into a database before Rill starts: Bonzo's, or the demo's."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from launcher.postgres import server as postgres
from launcher.rill.env_file import without_password
from loader import clients
from loader.config import Settings
from loader.database.connection import connect
from loader.database.runs import check_project
from loader.errors import LoaderError
from loader.project import ProjectPaths, owner_of

PARTIAL = 3  # exit code of `load`
DEMO_DATABASE = "bonzo_demo"
LAST_LOAD = "select max(finished_at)::date from loader.sync_runs where outcome = %s"


@dataclass(frozen=True)
class Data:
    """A loaded database, whether it holds the demo, and whether it may be new."""

    dsn: str
    demo: bool
    fresh: bool


def prepare(
    paths: ProjectPaths,
    settings: Settings,
    say: Callable[[str], None],
    *,
    demo: bool = False,
    again: bool = False,
) -> Data:
    """Start or find the database, bring its data up to date, and return it.

    With a token the data is Bonzo's. Without one, a database of yours that was
    loaded before is used as it is; otherwise the demo is loaded into its own
    database beside it, once a day unless `again`. Raises SystemExit with the
    code of a load that failed.
    """
    if settings.bonzo_api_token and not demo:
        dsn = database(paths, settings, say)
        say("Loading from Bonzo ...")
        _run("loader", ["init-db"], dsn)
        _run("loader", ["load", "--no-refresh"], dsn)
        return Data(dsn, demo=False, fresh=True)
    if settings.database_url and not demo and _is_loaded(paths, settings):
        say("No BONZO_API_TOKEN: showing what the database holds.")
        return Data(settings.database_url, demo=False, fresh=True)
    return _demo(paths, settings, say, again)


def database(
    paths: ProjectPaths, settings: Settings, say: Callable[[str], None] = str
) -> str:
    """Return the DSN to work with: DATABASE_URL or the embedded server's."""
    if settings.database_url:
        return settings.database_url
    _announce_start(paths, say)
    return postgres.ensure_running(paths.project, settings.database_name)


def _announce_start(paths: ProjectPaths, say: Callable[[str], None]) -> None:
    if postgres.status(paths.state) is None:
        say("Starting the database ...")


def demo_database(
    paths: ProjectPaths, settings: Settings, say: Callable[[str], None] = str
) -> str:
    """Return the DSN of the demo's own database, created if absent."""
    if not settings.database_url:
        _announce_start(paths, say)
        return postgres.ensure_running(paths.project, DEMO_DATABASE)
    url = without_password(settings.database_url, paths.state / "pgpass")
    try:
        return postgres.create_database(url, DEMO_DATABASE)
    except psycopg.Error as error:
        raise LoaderError(
            f"the demo needs a database `{DEMO_DATABASE}` on the server of "
            f"DATABASE_URL ({type(error).__name__}): create it, set "
            "BONZO_API_TOKEN to load from Bonzo instead, or unset DATABASE_URL."
        ) from None


def _demo(
    paths: ProjectPaths, settings: Settings, say: Callable[[str], None], again: bool
) -> Data:
    dsn = demo_database(paths, settings, say)
    files = paths.rill / "data" / "demo"
    if not again and files.is_dir() and _loaded_today(dsn):
        say("Demo data is already current.")
        return Data(dsn, demo=True, fresh=False)
    reason = "as asked" if settings.bonzo_api_token else "no BONZO_API_TOKEN is set"
    say(f"Loading a year of demo data ({reason}) ...")
    _run("launcher", ["demo-server", "--load-into", dsn], None)
    return Data(dsn, demo=True, fresh=True)


def _loaded_today(dsn: str) -> bool:
    """Say whether the demo ends today; it shows the year up to the day of its load."""
    found = _last_load(dsn)
    with connect(dsn) as connection:
        today = connection.execute("select current_date").fetchone()
    return found is not None and today is not None and found == today[0]


def _is_loaded(paths: ProjectPaths, settings: Settings) -> bool:
    """Say whether DATABASE_URL was ever loaded; another client's is refused."""
    dsn = settings.database_url
    with connect(dsn) as connection:
        check_project(connection, owner_of(paths, dsn))
    return _last_load(dsn) is not None


def _last_load(dsn: str) -> object | None:
    """Return the day of the last complete load, or None."""
    with connect(dsn) as connection:
        try:
            found = connection.execute(LAST_LOAD, ["complete"]).fetchone()
        except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
            return None
    return found[0] if found else None


def _run(program: str, arguments: list[str], dsn: str | None) -> None:
    """Run one of our own commands; the DSN travels in the environment.

    For a client it does not: the command finds it where we did.
    """
    given = {"DATABASE_URL": dsn} if dsn and not clients.chosen() else {}
    environment = {**os.environ, **given}
    command = [sys.executable, "-m", program, *arguments]
    code = subprocess.run(command, env=environment, check=False).returncode
    # A partial load stored what it read and has said so: worth showing.
    if code not in (0, PARTIAL):
        raise SystemExit(code if code > 0 else 128 - code)
