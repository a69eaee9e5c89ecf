"""Every query of every page beside a plain sum, and how soon a page is filled.

A browser reads each canvas to its end, tab by tab, and what its tiles ask of the
metrics views is asked again, each time as an administrator for whom Rill has kept no
answer. Beside each, over the same HTTP: the sum of a column of the same model. A page
is filled once nothing in sight changes any more.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import quantiles

from playwright.sync_api import Browser

from bench import big_account, first_paint, tile_queries
from bench.database import fresh_database
from bench.results import Ratio, Scale
from bench.tile_queries import TileQuery
from harness import browser as headless
from harness import pictures, rill_files
from harness.rill_process import RunningRill, started

SCALES = {
    "tiny": Scale(600, 3_000, runs=1),
    "normal": Scale(200_000, 2_400_000),
    "full": Scale(2_000_000, 24_000_000),
}
BUILD_SECONDS = 3600
NO_PROGRAM = "no `rill` or no Chromium on PATH: `make start`, `make browser`"
SLOWEST, P95 = "slowest query ÷ sum", "95th percentile of queries ÷ sum"
FILLED = "slowest page until filled"
FIGURES = {SLOWEST: 10.0, P95: 5.0}
# Seconds: large accounts have longer.
FILLED_AT_MOST, FILLED_AT_MOST_FULL = 2.0, 4.0


def measure(maintenance: str, scale: Scale) -> list[Ratio]:
    """Read every page once, then ask everything and open each page once per run."""
    rill_program, browser_program = shutil.which("rill"), headless.chromium()
    if rill_program is None or browser_program is None:
        return [Ratio(name, (), note=NO_PROGRAM) for name in (*FIGURES, FILLED)]
    with ExitStack() as stack:
        dsn = stack.enter_context(fresh_database(maintenance))
        big_account.fill(dsn, scale.prospects, scale.engagements)
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        rill = stack.enter_context(_built(rill_program, home, dsn))
        browser = stack.enter_context(headless.launched(browser_program))
        pages = {name: pictures.address(rill, name) for name in canvases()}
        queries = tile_queries.record(browser, pages.values())
        runs = [_run(rill, browser, pages, queries) for _ in range(scale.runs)]
    is_full = scale.engagements == SCALES["full"].engagements
    goals = FIGURES | {FILLED: FILLED_AT_MOST_FULL if is_full else FILLED_AT_MOST}
    return [
        Ratio(
            name,
            tuple(run[name] for run in runs),
            at_most=goals.get(name),
            unit=" s" if "filled" in name else "",
        )
        for name in runs[0]
    ]


def canvases() -> list[str]:
    """Return the names of the pages."""
    return list(rill_files.CANVASES)


@contextmanager
def _built(program: str, home: Path, dsn: str) -> Iterator[RunningRill]:
    """Serve the project with its pages, and yield once all is built."""
    data = home / "data"
    big_account.write_csv_files(data)
    variables = {"postgres_dsn": dsn, "data_dir": str(data)}
    with started(program, home, variables, ui=True) as rill:
        errors = rill.wait(BUILD_SECONDS)
        if errors:
            raise RuntimeError(f"Rill did not build everything: {errors[0]}")
        yield rill


def _run(
    rill: RunningRill,
    browser: Browser,
    pages: dict[str, str],
    queries: list[TileQuery],
) -> dict[str, float]:
    sums = tile_queries.sum_seconds(rill, {query.view for query in queries})
    taken = tile_queries.seconds(rill, queries)
    shares = {query: taken[query] / sums[query.view] for query in queries}
    filled = {
        name: first_paint.seconds(browser, url, tile_queries.new_reader(rill))
        for name, url in pages.items()
    }
    return {
        SLOWEST: max(shares.values()),
        P95: quantiles(shares.values(), n=20)[-1],
        FILLED: max(filled.values()),
        **{
            f"slowest query of {view} ÷ sum": max(
                share for query, share in shares.items() if query.view == view
            )
            for view in sorted(sums)
        },
        **{f"{name} until filled": taken for name, taken in filled.items()},
    }
