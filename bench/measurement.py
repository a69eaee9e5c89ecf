"""Prints what a process took as its last line, for the bench that started it."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def printed(more: Mapping[str, float] | None = None) -> Iterator[None]:
    """Time the block; then print seconds, the process's peak memory in MB, and more."""
    start = time.perf_counter()
    yield
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "peak": peak_memory(), **(more or {})}))


def peak_memory() -> float:
    """Return the largest resident size that this process had, in MB.

    Linux keeps it per program; what getrusage() says begins with the size of the
    program that started this one.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)
