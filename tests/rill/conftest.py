"""A database of raw tables, and the Rill project executed over it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from launcher.duckdb.engine import DuckDBEngine
from tests.conftest import NewDatabase
from tests.rill import fill_database, golden
from tests.rill.reference import Settings

RILL = Path(__file__).parents[2] / "rill"

Execute = Callable[..., DuckDBEngine]


@pytest.fixture(scope="module")
def module_database(new_database: NewDatabase) -> Iterator[str]:
    """DSN of a database with the schema that the tests of one file share."""
    with new_database() as dsn:
        yield dsn


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
def march(ten_leads: dict[str, DuckDBEngine]) -> DuckDBEngine:
    """The ten leads on 31 March."""
    return ten_leads["march"]


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
