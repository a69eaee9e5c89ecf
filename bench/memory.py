"""The loader's largest resident size during a first load, and whether it grows."""

from __future__ import annotations

from dataclasses import replace

from bench import processes
from bench.database import fresh_database
from bench.results import Ratio, Scale

# Of the large account. The small one has SMALL prospects, or a tenth if that is less.
SCALES = {
    "tiny": Scale(200, 600, runs=1),
    "normal": Scale(20_000, 60_000),
    "full": Scale(200_000, 600_000),
}
SMALL = 2_000


def measure(maintenance: str, scale: Scale) -> list[Ratio]:
    """Load a small and a large account once per run."""
    small_size = min(SMALL, scale.prospects // 10)
    small = replace(
        scale,
        prospects=small_size,
        engagements=scale.engagements * small_size // scale.prospects,
    )
    peaks = [
        (_peak(maintenance, small), _peak(maintenance, scale))
        for _ in range(scale.runs)
    ]
    return [
        Ratio(
            f"peak, {scale.prospects:,} prospects",
            tuple(large for _, large in peaks),
            at_most=80,
            unit=" MB",
        ),
        Ratio(
            f"peak, {scale.prospects:,} ÷ {small.prospects:,} prospects",
            tuple(large / small for small, large in peaks),
            at_most=1.1,
        ),
    ]


def _peak(maintenance: str, scale: Scale) -> float:
    with processes.account(scale) as url, fresh_database(maintenance) as dsn:
        return processes.load(dsn, url).peak
