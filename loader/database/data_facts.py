"""Counts that tell whether the stored data can be believed."""

from __future__ import annotations

from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from loader.database import rejects
from loader.database.sql_files import statement


def read(connection: Connection) -> dict[str, Any]:
    """Return schema version, age of the data in seconds, and counts.

    `age_seconds` is None before the first complete load.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        facts = cursor.execute(statement("data_facts")).fetchone()
    assert facts is not None
    rejected, noted = rejects.count_open(connection)
    return {**facts, "records_rejected": rejected, "fields_noted": noted}
