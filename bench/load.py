"""Loading from HTTP to PostgreSQL, against fetching alone and against dlt.

A made-up account on the same machine, every answer rendered beforehand, 100
prospects a page and a list of messages for each prospect, so all make the same
requests on a first load. Fetching alone is the loader's own client, which decodes
and then forgets. dlt's rest_api source merges by id into tables without keys; its
best setting is that found in bench/peers/dlt_load.py. dlt asks for everything
again on a reload, whatever changed.
"""

from __future__ import annotations

from collections.abc import Iterator

from bench import processes
from bench.database import empty_database, fresh_database
from bench.results import Ratio, Scale

SCALES = {
    "tiny": Scale(200, 1_000, runs=1),
    "normal": Scale(20_000, 100_000),
    "full": Scale(200_000, 1_000_000),
}
NO_PEER = "dlt is not installed: `make bench` makes its environment"


def measure(maintenance: str, scale: Scale) -> list[Ratio]:
    """Measure each way once per run, one after the other."""
    with processes.account(scale) as url:
        runs = [_measure_once(maintenance, url) for _ in range(scale.runs)]
    return list(_ratios(runs))


def _ratios(runs: list[dict[str, float]]) -> Iterator[Ratio]:
    def ratio(name: str, peer: str, own: str, goal: float) -> Ratio:
        values = tuple(run[peer] / run[own] for run in runs if peer in run)
        return Ratio(name, values, at_least=goal, note="" if values else NO_PEER)

    yield ratio("first ÷ fetch and decode alone", "fetch", "first", 0.5)
    yield ratio("first ÷ dlt, defaults", "dlt defaults", "first", 5)
    yield ratio("first ÷ dlt, best setting", "dlt best", "first", 4)
    yield ratio("unchanged reload ÷ dlt, defaults", "dlt defaults again", "again", 20)
    for name in ("first", "again"):
        yield Ratio(f"seconds, {name}", tuple(run[name] for run in runs), unit=" s")


def _measure_once(maintenance: str, url: str) -> dict[str, float]:
    """Return seconds by way of loading."""
    seconds = {"fetch": processes.fetch(url).seconds}
    with fresh_database(maintenance) as dsn:
        seconds["first"] = processes.load(dsn, url).seconds
        seconds["again"] = processes.load(dsn, url).seconds
    if processes.has_peers():
        with empty_database(maintenance) as dsn:
            seconds["dlt defaults"] = _dlt(dsn, url, "defaults")
            seconds["dlt defaults again"] = _dlt(dsn, url, "defaults")
        with empty_database(maintenance) as dsn:
            seconds["dlt best"] = _dlt(dsn, url, "best")
    return seconds


def _dlt(dsn: str, url: str, setting: str) -> float:
    return processes.load_with_dlt(dsn, url, setting).seconds
