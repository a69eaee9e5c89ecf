"""Loading from HTTP to PostgreSQL, against fetching alone and against dlt.

A made-up account on the same machine, every answer rendered beforehand, 100
prospects a page and a list of messages for each prospect, so all make the same
requests on a first load. Fetching alone is the loader's own client, which decodes
and then forgets. dlt's rest_api source merges by id into tables without keys; its
best setting is that found in bench/peers/dlt_load.py. dlt asks for everything
again on a reload, whatever changed. By its defaults it takes ten times as long, so
it and the loader beside it then load a tenth of the account. Ratios are of speeds:
above 1 the loader is faster.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bench import processes
from bench.database import empty_database, fresh_database
from bench.results import Ratio, Scale

SCALES = {
    "tiny": Scale(200, 1_000, runs=1),
    "normal": Scale(20_000, 100_000),
    "full": Scale(200_000, 1_000_000),
}
Seconds = dict[str, float]
NO_PEER = "dlt is not installed: `make bench` makes its environment"


def measure(maintenance: str, scale: Scale) -> list[Ratio]:
    """Measure each way once per run, one after the other."""
    tenth = replace(
        scale, prospects=scale.prospects // 10, engagements=scale.engagements // 10
    )
    with processes.account(scale) as whole, processes.account(tenth) as part:
        runs, beside_dlt = [], []
        for _ in range(scale.runs):
            own = _own(maintenance, whole)
            runs.append(own | {"fetch": processes.fetch(whole).seconds})
            if processes.has_peers():
                best = own | _dlt(maintenance, whole, "best")
                own = _own(maintenance, part)
                beside_dlt.append((best, own | _dlt(maintenance, part, "defaults")))
    return [*_own_ratios(runs), *_peer_ratios(beside_dlt)]


def _own_ratios(runs: list[Seconds]) -> Iterator[Ratio]:
    shares = tuple(run["fetch"] / run["first"] for run in runs)
    yield Ratio("first ÷ fetch and decode alone", shares, at_least=0.5)
    for name in ("first", "again"):
        yield Ratio(f"seconds, {name}", tuple(run[name] for run in runs), unit=" s")


def _peer_ratios(runs: list[tuple[Seconds, Seconds]]) -> Iterator[Ratio]:
    """Yield the ratios to dlt; a run has the best setting's seconds, the defaults'."""
    note = "" if runs else NO_PEER
    for place, setting, goal in ((1, "defaults", 5), (0, "best setting", 4)):
        for name, title, aim in (
            ("first", "first", goal),
            ("again", "unchanged reload", 20),
        ):
            ratios = tuple(run[place][f"dlt {name}"] / run[place][name] for run in runs)
            yield Ratio(f"{title} ÷ dlt, {setting}", ratios, at_least=aim, note=note)


def _own(maintenance: str, url: str) -> Seconds:
    """Load with the loader, and once more with nothing changed."""
    with fresh_database(maintenance) as dsn:
        return {name: processes.load(dsn, url).seconds for name in ("first", "again")}


def _dlt(maintenance: str, url: str, setting: str) -> Seconds:
    """Load with dlt, and once more with nothing changed."""
    with empty_database(maintenance) as dsn:
        return {
            f"dlt {name}": processes.load_with_dlt(dsn, url, setting).seconds
            for name in ("first", "again")
        }
