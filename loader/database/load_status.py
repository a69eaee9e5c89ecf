"""What `status` shows: the last loads, and what they have left to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from loader.database import prospect_state, rejects
from loader.database.runs import CLOCK_TOLERANCE

RUNS_SHOWN = 5


@dataclass(frozen=True)
class LoadStatus:
    """The loads at one moment; `age` and `next_run_at` are None if unknown.

    `pending_rereads` counts prospects whose messages are due for another read
    although nothing shows a change: the loader's backlog.
    """

    now: datetime
    runs: list[dict[str, Any]]
    age: timedelta | None
    next_run_at: datetime | None
    rejected: int
    noted: int
    present: int
    deleted: int
    pending_rereads: int

    @property
    def dated_ahead(self) -> datetime | None:
        """Return the latest run's time if it lies ahead of PostgreSQL's clock."""
        if not self.runs:
            return None
        latest = self.runs[0]["finished_at"] or self.runs[0]["started_at"]
        return latest if latest > self.now + CLOCK_TOLERANCE else None


def read(
    connection: Connection, full_read_days: float, version: str | None
) -> LoadStatus:
    """Return the status by PostgreSQL's clock.

    `version` is that of the mapping rules, None if it is not known.
    """
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
                now() - (
                    select r.finished_at
                    from loader.sync_runs as r
                    where r.outcome = 'complete'
                    order by r.run_id desc
                    limit 1
                ) as age
            """
        ).fetchone()
        prospects = cursor.execute(
            "select count(*) filter (where gone_at is null) as present, "
            "count(gone_at) as deleted from loader.sync_prospects"
        ).fetchone()
    pending = prospect_state.pending_rereads(
        connection,
        times["now"],
        version=version,
        full_read_days=full_read_days,
        limit=None,
    )
    rejected, noted = rejects.count_open(connection)
    return LoadStatus(
        runs=runs,
        next_run_at=runs[0]["next_run_at"] if runs else None,
        rejected=rejected,
        noted=noted,
        **times,
        pending_rereads=len(pending),
        **prospects,
    )
