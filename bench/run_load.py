"""`python -m bench.run_load`: one load by the loader's own command, measured."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from bench.measurement import printed
from loader.cli import main
from loader.sync import finalize

# What a load does after its last page.
LAST_STEPS = (
    "resolve_missing_prospects",
    "settle_contested",
    "resolve_unknown_events",
    "assign_sequences",
    "order_steps",
    "reconcile_users",
)


def time_last_steps() -> dict[str, float]:
    """Have the load time its last steps; return where their seconds will be."""
    seconds = {"steps": 0.0}

    def timed(step: Callable) -> Callable:
        def run(*arguments: object) -> object:
            start = time.perf_counter()
            result = step(*arguments)
            seconds["steps"] += time.perf_counter() - start
            return result

        return run

    for name in LAST_STEPS:
        setattr(finalize, name, timed(getattr(finalize, name)))
    return seconds


if __name__ == "__main__":
    with printed(time_last_steps()):
        try:
            main(["load", "--no-refresh"], prog_name="load")
        except SystemExit as end:
            if end.code:
                sys.exit(end.code)
