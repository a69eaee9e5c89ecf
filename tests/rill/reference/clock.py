"""The one present moment of a calculation, and company time."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from tests.rill.reference.settings import Settings

ONE_DAY = timedelta(days=1)
# The last instant of a company day: the day still reads as itself.
LAST_INSTANT = timedelta(microseconds=1)


class Clock:
    """as_of, the last complete load, and the company's zone.

    `as_of` is None where the data holds no time at all; then nothing is there.
    """

    def __init__(self, tables: dict[str, list[dict]], settings: Settings) -> None:
        self.zone = ZoneInfo(settings.company_time_zone)
        self.last_load = last_complete_load(tables["sync_runs"])
        self.as_of = self._find_as_of(tables, settings.as_of.strip())
        self.as_of_day = None if self.as_of is None else self.day(self.as_of)

    def _find_as_of(self, tables: dict, text: str) -> datetime | None:
        if text:
            return self._parse(text)
        if self.last_load:
            return self.last_load["finished_at"]
        times = [row["created_at"] for row in tables["prospects"]]
        times += [row["engagement_time"] for row in tables["touch_engagements"]]
        times += [row["assigned_at"] for row in tables["prospect_campaign_assignments"]]
        return max((moment for moment in times if moment is not None), default=None)

    def _parse(self, text: str) -> datetime:
        if len(text) == len("2026-03-31"):
            return self.day_end(date.fromisoformat(text))
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
        if moment.tzinfo is None:
            # The later one where a change of the clock leaves two readings.
            readings = (moment.replace(tzinfo=self.zone, fold=n) for n in (0, 1))
            return max(reading.astimezone(timezone.utc) for reading in readings)
        return moment.astimezone(timezone.utc)

    def local(self, moment: datetime) -> datetime:
        """Company time without a zone."""
        return moment.astimezone(self.zone).replace(tzinfo=None)

    def day(self, moment: datetime) -> date:
        """The company day that a moment falls on."""
        return self.local(moment).date()

    def day_start(self, day: date) -> datetime:
        """The instant at which a company day begins."""
        return datetime.combine(day, time(), self.zone).astimezone(timezone.utc)

    def day_end(self, day: date) -> datetime:
        """The last instant of a company day."""
        return self.day_start(day + ONE_DAY) - LAST_INSTANT

    def has_come(self, moment: datetime | None) -> bool:
        """Whether a row with this own time is there."""
        return moment is not None and self.as_of is not None and moment <= self.as_of

    def past(self, moment: datetime | None) -> datetime | None:
        """A moment, empty when it lies after as_of."""
        return moment if self.has_come(moment) else None

    def past_day(self, day: date | None) -> date | None:
        """A date, empty when it lies after the day of as_of."""
        if day is None or self.as_of_day is None or day > self.as_of_day:
            return None
        return day

    def is_aged(self, start: datetime, days: int) -> bool:
        """Whether at least that many times 24 hours have passed."""
        return self.as_of - start >= timedelta(days=days)


def last_complete_load(runs: list[dict]) -> dict | None:
    """The complete run with the latest end."""
    complete = [
        run
        for run in runs
        if run["outcome"] == "complete" and run["finished_at"] is not None
    ]
    return max(
        complete,
        key=lambda run: (run["finished_at"], run["started_at"]),
        default=None,
    )


def milliseconds(span: timedelta) -> float:
    """A span in milliseconds."""
    return span / timedelta(milliseconds=1)


def within(span: timedelta | None, limit: timedelta) -> bool:
    """Whether a span exists, is not negative and at most the limit."""
    return span is not None and timedelta(0) <= span <= limit


def days_between(start: date, end: date) -> int:
    """Whole days from one date to another."""
    return (end - start).days
