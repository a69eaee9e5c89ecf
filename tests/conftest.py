"""Fixtures every test may use: a real PostgreSQL and a clean environment."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from launcher.postgres import server as postgres
from tests import environment

ROOT = Path(__file__).parent.parent

# Makes a database for the time of a `with` block and gives its DSN.
NewDatabase = Callable[..., AbstractContextManager[str]]

# Marks of the tests that begin, those that last longest first.
FIRST = ("browser", "rill")

_number = count(1)


def pytest_configure() -> None:
    """Hide the developer's own settings, before any fixture or module reads them."""
    environment.clean()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that last longest, so that none is left over at the end.

    Those are the ones that look at pages, then the ones that build with Rill.
    """
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    marks = {mark.name for mark in item.iter_markers()}
    ranks = [rank for rank, mark in enumerate(FIRST) if mark in marks]
    return min(ranks, default=len(FIRST))


def pytest_unconfigure() -> None:
    """Remove the home of this run."""
    shutil.rmtree(os.environ["HOME"], ignore_errors=True)


@pytest.fixture(autouse=True)
def own_project(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep a developer's own .env file out of every test."""
    monkeypatch.setenv("BONZO_PROJECT_DIR", str(tmp_path))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """DSN of a server's maintenance database: TEST_DATABASE_URL or embedded."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    # Not pytest's own tmp_path: root's is closed to the account that serves.
    folder = Path(tempfile.mkdtemp(prefix="bonzo-test-"))
    folder.chmod(0o755)
    try:
        server = postgres.start(
            folder,
            # The data is thrown away, so nothing needs to survive a power cut.
            options=["fsync=off", "synchronous_commit=off", "full_page_writes=off"],
            die_with_parent=True,
        )
        yield postgres.dsn(server, "postgres")
        postgres.stop(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def template_database(postgres_server: str) -> Iterator[str]:
    """Name of a database with the schema applied; copied for each test."""
    name = f"bonzo_template_{os.getpid()}"
    dsn = postgres.create_database(postgres_server, name)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute((ROOT / "schema.sql").read_text())
    yield name
    _drop(postgres_server, name)


@pytest.fixture(scope="session")
def new_database(postgres_server: str, template_database: str) -> NewDatabase:
    """Function that makes a database with the schema, or without if `empty`.

    `with new_database() as dsn:` drops it at the end of the block. Every test
    database of the suite is made here.
    """

    @contextmanager
    def make(empty: bool = False) -> Iterator[str]:
        name = f"bonzo_test_{os.getpid()}_{next(_number)}"
        if not empty:
            _execute(
                postgres_server,
                sql.SQL("create database {} template {}").format(
                    sql.Identifier(name), sql.Identifier(template_database)
                ),
            )
        try:
            yield postgres.create_database(postgres_server, name)
        finally:
            _drop(postgres_server, name)

    return make


@pytest.fixture
def database(new_database: NewDatabase) -> Iterator[str]:
    """DSN of a fresh database with the schema, dropped afterwards."""
    with new_database() as dsn:
        yield dsn


@pytest.fixture
def empty_database(new_database: NewDatabase) -> Iterator[str]:
    """DSN of a fresh database with nothing in it, dropped afterwards."""
    with new_database(empty=True) as dsn:
        yield dsn


def _drop(server: str, name: str) -> None:
    _execute(
        server,
        sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)),
    )


def _execute(server: str, statement: sql.Composed) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)
