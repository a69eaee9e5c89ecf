"""Dice, and moments that lie where definitions have their edges."""

from __future__ import annotations

import random
import uuid
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from tests.rill.reference import Settings

SECOND = timedelta(seconds=1)
# As close as PostgreSQL can tell two moments apart.
BLINK = timedelta(microseconds=1)
NUDGES = (SECOND, -SECOND, BLINK, -BLINK)
# What is older is past for the checks of consent; what follows an opt-out sooner is
# its confirmation.
LOOK_BACK = timedelta(days=28)
CONFIRMATION = timedelta(seconds=60)
# Distances that no setting changes; minutes also serve as a touch's delay.
STEPS = (
    timedelta(0),
    timedelta(0),
    SECOND,
    timedelta(minutes=5),
    timedelta(minutes=60),
    timedelta(hours=24),
    timedelta(days=3),
)
# Days from a date, for dates of loans.
DAY_STEPS = (-1, 0, 0, 1, 10, 14, 30, 31, 45, 60, 61, 119, 120, 121, -120)


def limits(settings: Settings) -> list[timedelta]:
    """The distances at which a setting draws a line."""
    return [
        timedelta(seconds=settings.machine_event_seconds),
        timedelta(minutes=settings.on_time_minutes),
        timedelta(hours=settings.dropped_hours),
        timedelta(days=settings.contact_days),
        timedelta(days=settings.pre_approval_days),
        timedelta(days=settings.funded_days),
        timedelta(days=settings.advance_days),
        timedelta(days=settings.stale_days_new),
        timedelta(days=settings.stale_days_qualified),
        timedelta(hours=settings.new_lead_hours),
        timedelta(days=settings.silent_days),
        timedelta(days=settings.pre_approval_days_valid),
        LOOK_BACK,
        CONFIRMATION,
    ]


def day_limits(settings: Settings) -> list[int]:
    """The distances in days from now at which deadlines come and go."""
    edges = (
        -settings.lock_days - 7,
        settings.deadline_days - settings.lock_days,
        settings.deadline_days,
        -7,
    )
    return [edge + nudge for edge in edges for nudge in (-1, 0, 1)]


class Chance:
    """Throws dice; `now` is the moment that everything lies around.

    `zones` holds the time zones of prospects as far as they are known.
    """

    def __init__(self, seed: int, zones: tuple[str, ...], days: tuple[datetime, ...]):
        self.random = random.Random(seed)
        self.pick = self.random.choice
        self.zone = self.pick(zones)
        self.now = self.pick(days).replace(tzinfo=timezone.utc)
        self.steps = [*STEPS]
        self.day_steps = [*DAY_STEPS]
        self.quiet_hours = (21, 8)
        self.zones: dict[int, str] = {}

    def maybe(self, chance: float) -> bool:
        """True with this chance."""
        return self.random.random() < chance

    def or_none(self, value: Any, chance: float = 0.1) -> Any:
        """The value, or NULL with this chance."""
        return None if self.maybe(chance) else value

    def identity(self) -> str:
        """A UUID by chance."""
        return str(uuid.UUID(int=self.random.getrandbits(128)))

    def near(self, *moments: datetime | None) -> datetime:
        """A moment a telling distance from one of these (or from now)."""
        known = [moment for moment in moments if moment is not None] or [self.now]
        step = self.pick(self.steps)
        if self.maybe(0.3):
            step = timedelta(seconds=self.random.randint(0, 30 * 86_400))
        moment = self.pick(known) + self.pick((1, 1, 1, -1)) * step
        if self.maybe(0.1):
            moment += self.pick(NUDGES)
        return self.midnight(moment) if self.maybe(0.05) else moment

    def before_now(self) -> datetime:
        """Mostly before now, often at the limit of a window."""
        back = self.pick(
            (
                timedelta(days=28),
                self.pick(self.steps),
                self.pick(self.steps),
                timedelta(seconds=self.random.randint(0, 200 * 86_400)),
            )
        )
        moment = self.now - back
        if self.maybe(0.2):
            moment += self.pick(NUDGES)
        if self.maybe(0.1):
            moment = self.midnight(moment)
        return self.now + SECOND if self.maybe(0.05) else moment

    def quiet_edge(self, moment: datetime, zone: str) -> datetime:
        """A limit of quiet hours on that day in a zone, or just beside it."""
        hour = self.pick((*self.quiet_hours, 2))
        day = moment.astimezone(ZoneInfo(zone))
        edge = day.replace(hour=hour, minute=0, second=0, microsecond=0)
        return edge.astimezone(timezone.utc) + self.pick((*NUDGES, timedelta(0)))

    def midnight(self, moment: datetime) -> datetime:
        """The company midnight before a moment, or a second before that."""
        zone = ZoneInfo(self.zone)
        day = moment.astimezone(zone).date()
        start = datetime(day.year, day.month, day.day, tzinfo=zone)
        return start.astimezone(timezone.utc) - self.pick((0, 1)) * SECOND
