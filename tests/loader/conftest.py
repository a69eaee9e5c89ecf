"""What the loader's tests share: a fake Bonzo, a load, and a look at the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from hypothesis import settings as hypothesis_settings
from psycopg.rows import dict_row

from demo.account import Account
from demo.server import FakeBonzo
from loader.bonzo.client import BonzoClient
from loader.database.connection import connect
from loader.sync import RunReport, run
from tests.quick_settings import quick_settings

# How long an example takes says more about the machine than about the code.
hypothesis_settings.register_profile("loader", deadline=None)
hypothesis_settings.load_profile("loader")

TOKEN = "tok-3f9a77c1-secret"
Load = Callable[..., RunReport]


@pytest.fixture
def server() -> Iterator[FakeBonzo]:
    """A fake Bonzo with an empty account."""
    with FakeBonzo(Account(), token=TOKEN) as fake_bonzo:
        yield fake_bonzo


@pytest.fixture
def load(server: FakeBonzo, database: str) -> Load:
    """Load the fake Bonzo into the test's database: `load(recheck_days=0)`."""

    def do(**changes: Any) -> RunReport:
        own = {
            name: changes.pop(name)
            for name in (
                "rules",
                "today",
                "now",
                "accept_vanished",
                "overwrite_existing",
            )
            if name in changes
        }
        settings = quick_settings(server, **changes)
        server.reset_counts()
        return run(settings, BonzoClient(settings), database, **own)

    return do


@pytest.fixture
def rows(database: str) -> Callable[..., list[dict[str, Any]]]:
    """Rows of a query, as dicts."""

    def do(query: str, parameters: Any = None) -> list[dict[str, Any]]:
        with psycopg.connect(database, row_factory=dict_row) as connection:
            return connection.execute(query, parameters).fetchall()

    return do


@pytest.fixture
def connection(database: str) -> Iterator[psycopg.Connection]:
    """The loader's kind of connection to the test's database."""
    with connect(database) as opened:
        yield opened


def snapshot(dsn: str) -> dict[str, list[Any]]:
    """Every row outside schema loader, with the transaction that wrote it."""
    found = {}
    with psycopg.connect(dsn) as opened:
        names = opened.execute(
            "select tablename from pg_tables where schemaname = 'public' order by 1"
        ).fetchall()
        for (name,) in names:
            query = (
                f"select xmin::text, ctid::text, t::text from {name} as t order by 2"
            )
            found[name] = opened.execute(query).fetchall()
    return found
