"""The two database users that the documents propose."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from demo.demo_account import demo_year
from demo.server import FakeBonzo
from loader.bonzo.client import BonzoClient
from loader.config import Settings
from loader.sync import run
from tests.conftest import ROOT


@dataclass(frozen=True)
class Roles:
    """DSNs of one database for its owner, the loader and the reader."""

    owner: str
    loader: str
    reader: str


@pytest.fixture
def roles(database: str) -> Iterator[Roles]:
    """The documents' roles under names of this test's own."""
    names = {name: f"{name}_{os.getpid()}" for name in ("bonzo_loader", "bonzo_reader")}
    text = (ROOT / "docs" / "roles.sql").read_text()
    for name, own in names.items():
        text = re.sub(rf"\b{name}\b", own, text)
    text = re.sub(r":'\w+_password'", "'pw'", text)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(text)
    parts = urlsplit(database)
    place = f"{parts.hostname}:{parts.port}"
    yield Roles(
        database,
        *(
            parts._replace(netloc=f"{name}:pw@{place}").geturl()
            for name in names.values()
        ),
    )
    with psycopg.connect(database, autocommit=True) as connection:
        for name in names.values():
            role = sql.Identifier(name)
            connection.execute(sql.SQL("drop owned by {}").format(role))
            connection.execute(sql.SQL("drop role {}").format(role))


def test_loader_role_is_enough_to_load(roles: Roles) -> None:
    """A load, and a load again, need no more than the documents grant."""
    now = datetime.now(timezone.utc)
    account = demo_year(now.date(), 20).account(now)
    with FakeBonzo(account) as server:
        settings = Settings(
            database_url=roles.loader,
            bonzo_api_token=server.token,
            bonzo_base_url=server.url,
        )
        for _ in range(2):
            report = run(settings, BonzoClient(settings), roles.loader)
            assert report.outcome == "complete"
    with psycopg.connect(roles.owner) as connection:
        found = connection.execute("select count(*) from prospects").fetchone()
    assert found == (len(account.prospects),)


def test_loader_role_changes_no_table(roles: Roles) -> None:
    """The loader's user can neither drop, alter, create nor empty tables."""
    with psycopg.connect(roles.loader, autocommit=True) as connection:
        for statement in (
            "drop table loans",
            "alter table loans add column x int",
            "create table mine (n int)",
            "truncate touch_engagements",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_reader_role_reads_everything_and_writes_nothing(roles: Roles) -> None:
    """Rill's user sees each table of both schemas and changes none."""
    with psycopg.connect(roles.reader, autocommit=True) as connection:
        tables = connection.execute(
            "select format('%I.%I', schemaname, tablename) from pg_tables "
            "where schemaname in ('public', 'loader')"
        ).fetchall()
        assert len(tables) >= 17
        for (table,) in tables:
            connection.execute(f"select count(*) from {table}")
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.execute("delete from loans")
        connection.execute("set default_transaction_read_only = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("delete from loans")
