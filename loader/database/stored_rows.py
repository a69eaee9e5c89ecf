"""What the database holds of prospects whose records may not have changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from psycopg import Connection
from psycopg.rows import class_row

from loader.database.sql_files import statement


@dataclass(frozen=True)
class StoredRows:
    """The rows that one prospect's record became; `rows_hash` is over all of them."""

    prospect_id: int
    rows_hash: str
    has_source: bool
    has_stage: bool
    has_loan: bool
    tags: int


def read_stored_rows(
    connection: Connection, ids: Iterable[int]
) -> dict[int, StoredRows]:
    """Return what is stored of these prospects."""
    wanted = list(ids)
    if not wanted:
        return {}
    with connection.cursor(row_factory=class_row(StoredRows)) as cursor:
        cursor.execute(statement("stored_rows"), {"ids": wanted})
        return {rows.prospect_id: rows for rows in cursor}
