"""How fast rows are written, as a share of a raw COPY of the same rows.

Absolute figures depend on the machine; the shares, taken in one run, do not.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import UUID, uuid5

import psycopg

from loader.database.connection import connect
from loader.database.tables import ENGAGEMENTS, PROSPECTS, Table
from loader.database.upsert import upsert
from loader.mapping.ids import NAMESPACE

BATCH = 2_000
EPOCH = datetime(2026, 1, 1, tzinfo=timezone.utc)


def prospect_rows(count: int) -> list[dict[str, Any]]:
    """Made-up prospects without references."""
    empty = dict.fromkeys(PROSPECTS.columns)
    return [
        {
            **empty,
            "prospect_id": i,
            "first_name": "Ada",
            "last_name": f"Example {i}",
            "email": f"ada{i}@example.com",
            "phone": f"+1202555{i % 10000:04d}",
            "created_at": EPOCH + timedelta(minutes=i),
            "updated_at": EPOCH + timedelta(minutes=i),
            "do_not_call": False,
        }
        for i in range(1, count + 1)
    ]


def engagement_rows(count: int, prospects: int) -> list[dict[str, Any]]:
    """Made-up engagements of so many prospects."""
    ids: Iterator[UUID] = (uuid5(NAMESPACE, f"bench:{i}") for i in range(count))
    return [
        {
            "engagement_id": engagement_id,
            "prospect_id": i % prospects + 1,
            "touch_id": None,
            "engagement_type": "Sent",
            "engagement_time": EPOCH + timedelta(minutes=i),
            "content": None,
            "campaign_id": None,
        }
        for i, engagement_id in enumerate(ids)
    ]


def timed(work: Callable[[], None]) -> float:
    """Seconds that the work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def copy_raw(
    connection: psycopg.Connection, table: Table, rows: list[dict[str, Any]]
) -> None:
    """Write as fast as possible: one COPY into a bare table."""
    names = ", ".join(table.columns)
    connection.execute(
        f"create table bench_bare as select {names} from {table.name} with no data"
    )
    with connection.cursor().copy(f"copy bench_bare ({names}) from stdin") as copy:
        for row in rows:
            copy.write_row([row[name] for name in table.columns])


def write(
    connection: psycopg.Connection, table: Table, rows: list[dict[str, Any]]
) -> None:
    """Write as the loader does: batches, one transaction each."""
    for first in range(0, len(rows), BATCH):
        with connection.transaction():
            upsert(connection, table, rows[first : first + BATCH])


def measure(dsn: str, prospects: int, engagements: int) -> dict[str, float]:
    """Measure rows a second by each way, in a database without data."""
    found: dict[str, float] = {}
    with connect(dsn) as connection:
        write(connection, PROSPECTS, prospect_rows(prospects))
        rows = engagement_rows(engagements, prospects)
        found["copy"] = engagements / timed(
            lambda: copy_raw(connection, ENGAGEMENTS, rows)
        )
        connection.execute("drop table bench_bare")
        for name in ("first", "again"):
            seconds = timed(lambda: write(connection, ENGAGEMENTS, rows))
            found[name] = engagements / seconds
            connection.execute("analyze")
    return found
