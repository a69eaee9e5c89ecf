"""Puts raw tables into PostgreSQL and the user's two files into a folder."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.string import TextLoader

from loader.database.tables import TABLES
from tests.rill.reference.tables import COLUMNS, FILES, complete

LOADER_TABLES = {t.name for t in TABLES if t.schema == "loader"}
ANY_NAMESPACE = uuid.UUID(int=0)


def fill(dsn: str, folder: Path, tables: dict[str, Any]) -> None:
    """Replace everything in the database and the folder by these tables.

    Columns that a row leaves out are NULL, not their default.
    """
    full = complete(tables)
    with psycopg.connect(dsn) as connection:
        names = sql.SQL(", ").join(_identifier(name) for name in COLUMNS)
        connection.execute(sql.SQL("truncate {} cascade").format(names))
        for name in COLUMNS:
            _copy(connection, name, full[name])
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        path = folder / f"{name}.csv"
        if full[name] is None:
            path.unlink(missing_ok=True)
        else:
            path.write_bytes(full[name])


def read(dsn: str, folder: Path) -> dict[str, Any]:
    """The tables of a database and the files of a folder, as `fill` takes them."""
    tables: dict[str, Any] = {}
    with psycopg.connect(dsn, row_factory=dict_row) as connection:
        # UUIDs compare as text.
        connection.adapters.register_loader("uuid", TextLoader)
        for name, columns in COLUMNS.items():
            query = sql.SQL("select {} from {}").format(
                sql.SQL(", ").join(map(sql.Identifier, columns)), _identifier(name)
            )
            tables[name] = connection.execute(query).fetchall()
    for name in FILES:
        path = folder / f"{name}.csv"
        tables[name] = path.read_bytes() if path.is_file() else None
    return tables


def _copy(connection: psycopg.Connection, name: str, rows: list[dict]) -> None:
    columns = (*COLUMNS[name], *_required(name, {}))
    statement = sql.SQL("copy {} ({}) from stdin").format(
        _identifier(name), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor().copy(statement) as copy:
        for row in rows:
            copy.write_row([*row.values(), *_required(name, row).values()])


def _required(name: str, row: dict) -> dict[str, str]:
    """Columns that must not be NULL and that no measure reads."""
    if name == "users":
        user_id = str(row.get("user_id"))
        return {"bonzo_user_id": str(uuid.uuid5(ANY_NAMESPACE, user_id))}
    return {"content": "Hello"} if name == "touches" else {}


def _identifier(name: str) -> sql.Identifier:
    if name in LOADER_TABLES:
        return sql.Identifier("loader", name)
    return sql.Identifier(name)
