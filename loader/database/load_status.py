"""How the loads stand, for `status`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from loader.database import rejects

RUNS_SHOWN = 5


@dataclass(frozen=True)
class LoadStatus:
    """The loads at one moment; `age` and `next_run_at` are None if unknown.

    `waiting` counts prospects whose messages are due for another read although
    nothing shows a change: the loader's backlog.
    """

    now: datetime
    runs: list[dict[str, Any]]
    age: timedelta | None
    next_run_at: datetime | None
    rejected: int
    noted: int
    present: int
    gone: int
    waiting: int


def read(connection: Connection, full_read_days: float) -> LoadStatus:
    """The standing by PostgreSQL's clock."""
    with connection.cursor(row_factory=dict_row) as cursor:
        runs = cursor.execute(
            """
            select
                run_id, started_at, finished_at, outcome, message, prospects_read,
                rows_changed, requests, next_run_at
            from loader.sync_runs
            order by run_id desc
            limit %s
            """,
            [RUNS_SHOWN],
        ).fetchall()
        times = cursor.execute(
            """
            select
                now() as now,
                now() - max(finished_at) filter (where outcome = 'complete') as age
            from loader.sync_runs
            """
        ).fetchone()
        prospects = cursor.execute(
            """
            select
                count(*) filter (where gone_at is null) as present,
                count(gone_at) as gone,
                count(*) filter (
                    where
                        gone_at is null
                        and (
                            messages_read_at is null
                            or rules_version is null
                            or messages_read_at < now() - %s * interval '1 day'
                            or (
                                coalesce(cardinality(listed), 0) > 0
                                and messages_read_at < now() - interval '1 day'
                            )
                        )
                ) as waiting
            from loader.sync_prospects
            """,
            [full_read_days],
        ).fetchone()
    rejected, noted = rejects.standing(connection)
    return LoadStatus(
        runs=runs,
        next_run_at=runs[0]["next_run_at"] if runs else None,
        rejected=rejected,
        noted=noted,
        **times,
        **prospects,
    )
