"""More than one database for a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import psycopg
import pytest
from psycopg import sql

from launcher.postgres import server as postgres

_number = count(1)


def _execute(server: str, statement: str, **names: str) -> None:
    identifiers = {key: sql.Identifier(name) for key, name in names.items()}
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(**identifiers))


@pytest.fixture
def database_dropper(postgres_server: str) -> Callable[[str], None]:
    """Drops a database by its DSN."""

    def drop(dsn: str) -> None:
        name = psycopg.conninfo.conninfo_to_dict(dsn)["dbname"]
        _execute(
            postgres_server, "drop database if exists {name} with (force)", name=name
        )

    return drop


@pytest.fixture
def database_maker(
    postgres_server: str,
    template_database: str,
    database_dropper: Callable[[str], None],
) -> Iterator[Callable[[], str]]:
    """Makes databases with the schema, which are dropped afterwards."""
    made = []

    def make() -> str:
        name = f"{template_database}_more_{next(_number)}"
        _execute(
            postgres_server,
            "create database {name} template {template}",
            name=name,
            template=template_database,
        )
        made.append(postgres.create_database(postgres_server, name))
        return made[-1]

    yield make
    for dsn in made:
        database_dropper(dsn)
