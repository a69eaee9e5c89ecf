"""Every query of every canvas, as a browser sends it, and how soon a page is filled.

A query is held against a plain sum over a column of the same model, asked over the
same HTTP. Rill keeps answers, so everything is refreshed before each run.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

import requests
from playwright.sync_api import Browser, Page, Request

from bench import big_account
from bench.database import fresh_database
from bench.results import Ratio, Scale
from bench.rill_server import ROOT, RillServer, serving
from launcher.duckdb.rill_project import read_project
from tests.rill.running import browser as headless

SCALES = {
    "tiny": Scale(60, 300, runs=1),
    "normal": Scale(3_000, 36_000),
    "full": Scale(200_000, 2_400_000),
}
NO_PROGRAM = "no `rill` or no Chromium on PATH: `make start`, `make browser`"
SLOWEST, P95 = "slowest query ÷ sum", "95th percentile of queries ÷ sum"
FILLED = "slowest page until filled"
# What a page asks of one metrics view, not the lists of files and resources.
QUERY = re.compile(
    r"(/rill\.runtime\.v1\.QueryService/MetricsView(?:Aggregation|TimeSeries))$"
)
# Without the version Rill takes the path for another interface's.
CONNECT = {"Content-Type": "application/json", "Connect-Protocol-Version": "1"}
# True once a number, chart or table is there and nothing in sight is on its way.
IS_FILLED = f"""() => document.querySelectorAll(
    '.big-number, canvas.marks, table').length > 0 && ({headless.BUSY})() === 0"""
PATIENCE = 60_000  # milliseconds


@dataclass(frozen=True)
class Query:
    """What a tile asked: the method of Rill's interface, and the body."""

    path: str
    body: str

    @property
    def view(self) -> str:
        """The metrics view that is asked."""
        body = json.loads(self.body)
        return body.get("metricsView") or body["metricsViewName"]


def measure(maintenance: str, scale: Scale) -> list[Ratio]:
    """Read every page once, then ask everything again after each refresh."""
    program = headless.chromium()
    if shutil.which("rill") is None or program is None:
        return [Ratio(name, (), note=NO_PROGRAM) for name in (SLOWEST, P95, FILLED)]
    with ExitStack() as stack:
        dsn = stack.enter_context(fresh_database(maintenance))
        big_account.fill(dsn, scale.prospects, scale.engagements)
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        data = home / "data"
        data.mkdir()
        big_account.write_csv_files(data)
        rill = stack.enter_context(serving(home / "rill", dsn, data, pages=True))
        browser = stack.enter_context(headless.launched(program))
        queries = _queries(rill, browser)
        runs, filled = [], []
        for _ in range(scale.runs):
            # A Rill that is rebuilding while a page goes away may hang.
            time.sleep(3)
            rill.refresh()
            runs.append(_shares(rill, queries))
            rill.refresh()
            filled.append(max(_seconds(rill, browser, page) for page in canvases()))
    return [
        Ratio(SLOWEST, tuple(max(run) for run in runs), at_most=10),
        Ratio(P95, tuple(quantiles(run, n=20)[-1] for run in runs), at_most=5),
        Ratio(FILLED, tuple(filled), at_most=2, unit=" s"),
    ]


def canvases() -> list[str]:
    """Return the pages, by name."""
    return sorted(read_project(ROOT / "rill").of_kind("canvas"))


def _queries(rill: RillServer, browser: Browser) -> list[Query]:
    """Return what all canvases ask, each question once, read to the end."""
    found: dict[Query, None] = {}

    def note(request: Request) -> None:
        path = QUERY.search(request.url)
        if path and request.post_data:
            found[Query(path[1], request.post_data)] = None

    for canvas in canvases():
        with headless.opened(browser, headless.NOWHERE) as page:
            page.on("request", note)
            page.goto(_address(rill, canvas), wait_until="domcontentloaded")
            for _ in headless.each_tab(page):
                pass
    return list(found)


def _address(rill: RillServer, canvas: str) -> str:
    return f"{rill.runtime.url}/canvas/{canvas}"


def _seconds(rill: RillServer, browser: Browser, canvas: str) -> float:
    """Return how long a page takes until what is in sight is filled."""
    with headless.opened(browser, headless.NOWHERE) as page:
        return _until_filled(page, _address(rill, canvas))


def _until_filled(page: Page, url: str) -> float:
    start = time.perf_counter()
    page.goto(url, wait_until="domcontentloaded")
    page.wait_for_function(IS_FILLED, polling=50, timeout=PATIENCE)
    return time.perf_counter() - start


def _shares(rill: RillServer, queries: list[Query]) -> list[float]:
    """Return each query's time as a share of its model's plain sum."""
    session = requests.Session()
    session.trust_env = False
    base = f"{rill.runtime.url}/v1/instances/default"
    views = read_project(ROOT / "rill").of_kind("metrics_view")
    sums = {
        view: _sum_seconds(session, base, views[view].body["model"])
        for view in {query.view for query in queries}
    }
    shares = []
    for query in queries:
        start = time.perf_counter()
        answer = session.post(
            rill.runtime.url + query.path,
            data=query.body,
            headers=CONNECT,
            timeout=PATIENCE / 1000,
        )
        answer.raise_for_status()
        shares.append((time.perf_counter() - start) / sums[query.view])
    return shares


def _sum_seconds(session: requests.Session, base: str, model: str) -> float:
    """Return the median seconds of a sum over a numeric column of a model.

    One without such a column is counted.
    """
    described = _ask(session, base, f"select * from {model} limit 0")
    numbers = [
        f'"{field["name"]}"'
        for field in described["meta"]["fields"]
        if re.search(r"INT|FLOAT|DOUBLE|DECIMAL", json.dumps(field["type"]))
    ]
    total = f"select sum({(numbers or ['1'])[0]}) as total from {model}"
    times = []
    for _ in range(5):
        start = time.perf_counter()
        _ask(session, base, total)
        times.append(time.perf_counter() - start)
    return sorted(times)[2]


def _ask(session: requests.Session, base: str, sql: str) -> dict:
    answer = session.post(f"{base}/query", json={"sql": sql}, timeout=PATIENCE / 1000)
    answer.raise_for_status()
    return answer.json()
