"""What a load does once, after its last page, on an account that is there already.

The statements are the loader's own, on an account made by SQL. Their share is of
the first load of as many prospects, reckoned from the speed of a smaller one. A
second load in which Bonzo shows nothing new must not read the engagements at all:
the pages of them that PostgreSQL read or found in memory meanwhile are counted.
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
from loader.database.upsert import Writer

SCALES = {
    "tiny": Scale(200, 2_400, runs=1),
    "normal": Scale(10_000, 120_000),
    "full": Scale(200_000, 2_400_000),
}
# Whose load over HTTP tells the speed; engagements are about twice the messages.
MOST_LOADED = 2_000

Step = Callable[[Connection], object]
LAST_LOAD = big_account.AS_OF - timedelta(minutes=3)
STEPS: dict[str, Step] = {
    "who is missing": partial(prospect_state.count_present, started_at=LAST_LOAD),
    "events that became known": prospects_with_known_events,
    "campaigns of sequences": partial(sequences.majorities, known=[]),
    "resolved rejects": partial(rejects.delete_resolved, run_id=0),
    "order of steps": lambda connection: order_derived_steps(Writer(connection)),
}


def measure(maintenance: str, scale: Scale) -> list[Ratio]:
    """Run every step once per run; load a smaller account twice per run."""
    loads = [_load(maintenance, scale) for _ in range(scale.runs)]
    with fresh_database(maintenance) as dsn:
        big_account.fill(dsn, scale.prospects, scale.engagements)
        with connect(dsn, autocommit=True) as connection:
            runs = [_seconds(connection) for _ in range(scale.runs)]
    seconds_per_prospect = [seconds for seconds, _ in loads]
    share = [
        sum(run.values()) / (seconds * scale.prospects)
        for run, seconds in zip(runs, seconds_per_prospect, strict=True)
    ]
    return [
        Ratio("steps ÷ a first load", tuple(share), at_most=0.05),
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


def _load(maintenance: str, scale: Scale) -> tuple[float, float]:
    """Return a first load's seconds per prospect, and what a second one read."""
    size = min(scale.prospects, MOST_LOADED)
    small = Scale(size, size * scale.engagements // scale.prospects // 2)
    with processes.account(small) as url, fresh_database(maintenance) as dsn:
        seconds = processes.load(dsn, url).seconds
        before = pages_read(dsn)
        processes.load(dsn, url)
        return seconds / size, pages_read(dsn) - before


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
