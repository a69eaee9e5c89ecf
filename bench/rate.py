"""Loading under a limit of requests a minute, with 20 ms until each answer.

The least time is the number of requests that a first load needs (one per page of
prospects, one per prospect for its messages, one list of campaigns) divided by
the allowed rate.
"""

from __future__ import annotations

from bench import processes
from bench.account import PER_PAGE
from bench.database import fresh_database
from bench.results import Ratio, Scale

LATENCY = 0.02
# Requests a minute.
LIMIT = 3_000
SCALES = {
    "tiny": Scale(150, 300, runs=1),
    "normal": Scale(1_500, 3_000),
    "full": Scale(15_000, 30_000),
}


def measure(maintenance: str, scale: Scale) -> list[Ratio]:
    """Load once per run, each time from a fresh process of the account."""
    needed = scale.prospects + -(-scale.prospects // PER_PAGE) + 1
    least = needed / LIMIT * 60
    times, requests = [], []
    for _ in range(scale.runs):
        with (
            processes.account(scale, LATENCY, LIMIT) as url,
            fresh_database(maintenance) as dsn,
        ):
            times.append(processes.load(dsn, url).seconds / least)
            requests.append(len(processes.request_times(url)) / needed)
    return [
        Ratio("time ÷ (requests needed ÷ allowed rate)", tuple(times), at_most=1.05),
        Ratio("requests ÷ requests needed", tuple(requests), at_most=1.02),
    ]
