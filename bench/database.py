"""A PostgreSQL to measure with, and databases that are thrown away."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql

from launcher.postgres import server as postgres
from loader.database.connection import connect
from loader.database.schema import init_db

_number = count(1)


@contextmanager
def server() -> Iterator[str]:
    """Yield the DSN of a maintenance database: TEST_DATABASE_URL's, else one's own."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="bonzo-bench-"))
    folder.chmod(0o755)
    try:
        running = postgres.start(folder, die_with_parent=True)
        yield postgres.dsn(running, "postgres")
        postgres.stop(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def fresh_database(maintenance: str, template: str | None = None) -> Iterator[str]:
    """Yield the DSN of a database with the schema, or of a copy of `template`."""
    name = f"bonzo_bench_{os.getpid()}_{next(_number)}"
    if template is None:
        dsn = postgres.create_database(maintenance, name)
        with connect(dsn) as connection:
            init_db(connection)
    else:
        _execute(
            maintenance,
            sql.SQL("create database {} template {}").format(
                sql.Identifier(name), sql.Identifier(template)
            ),
        )
        dsn = postgres.create_database(maintenance, name)
    try:
        yield dsn
    finally:
        _execute(
            maintenance,
            sql.SQL("drop database {} with (force)").format(sql.Identifier(name)),
        )


@contextmanager
def empty_database(maintenance: str) -> Iterator[str]:
    """Yield the DSN of a database without any table."""
    with fresh_database(maintenance, "template1") as dsn:
        yield dsn


def name_of(dsn: str) -> str:
    """Return the name of a DSN's database."""
    return psycopg.conninfo.conninfo_to_dict(dsn)["dbname"]


def timed(connection: psycopg.Connection, work: Callable[[], object]) -> float:
    """Return the seconds that the work takes, after writing out what was before."""
    connection.execute("checkpoint")
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _execute(maintenance: str, statement: sql.Composed) -> None:
    with psycopg.connect(maintenance, autocommit=True) as connection:
        connection.execute(statement)
