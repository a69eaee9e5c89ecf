"""Loads at a fixed interval."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.errors import LoaderError
from loader.shutdown import Stopped, StopRequest
from loader.sync.schedule import next_start, repeat, to_seconds

START = datetime(2026, 3, 2, 12, 0, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("15m", 900), (" 2 h ", 7200), ("1d", 86400)]
)
def test_intervals(text: str, seconds: int) -> None:
    """A number and a unit."""
    assert to_seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "15", "m", "0s", "-1m", "1.5h", "1w", "999999d"])
def test_what_is_no_interval(text: str) -> None:
    """Anything else is a sentence."""
    with pytest.raises(LoaderError, match="not a valid interval"):
        to_seconds(text)


@given(st.integers(1, 5000), st.floats(0, 1e6))
def test_the_next_start_lies_ahead_and_on_the_grid(interval: int, late: float) -> None:
    """At most one interval away, and a whole number of them after the first."""
    now = START + timedelta(seconds=late)
    start = next_start(START, interval, now)
    assert now < start <= now + timedelta(seconds=interval)
    assert ((start - START) / timedelta(seconds=interval)) % 1 == 0


class SimulatedClock(StopRequest):
    """A clock that waiting moves, and that stops at an end."""

    def __init__(self, end: datetime) -> None:
        super().__init__()
        self.now, self.end = START, end

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        if self.now >= self.end:
            raise Stopped(15)


def test_a_long_run_skips_starts_and_never_overlaps() -> None:
    """Starts that pass during a run are left out; the grid stays."""
    simulated = SimulatedClock(START + timedelta(minutes=100))
    started: list[datetime] = []
    waits: list[float] = []
    lengths = iter([5, 40, 5, 15, 5, 5, 5])

    def work() -> None:
        started.append(simulated.now)
        simulated.now += timedelta(minutes=next(lengths))

    with pytest.raises(Stopped):
        repeat(work, 900, simulated, waits.append, clock=lambda: simulated.now)
    minutes = [(at - START).total_seconds() / 60 for at in started]
    assert minutes == [0, 15, 60, 75]
    assert waits == [600, 300, 600, 900]


def test_a_clock_that_is_set_back_does_not_stop_the_schedule() -> None:
    """The next start is one interval away, not hours."""
    earlier = START - timedelta(hours=2)
    assert next_start(START, 900, earlier) == earlier + timedelta(seconds=900)
