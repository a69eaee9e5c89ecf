"""What a refresh cannot do without: the sources' queries, in a DuckDB without Rill."""

from __future__ import annotations

import time

from bench.rill_server import ROOT
from launcher.duckdb.engine import DuckDBEngine
from launcher.duckdb.rill_project import read_project


def seconds(dsn: str) -> float:
    """Return how long every row takes from PostgreSQL into DuckDB's memory."""
    models = read_project(ROOT / "rill").of_kind("model").values()
    sources = {m.name for m in models if "postgres_query" in (m.sql or "")}
    with DuckDBEngine(ROOT / "rill", dsn, only=sources) as engine:
        start = time.perf_counter()
        engine.refresh()
        return time.perf_counter() - start
