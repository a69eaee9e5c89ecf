"""Office hours, sending windows and waiting times in the company's zone."""

from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone
from random import Random
from zoneinfo import ZoneInfo

from demo.demo_company import COMPANY_TIME_ZONE, Officer

ZONE = ZoneInfo(COMPANY_TIME_ZONE)


def local(at: datetime) -> datetime:
    """Return an instant in the company's time."""
    return at.astimezone(ZONE)


def after(at: datetime, **delta: float) -> datetime:
    """Return the instant that lies the given time later."""
    return at + timedelta(**delta)


def lognormal(rng: Random, median: float, spread: float = 0.9) -> float:
    """Draw a positive value with that median; most waiting times look so."""
    return median * math.exp(rng.gauss(0.0, spread))


def within(at: datetime, start: int, stop: int, days: int, rng: Random) -> datetime:
    """Return `at`, or the next opening when it lies outside the hours.

    Open from `start` to `stop` o'clock on the first `days` days of the week.
    After a closed spell things start within the first 40 minutes.
    """
    here = local(at)
    if here.weekday() < days and start <= here.hour < stop:
        return at
    opening = here.replace(hour=start, minute=0, second=0, microsecond=0)
    if here.hour >= start:
        opening += timedelta(days=1)
    while opening.weekday() >= days:
        opening += timedelta(days=1)
    return opening.astimezone(timezone.utc) + timedelta(minutes=rng.uniform(0, 40))


def sending_window(at: datetime, rng: Random, every_day: bool = False) -> datetime:
    """Return when a campaign's message leaves: 8 to 21, no Sundays unless told."""
    return within(at, 8, 21, 7 if every_day else 6, rng)


def at_work(at: datetime, officer: Officer, rng: Random) -> datetime:
    """Return when an officer gets to something that came up at `at`."""
    if officer.works_evenings:
        days = 7 if rng.random() < 0.4 else 6
        return within(at, 8, 21, days, rng)
    return within(at, 9, 18, 6 if rng.random() < 0.25 else 5, rng)


def awake(at: datetime, rng: Random) -> datetime:
    """Return when a borrower answers: any day, and often in the evening."""
    at = within(at, 7, 22, 7, rng)
    if local(at).hour < 17 and rng.random() < 0.22:
        here = local(at).replace(hour=17, minute=0, second=0, microsecond=0)
        at = here.astimezone(timezone.utc) + timedelta(minutes=rng.uniform(0, 240))
    return at
