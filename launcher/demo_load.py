"""Loads the demo's year into a database as a loader would have, along the year.

A loader sees the present stage alone. So the real load runs over HTTP at many
successive points of the simulated past, and the history of stages fills with
what each of these loads could see. Messages, which keep their past themselves,
are shown to the last of these loads alone, and the others do not ask for them:
that saves most of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import psycopg

from demo.business_hours import local
from demo.demo_account import demo_year
from demo.demo_files import write
from demo.routes import Options
from demo.server import FakeBonzo
from loader.bonzo.client import BonzoClient
from loader.bonzo.pages import WholeList
from loader.config import Settings
from loader.database.connection import connect
from loader.database.schema import init_db
from loader.database.tables import LOADED
from loader.errors import LoaderError
from loader.sync import run

# Days between two loads: often enough to see most moves that take days, seldom
# enough for a year within a minute or two.
STEP_DAYS = 10
# In the last weeks, which dashboards show most, loads are closer.
RECENT_DAYS, RECENT_STEP_DAYS = 30, 3
# A load's statements cost most, and there are as many for a small page.
PER_PAGE = 1000
_LOOPBACK = "http://127.0.0.1:"


class _WithoutMessages(BonzoClient):
    """Answers for an account that holds no messages yet, without asking it."""

    def read_list(self, path: str) -> WholeList:
        """Return no messages; of everything else what the account has."""
        if path.endswith("/communication"):
            return WholeList([], [])
        return super().read_list(path)


def load_demo(
    dsn: str,
    folder: Path,
    prospects: int = 3000,
    track: Callable[[list[datetime]], Iterable[datetime]] = iter,
) -> None:
    """Fill the database and the folder of CSV files with the year up to now.

    Replaces what an earlier demo left there; any other data is refused with a
    LoaderError. `track` iterates over the points of the year, to show progress.
    """
    now = datetime.now(timezone.utc)
    _prepare(dsn)
    year = demo_year(local(now).date(), prospects)
    instants = list(points(now))
    shown = instants[0]
    account = year.account(shown)
    options = Options(messages_per_page=100, most_per_page=PER_PAGE)
    with FakeBonzo(account, options=options) as server:
        for at in track(instants):
            if at == now:
                server.account = year.account(now)
            else:
                year.advance(account, shown, at, messages=False)
            shown = at
            _load(dsn, server, len(year.timelines), None if at == now else at)
    write(year, folder, now)


def points(now: datetime) -> Iterator[datetime]:
    """Return the instants at which the demo is loaded, the last one being now."""
    at = now - timedelta(days=364)
    while at < now:
        yield at
        recent = now - at <= timedelta(days=RECENT_DAYS)
        at += timedelta(days=RECENT_STEP_DAYS if recent else STEP_DAYS)
    yield now


def _load(dsn: str, server: FakeBonzo, prospects: int, at: datetime | None) -> None:
    """Load once, by the simulated clock or, without one, by the real one."""
    settings = Settings(
        database_url=dsn,
        bonzo_api_token=server.token,
        bonzo_base_url=server.url,
        rate_limit=1_000_000,
        per_page=PER_PAGE,
        # The last load reads all messages, the others only what has changed.
        rechecks_per_run=prospects if at is None else 0,
        full_read_days=0.0,
    )
    if at is None:
        report = run(settings, BonzoClient(settings), dsn)
    else:
        report = run(settings, _WithoutMessages(settings), dsn, now=lambda: at)
    if report.outcome != "complete":
        raise LoaderError(f"The demo could not be loaded: {report.warnings}.")


def _prepare(dsn: str) -> None:
    """Set up the schema and take away an earlier demo."""
    with connect(dsn) as connection:
        init_db(connection)
        found = connection.execute("select origin from loader.origin").fetchone()
        known = connection.execute("select exists (select from prospects)").fetchone()
        if (found and not found[0].startswith(_LOOPBACK)) or (known[0] and not found):
            raise LoaderError(
                "This database holds data that is not the demo's; it is left as it "
                "is. Give --load-into another database, such as bonzo_demo."
            )
        names = ", ".join(LOADED)
        try:
            connection.execute(f"truncate {names} restart identity")
        except psycopg.Error as error:
            raise LoaderError(
                f"The earlier demo cannot be removed ({error.diag.message_primary}). "
                "Give this database's owner in --load-into."
            ) from None
