"""Loads again at a fixed interval."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

from loader.database.connection import connect
from loader.database.errors import loader_errors
from loader.errors import LoaderError
from loader.shutdown import StopRequest

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def to_seconds(text: str) -> int:
    """Return the seconds of "90s", "15m", "2h" or "1d"; anything else is refused."""
    match = re.fullmatch(r"\s*(\d{1,6})\s*([smhd])\s*", text)
    seconds = int(match[1]) * _UNITS[match[2]] if match else 0
    if seconds < 1:
        raise LoaderError(
            f"{text!r} is not a valid interval: write 90s, 15m, 2h or 1d."
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
    dsn: str,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
) -> None:
    """Run `work` at a fixed interval until stopped; it must handle its own errors.

    Runs never overlap, and a start that passes during a run is skipped. When the
    next one is due is noted in the database `dsn`, for `status`.
    """
    first = clock()
    while True:
        work()
        at = next_start(first, interval, clock())
        _note_next(dsn, at)
        stop.wait((at - clock()).total_seconds())


def _note_next(dsn: str, at: datetime) -> None:
    """Note when the next run is due, for `status`; not worth failing for."""
    try:
        with loader_errors(), connect(dsn) as connection:
            connection.execute(
                "update loader.sync_runs set next_run_at = %s "
                "where run_id = (select max(run_id) from loader.sync_runs)",
                [at],
            )
    except LoaderError:
        return
