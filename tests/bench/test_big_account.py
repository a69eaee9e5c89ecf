"""The account made by SQL: whole, the same each time, something for every model."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from bench import big_account
from launcher.duckdb.engine import DuckDBEngine
from loader.database import tables
from tests.conftest import ROOT, NewDatabase

PROSPECTS, ENGAGEMENTS = 2_000, 20_000
# Notes of loads about one account and of people who were forgotten.
LEFT_EMPTY = {"loader.origin", "loader.forgotten", "loader.forgotten_key"}
# Where no time of the making is in a row.
COMPARED = ("prospects", "touch_engagements", "loans", "loader.sync_prospects")


@pytest.fixture(scope="module")
def account(new_database: NewDatabase) -> str:
    """DSN of an account."""
    with new_database() as dsn:
        big_account.fill(dsn, PROSPECTS, ENGAGEMENTS)
        yield dsn


def count(dsn: str, table: str) -> int:
    """Return the number of rows."""
    with psycopg.connect(dsn) as connection:
        return connection.execute(f"select count(*) from {table}").fetchone()[0]


@pytest.mark.parametrize("table", sorted(set(tables.LOADED) - LEFT_EMPTY))
def test_every_table_has_rows(account: str, table: str) -> None:
    """What loads fill is filled, but for what belongs to no account."""
    assert count(account, table)


def test_sizes_are_as_asked(account: str) -> None:
    """There are just so many prospects and engagements."""
    assert count(account, "prospects") == PROSPECTS
    assert count(account, "touch_engagements") == ENGAGEMENTS


def test_every_model_has_rows(account: str, tmp_path: Path) -> None:
    """Rill has something to compute everywhere, and its own tests pass."""
    big_account.write_csv_files(tmp_path)
    variables = {"postgres_dsn": account, "data_dir": str(tmp_path)}
    with DuckDBEngine(ROOT / "rill", account, variables) as project:
        empty = [
            model.name
            for model in project.models
            if not project.connection.execute(
                f'select count(*) from "{model.name}"'
            ).fetchone()[0]
        ]
        assert empty == []
        assert project.failing_tests() == []


def test_keys_and_indexes_are_back(account: str, new_database: NewDatabase) -> None:
    """What was dropped to be quick is made again, just as schema.sql has it."""
    with new_database() as untouched:
        assert definitions(account) == definitions(untouched)


def definitions(dsn: str) -> set[str]:
    """Return every index and constraint, as text."""
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(
            """
            select indexdef from pg_indexes where schemaname in ('public', 'loader')
            union all
            select concat(conrelid::regclass, ' ', conname, ' ',
                pg_get_constraintdef(oid))
            from pg_constraint
            where connamespace in ('public'::regnamespace, 'loader'::regnamespace)
            """
        ).fetchall()
    return {row[0] for row in rows}


def test_the_same_size_is_the_same_account(
    account: str, new_database: NewDatabase
) -> None:
    """Figures of two days are about the same rows."""
    with new_database() as second:
        big_account.fill(second, PROSPECTS, ENGAGEMENTS)
        for table in COMPARED:
            assert rows(account, table) == rows(second, table), table


def rows(dsn: str, table: str) -> list[tuple]:
    """Return all rows in order."""
    with psycopg.connect(dsn) as connection:
        return connection.execute(f"select * from {table} order by 1").fetchall()
