"""What the tiles of a page ask of Rill: written down once, then asked again and timed.

Rill keeps answers for each viewer, so whoever asks for a time is a new administrator,
who sees every row as the one before did.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import uuid4

import requests
from playwright.sync_api import Browser, Request

from harness import browser as headless
from harness import rill_files
from harness.rill_process import INSTANCE, RunningRill

# What a tile asks of one metrics view, not the lists of files and resources.
METHOD = re.compile(
    r"(/rill\.runtime\.v1\.QueryService/MetricsView(?:Aggregation|TimeSeries))$"
)
# Without the version Rill takes the path for another interface's.
CONNECT = {"Content-Type": "application/json", "Connect-Protocol-Version": "1"}
NUMBER = re.compile(r"INT|FLOAT|DOUBLE|DECIMAL")
TIMES = 5
SECONDS = 120


@dataclass(frozen=True)
class TileQuery:
    """What a tile asked: the method of Rill's interface, and the body."""

    path: str
    body: str

    @property
    def view(self) -> str:
        """The metrics view that is asked."""
        body = json.loads(self.body)
        return body.get("metricsView") or body["metricsViewName"]


def new_reader(rill: RunningRill) -> str:
    """Return the token of an administrator who has not asked for anything yet."""
    return rill.token(f"{uuid4()}@bench.example", admin=True)


def record(browser: Browser, addresses: Iterable[str]) -> list[TileQuery]:
    """Return what these pages ask, each question once, read to their ends."""
    asked: dict[TileQuery, None] = {}

    def note(request: Request) -> None:
        method = METHOD.search(request.url)
        if method and request.post_data:
            asked[TileQuery(method[1], request.post_data)] = None

    for address in addresses:
        with headless.opened(browser, headless.NOWHERE) as page:
            page.on("request", note)
            page.goto(address, wait_until="domcontentloaded")
            for _ in headless.each_tab(page):
                pass
    return list(asked)


def seconds(rill: RunningRill, queries: Iterable[TileQuery]) -> dict[TileQuery, float]:
    """Return how long Rill takes to answer each query."""
    with requests.Session() as session:
        session.trust_env = False
        return {query: _seconds(rill, session, query) for query in queries}


def _seconds(rill: RunningRill, session: requests.Session, query: TileQuery) -> float:
    """Return the shortest of several times: the others contain other work."""

    def ask(headers: dict[str, str]) -> None:
        answer = session.post(
            rill.url + query.path, data=query.body, headers=headers, timeout=SECONDS
        )
        answer.raise_for_status()

    readers = [new_reader(rill) for _ in range(TIMES)]
    headers = [CONNECT | {"Authorization": f"Bearer {reader}"} for reader in readers]
    return min(_timed(ask, given) for given in headers)


def sum_seconds(rill: RunningRill, views: Iterable[str]) -> dict[str, float]:
    """Return how long Rill takes for the sum of a column of each view's model."""
    return {view: _sum_seconds(rill, rill_files.VIEWS[view]["model"]) for view in views}


def _sum_seconds(rill: RunningRill, model: str) -> float:
    """Return the seconds of a sum over the first numeric column, else of a count."""
    reader = new_reader(rill)
    fields = _sql(rill, f"select * from {model} limit 0", reader)["meta"]["fields"]
    numbers = [f'"{f["name"]}"' for f in fields if NUMBER.search(json.dumps(f["type"]))]
    total = f"select sum({(numbers or ['1'])[0]}) as total from {model}"
    return min(_timed(_sql, rill, total, reader) for _ in range(TIMES))


def _sql(rill: RunningRill, sql: str, token: str) -> dict:
    return rill.ask(f"{INSTANCE}/query", {"sql": sql}, token)


def _timed(work: Callable[..., object], *arguments: object) -> float:
    start = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - start
