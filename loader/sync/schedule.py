"""Loads again at a fixed interval."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

from loader.config import CENTURY, DAY
from loader.errors import LoaderError
from loader.shutdown import StopRequest

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
# No machine's timers take a thousand years.
LONGEST = CENTURY * DAY


def to_seconds(text: str) -> int:
    """Return the seconds of "90s", "15m", "2h" or "1d"; anything else is refused."""
    match = re.fullmatch(r"\s*(\d{1,6})\s*([smhd])\s*", text)
    seconds = int(match[1]) * _UNITS[match[2]] if match else 0
    if not 1 <= seconds <= LONGEST:
        raise LoaderError(
            f"{text[:60]!r} is not a valid interval: write 90s, 15m, 2h or 1d."
        )
    return seconds


def next_start(first: datetime, interval: float, now: datetime) -> datetime:
    """Return the first start after now; those that a long run missed are left out.

    If the clock was set back, so that the first start lies ahead: one interval on.
    """
    if now < first:
        return now + timedelta(seconds=interval)
    missed = (now - first).total_seconds() // interval
    return first + timedelta(seconds=(missed + 1) * interval)


def repeat(
    work: Callable[[], object],
    interval: float,
    stop: StopRequest,
    note_next: Callable[[float], object],
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
) -> None:
    """Run `work` at a fixed interval until stopped; it must handle its own errors.

    Runs never overlap, and a start that passes during a run is skipped. After each
    run `note_next` is told how many seconds remain until the next one.
    """
    first = clock()
    while True:
        work()
        at = next_start(first, interval, clock())
        note_next((at - clock()).total_seconds())
        stop.wait((at - clock()).total_seconds())
