"""What a load does once, after its last page, as a share of the load.

First within a real load over HTTP into an empty database, of which PostgreSQL has
no statistics yet. Then by the same statements on an account made by SQL, whose
statistics are there, as a share of the first load of as many prospects at the
speed of the real one. A second load in which Bonzo shows nothing new must not read
the engagements at all: the pages of them that PostgreSQL reads from disk or memory
meanwhile are counted.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from psycopg import Connection

from bench import big_account, processes
from bench.database import fresh_database
from bench.results import Ratio, Scale
from loader.database import prospect_state, rejects, sequences
from loader.database.campaign_steps import order_derived_steps
from loader.database.connection import connect
from loader.database.stored_messages import prospects_with_known_events
from loader.database.upsert import StepChanges, Writer

SCALES = {
    "tiny": Scale(200, 2_400, runs=1),
    "normal": Scale(10_000, 120_000),
    "full": Scale(200_000, 2_400_000),
}
# Prospects loaded over HTTP. Engagements are about twice the messages.
MOST_LOADED = 5_000

Step = Callable[[Connection], object]
LAST_LOAD = big_account.AS_OF - timedelta(minutes=3)
STEPS: dict[str, Step] = {
    "who is missing": partial(prospect_state.count_present, started_at=LAST_LOAD),
    "events that became known": prospects_with_known_events,
    "campaigns of sequences": partial(sequences.majorities, known=[]),
    "resolved rejects": partial(rejects.delete_resolved, run_id=0),
    "order of steps": lambda connection: order_derived_steps(
        Writer(connection), StepChanges(everywhere=True)
    ),
}


def measure(maintenance: str, scale: Scale) -> list[Ratio]:
    """Load a smaller account twice per run; run every statement once per run."""
    small = _smaller(scale)
    loads = [_load(maintenance, small) for _ in range(scale.runs)]
    with fresh_database(maintenance) as dsn:
        big_account.fill(dsn, scale.prospects, scale.engagements)
        with connect(dsn, autocommit=True) as connection:
            runs = [_seconds(connection) for _ in range(scale.runs)]
    factor = scale.prospects / small.prospects
    shares = [
        sum(run.values()) / (first.seconds * factor)
        for run, (first, _) in zip(runs, loads, strict=True)
    ]
    return [
        Ratio(
            f"steps ÷ first load, {small.prospects:,} prospects",
            tuple(first.steps / first.seconds for first, _ in loads),
            at_most=0.05,
        ),
        Ratio("statements ÷ first load, with statistics", tuple(shares), at_most=0.05),
        Ratio(
            "pages of engagements read by an unchanged load",
            tuple(pages for _, pages in loads),
            at_most=0,
        ),
        *(
            Ratio(f"seconds, {name}", tuple(run[name] for run in runs), unit=" s")
            for name in STEPS
        ),
    ]


def _seconds(connection: Connection) -> dict[str, float]:
    """Return seconds by step."""
    seconds = {}
    for name, step in STEPS.items():
        start = time.perf_counter()
        with connection.transaction():
            step(connection)
        seconds[name] = time.perf_counter() - start
    return seconds


def _smaller(scale: Scale) -> Scale:
    """Return the size of the account that is loaded over HTTP."""
    size = min(scale.prospects, MOST_LOADED)
    return Scale(size, size * scale.engagements // scale.prospects // 2)


def _load(maintenance: str, scale: Scale) -> tuple[processes.Measurement, float]:
    """Return a first load's measurement, and how many pages a second one read."""
    with processes.account(scale) as url, fresh_database(maintenance) as dsn:
        first = processes.load(dsn, url)
        before = pages_read(dsn)
        processes.load(dsn, url)
        return first, pages_read(dsn) - before


def pages_read(dsn: str) -> int:
    """Return how many pages of engagements and of their indexes were ever read."""
    with connect(dsn, autocommit=True) as connection:
        # Another session's figures arrive when it ends, which may take a moment.
        connection.execute("select pg_sleep(1.5)")
        row = connection.execute(
            "select heap_blks_read + heap_blks_hit + idx_blks_read + idx_blks_hit "
            "from pg_statio_user_tables where relname = 'touch_engagements'"
        ).fetchone()
    return row[0]
