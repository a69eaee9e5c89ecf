"""A database of raw tables, and the Rill project executed over it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from launcher.duckdb.engine import DuckDBEngine
from launcher.postgres import server as postgres
from tests.rill import fill_database, golden
from tests.rill.reference import Settings

RILL = Path(__file__).parents[2] / "rill"

Execute = Callable[..., DuckDBEngine]


@pytest.fixture(scope="module")
def module_database(postgres_server: str, template_database: str) -> Iterator[str]:
    """DSN of a database with the schema that the tests of one file share."""
    name = f"bonzo_measures_{uuid.uuid4().hex}"
    database, template = sql.Identifier(name), sql.Identifier(template_database)
    create = sql.SQL("create database {} template {}").format(database, template)
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(create)
        yield postgres.create_database(postgres_server, name)
        connection.execute(sql.SQL("drop database {} with (force)").format(database))


@pytest.fixture(scope="module")
def ten_leads(
    module_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, DuckDBEngine]]:
    """The Rill project over the ten golden leads, at each of the two moments."""
    folder = tmp_path_factory.mktemp("data")
    fill_database.fill(module_database, folder, golden.tables())
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(
                DuckDBEngine(
                    RILL,
                    module_database,
                    Settings(as_of=as_of, company_time_zone=golden.ZONE).variables()
                    | {"data_dir": str(folder)},
                )
            )
            for name, as_of in golden.MOMENTS.items()
        }


@pytest.fixture
def execute(module_database: str, tmp_path: Path) -> Iterator[Execute]:
    """A function that fills the database and executes the Rill project over it.

    Takes tables (see `tests.rill.reference.tables`) and settings by name; gives the
    emulation, which is closed after the test. `only` names the marts that the
    test asks, which spares executing the others.
    """
    with ExitStack() as stack:

        def run(
            tables: dict[str, list[dict[str, Any]]],
            only: set[str] | None = None,
            **settings: Any,
        ) -> DuckDBEngine:
            folder = tmp_path / "data"
            fill_database.fill(module_database, folder, tables)
            variables = Settings(**settings).variables() | {"data_dir": str(folder)}
            return stack.enter_context(
                DuckDBEngine(RILL, module_database, variables, only)
            )

        yield run
