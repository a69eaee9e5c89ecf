"""Having Rill refresh all, after a load that changed much, little or nothing.

Beside it in the same run: a Rill project that has the sources and nothing else, the
sources' queries run by DuckDB alone, and the whole project in Rill's own storage.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

from bench import big_account, plain_import
from bench.database import fresh_database
from bench.results import Ratio, Scale
from bench.rill_server import ROOT, RillServer, serving
from loader import rill_sources

SCALES = {
    "tiny": Scale(60, 300, runs=1),
    "normal": Scale(3_000, 36_000),
    "full": Scale(200_000, 2_400_000),
}
NO_RILL = "no `rill` on PATH: `make start` installs one"
# What a load writes that found one new reply, and what one that found nothing.
REPLY = ("touch_engagements", "prospects")
FIGURES: dict[str, dict[str, float]] = {
    "all ÷ all in Rill's own storage": {"at_most": 0.5},
    "all ÷ sources alone in Rill's own storage": {"at_most": 2},
    "all ÷ sources alone": {},
    "all ÷ plain import": {},
    "after a new reply ÷ all": {},
    "after no change ÷ all": {},
}
# What a refresh costs beside its data is the same for every account, so that the
# import is a measure for large ones only.
OF_LARGE_ACCOUNTS = {"all ÷ plain import": {"at_most": 8.0}}
IN_RILLS_OWN = {"all": False, "sources alone": True}
PEAK = "peak of Rill"


def measure(maintenance: str, scale: Scale) -> list[Ratio]:
    """Refresh one account in turn by each way, once per run."""
    if shutil.which("rill") is None:
        return [Ratio(name, (), note=NO_RILL) for name in (*FIGURES, PEAK)]
    goals = FIGURES | (OF_LARGE_ACCOUNTS if scale == SCALES["full"] else {})
    with ExitStack() as stack:
        dsn = stack.enter_context(fresh_database(maintenance))
        big_account.fill(dsn, scale.prospects, scale.engagements)
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        data = home / "data"
        big_account.write_csv_files(data)
        whole = stack.enter_context(serving(home / "whole", dsn, data))
        alone = stack.enter_context(
            serving(home / "alone", dsn, data, sources_alone=True)
        )
        runs = [_run(whole, alone, dsn) for _ in range(scale.runs)]
        peak = whole.peak()
        for name, sources_alone in IN_RILLS_OWN.items():
            own = serving(
                home / name, dsn, data, sources_alone=sources_alone, in_one_file=False
            )
            with own as peer:
                for run in runs:
                    run[f"all ÷ {name} in Rill's own storage"] = (
                        whole.refresh() / peer.refresh()
                    )
    ratios = [
        Ratio(name, tuple(run[name] for run in runs), **goal)
        for name, goal in goals.items()
    ]
    return [*ratios, Ratio(PEAK, (peak,) * scale.runs, unit=" MB")]


def _run(whole: RillServer, alone: RillServer, dsn: str) -> dict[str, float]:
    everything = whole.refresh()
    reply = rill_sources.to_read(ROOT / "rill", REPLY, clock=True)
    nothing = rill_sources.to_read(ROOT / "rill", (), clock=False)
    return {
        "all ÷ sources alone": everything / alone.refresh(),
        "all ÷ plain import": everything / plain_import.seconds(dsn),
        "after a new reply ÷ all": whole.refresh(reply) / everything,
        "after no change ÷ all": whole.refresh(nothing) / everything,
    }
