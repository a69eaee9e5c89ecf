"""What a refresh cannot do without: the sources' queries, in a DuckDB without Rill."""

from __future__ import annotations

import time
from collections.abc import Callable

from bench.rill_server import ROOT
from launcher.duckdb.engine import DuckDBEngine
from launcher.duckdb.rill_project import read_project


def seconds(dsn: str) -> float:
    """Return how long every row takes from PostgreSQL into DuckDB's memory."""
    return measure(dsn, time.perf_counter)


def processor_seconds(dsn: str) -> float:
    """Return DuckDB's processor time for the same."""
    return measure(dsn, time.process_time)


def measure(dsn: str, clock: Callable[[], float]) -> float:
    """Return the difference that the import makes to a clock."""
    models = read_project(ROOT / "rill").of_kind("model").values()
    sources = {m.name for m in models if "postgres_query" in (m.sql or "")}
    with DuckDBEngine(ROOT / "rill", dsn, only=sources) as engine:
        start = clock()
        engine.refresh()
        return clock() - start
