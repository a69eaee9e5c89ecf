"""Raw tables by chance, drawn where definitions have their edges.

The same seed gives the same tables. Times cluster around window limits, around
each other and around company midnights; any column that may be NULL is NULL
now and then.
"""

from __future__ import annotations

import random
import uuid
from datetime import date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from tests.metrics.random_files import costs, roster
from tests.reference import Settings
from tests.reference.tables import STANDARD_STAGES

Row = dict[str, Any]
ZONES = (
    "America/Chicago",
    "America/Chicago",
    "UTC",
    "Asia/Kolkata",
    "Pacific/Auckland",
)
# Both changes of the clock in Chicago, ends of months and of a year, any day.
DAYS = (
    datetime(2026, 3, 8, 12),
    datetime(2026, 3, 9, 5),
    datetime(2025, 11, 2, 7, 30),
    datetime(2026, 3, 1, 5, 59, 59),
    datetime(2026, 1, 1, 6),
    datetime(2026, 6, 17, 18, 45, 12),
)
SECOND = timedelta(seconds=1)
STEPS = (
    timedelta(0),
    timedelta(0),
    SECOND,
    timedelta(seconds=5),
    timedelta(seconds=6),
    timedelta(minutes=5),
    timedelta(minutes=60),
    timedelta(hours=24),
    timedelta(days=2),
    timedelta(days=7),
    timedelta(days=14),
    timedelta(days=30),
    timedelta(days=45),
    timedelta(days=120),
)
WINDOWS = {
    "contact_days": (1, 7, 14),
    "pre_approval_days": (5, 20, 45),
    "funded_days": (10, 30, 60),
    "advance_days": (3, 14, 30),
    "machine_event_seconds": (1, 6, 60),
    "on_time_minutes": (5, 120),
    "dropped_hours": (1, 24),
    "revenue_basis_points": (100, 275),
    "stale_days_new": (1, 30),
    "stale_days_working": (7, 45),
    "stale_days_qualified": (2, 14),
    "stale_days_contract": (7, 120),
}
KINDS = ("Sent", "Sent", "Sent", "Delivered", "Opened", "Clicked", "Responded")
CHANNELS = ("SMS", "SMS", "Email", "Email", "Voicemail", "Letter")
STATUSES = ("Active", "Active", "Completed", "Opted Out", "Opted Out", "Paused", None)


class RandomData:
    """One set of tables with its settings, made from a seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        pick = self.random.choice
        self.zone = pick(ZONES)
        self.now = pick(DAYS).replace(tzinfo=timezone.utc)
        self.tables: dict[str, list[Row]] = {}
        self.settings = self._settings()
        self.stages = self._stages()
        self.sources = list(range(1, self.random.randint(2, 5)))
        self.users = list(range(1, self.random.randint(2, 6)))
        self.prospects = list(range(1, pick((1, 2, 9, 26, 41, 61))))
        self._fill()

    def _settings(self) -> Settings:
        """Defaults mostly; as_of in each form that a user may write."""
        pick = self.random.choice
        local = self.now.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)
        as_of = pick(
            (
                "",
                "",
                self.now.isoformat().replace("+00:00", "Z"),
                (self.now - timedelta(days=20)).isoformat(),
                local.isoformat(),
                local.date().isoformat(),
            )
        )
        changed = {name: pick(values) for name, values in WINDOWS.items()}
        return Settings(
            as_of=as_of,
            company_time_zone=self.zone,
            **(changed if self.maybe(0.5) else {}),
        )

    def _fill(self) -> None:
        tables = self.tables
        tables["lead_sources"] = [
            {"lead_source_id": n, "source_name": f"Source {n}"} for n in self.sources
        ]
        tables["users"] = self._users()
        tables["prospects"] = [self._prospect(n) for n in self.prospects]
        self._campaigns()
        self.created = {
            row["prospect_id"]: row["created_at"] for row in tables["prospects"]
        }
        tables["prospect_campaign_assignments"] = self._enrollments()
        tables["touch_engagements"] = self._engagements()
        tables["prospect_stage_history"] = self._history()
        self._loans()
        self._loads()
        tables["lead_source_costs"] = costs(self.random, self.now.date(), self.sources)
        tables["loan_officers"] = roster(self.random, tables["users"])

    def maybe(self, chance: float) -> bool:
        """True with this chance."""
        return self.random.random() < chance

    def near(self, *moments: datetime | None) -> datetime:
        """A moment a telling distance from one of these (or from now)."""
        known = [moment for moment in moments if moment is not None] or [self.now]
        step = self.random.choice(STEPS)
        if self.maybe(0.4):
            step = timedelta(seconds=self.random.randint(0, 30 * 86_400))
        moment = self.random.choice(known) + self.random.choice((1, 1, 1, -1)) * step
        if self.maybe(0.1):
            moment += self.random.choice((SECOND, -SECOND))
        return self.midnight(moment) if self.maybe(0.05) else moment

    def midnight(self, moment: datetime) -> datetime:
        """The company midnight before a moment, or a second before that."""
        zone = ZoneInfo(self.zone)
        day = moment.astimezone(zone).date()
        start = datetime(day.year, day.month, day.day, tzinfo=zone)
        return start.astimezone(timezone.utc) - self.random.choice((0, 1)) * SECOND

    def before_now(self) -> datetime:
        """Mostly before now, often at the limit of a window."""
        back = self.random.choice(
            (
                timedelta(days=self.random.choice((2, 7, 14, 28, 30, 45, 60, 120))),
                timedelta(seconds=self.random.randint(0, 200 * 86_400)),
            )
        )
        moment = self.now - back
        if self.maybe(0.2):
            moment += self.random.choice((SECOND, -SECOND))
        if self.maybe(0.1):
            moment = self.midnight(moment)
        return self.now + SECOND if self.maybe(0.05) else moment

    def or_none(self, value: Any, chance: float = 0.1) -> Any:
        """The value, or NULL with this chance."""
        return None if self.maybe(chance) else value

    def _stages(self) -> list[int]:
        """Ids of the stages: the standard ones, or some of the user's own."""
        if self.maybe(0.6):
            return list(range(1, len(STANDARD_STAGES) + 1))
        orders = ((1, None), (3, False), (3, False), (5, False), (8, False), (0, True))
        rows = [(*pair, n) for n, pair in enumerate((*orders, (4, True)), 11)]
        self.tables["qualification_stages"] = [
            {
                "stage_id": n,
                "stage_name": f"Own {n}",
                "stage_order": order,
                "is_disqualify": flag,
            }
            for order, flag, n in rows
        ]
        return [n for *_, n in rows]

    def _users(self) -> list[Row]:
        return [
            {
                "user_id": n,
                "first_name": "Alex" if self.maybe(0.4) else f"First{n}",
                "last_name": "Doe" if self.maybe(0.6) else f"Last{n}",
                "email": f"User{n}@Example.com" if self.maybe(0.3) else f"u{n}@x.com",
            }
            for n in self.users
        ]

    def _prospect(self, number: int) -> Row:
        pick = self.random.choice
        created_at = self.or_none(self.before_now(), 0.04)
        return {
            "prospect_id": number,
            "first_name": self.or_none(pick(("Pat", "Sam [x]", "Jo (a|b)", "")), 0.2),
            "last_name": self.or_none(pick(("Lee", "<b>Kim</b>", "")), 0.2),
            "email": self.or_none(pick(("a@x.com", "A@X.com ", "b@x.com", "")), 0.5),
            "phone": self.or_none(
                pick(("+13125550101", "(312) 555-0101", "555-0101", "12345", "")), 0.5
            ),
            "lead_source_id": self.or_none(pick(self.sources)),
            "qualification_stage_id": self.or_none(pick(self.stages)),
            "assigned_to": self.or_none(pick(self.users), 0.15),
            "created_at": created_at,
            "stage_entered_at": self.or_none(self.near(created_at), 0.2),
            "stage_exited_at": self.or_none(self.near(self.now), 0.9),
            "do_not_call": pick((True, False, False, None)),
        }

    def _campaigns(self) -> None:
        names = ("Welcome", "Nurture", "Revive")[: self.random.randint(1, 3)]
        self.campaigns = [self.identity() for _ in names]
        self.tables["campaigns"] = [
            {"campaign_id": campaign, "campaign_name": name}
            for campaign, name in zip(self.campaigns, names, strict=True)
        ]
        self.tables["touches"] = [
            {
                "touch_id": self.identity(),
                "campaign_id": self.or_none(campaign, 0.03),
                "touch_order": self.random.randint(1, 7),
                "touch_type": self.random.choice(CHANNELS),
                "scheduled_delay": self.random.choice((0, 5, 60, 1440, 4320)),
            }
            for campaign in self.campaigns
            for _ in range(self.random.randint(0, 4))
        ]
        self.tables["touch_origins"] = [
            {
                "touch_id": touch["touch_id"],
                "origin": self.random.choice(("listed", "derived")),
            }
            for touch in self.tables["touches"]
            if self.maybe(0.7)
        ]

    def identity(self) -> str:
        """A UUID by chance."""
        return str(uuid.UUID(int=self.random.getrandbits(128)))

    def _enrollments(self) -> list[Row]:
        rows = []
        for number in self.prospects:
            starts = [self.created[number]]
            for _ in range(self.random.choice((0, 1, 1, 2, 4))):
                assigned_at = self.or_none(self.near(*starts), 0.03)
                starts.append(assigned_at)
                rows.append(
                    {
                        "assignment_id": self.identity(),
                        "prospect_id": self.or_none(number, 0.02),
                        "campaign_id": self.or_none(
                            self.random.choice(self.campaigns), 0.03
                        ),
                        "assigned_at": assigned_at,
                        "completed_at": self.or_none(self.near(assigned_at), 0.4),
                        "status": self.random.choice(STATUSES),
                    }
                )
        return rows

    def _engagements(self) -> list[Row]:
        runs = self.tables["prospect_campaign_assignments"]
        rows: list[Row] = []
        for number in self.prospects:
            own = [run for run in runs if run["prospect_id"] == number]
            times = [run["assigned_at"] for run in own] or [self.created[number]]
            times += [run["completed_at"] for run in own]
            touches = self._touches_of({run["campaign_id"] for run in own})
            for _ in range(self.random.choice((0, 1, 4, 12, 25))):
                at = self.or_none(self.near(*times), 0.02)
                times.append(at)
                kind = self.random.choice(KINDS)
                rows.append(
                    {
                        "prospect_id": self.or_none(number, 0.02),
                        "touch_id": self.or_none(self.random.choice(touches), 0.25),
                        "engagement_type": "Bounced"
                        if self.maybe(0.03)
                        else self.or_none(kind, 0.02),
                        "engagement_time": at,
                        "campaign_id": self.or_none(self.random.choice(self.campaigns)),
                    }
                )
                if self.maybe(0.1):
                    rows.append(dict(rows[-1]))
        return rows

    def _touches_of(self, campaigns: set[str | None]) -> list[str | None]:
        """Mostly touches of these campaigns, sometimes any."""
        touches = self.tables["touches"]
        if self.maybe(0.8):
            touches = [row for row in touches if row["campaign_id"] in campaigns]
        return [row["touch_id"] for row in touches] or [None]

    def _history(self) -> list[Row]:
        rows: dict[tuple, Row] = {}
        recent = self.now - timedelta(days=self.random.choice((3, 40)))
        for number in self.prospects:
            entered = [self.created[number]]
            for _ in range(self.random.choice((0, 1, 2, 5))):
                at = self.near(*entered)
                entered.append(at)
                stage = self.random.choice(self.stages)
                rows[number, stage, at] = {
                    "prospect_id": number,
                    "stage_id": stage,
                    "entered_at": at,
                    "first_seen_at": self.or_none(max(at, recent)),
                }
        return list(rows.values())

    def _loans(self) -> None:
        self.tables["loans"] = []
        self.tables["loan_dates"] = []
        for number in self.prospects:
            for _ in range(self.random.choice((0, 0, 1, 1, 3))):
                self.tables["loans"].append(self._loan(number))
                if self.maybe(0.8):
                    dates = self._loan_dates(len(self.tables["loans"]), number)
                    self.tables["loan_dates"].append(dates)

    def _loan(self, number: int) -> Row:
        pick = self.random.choice
        created_at = self.near(self.created[number])
        return {
            "loan_id": len(self.tables["loans"]) + 1,
            "prospect_id": self.or_none(number, 0.02),
            "loan_amount": self.or_none(pick((0, 80_000, 95_000, 200_000, 300_001))),
            "property_value": self.or_none(pick((100_000, 100_000, 250_000, 0))),
            "loan_type": self.or_none(pick(("FHA", "VA", "Conventional")), 0.2),
            "interest_rate": self.or_none(pick((6.5, 7.125, 25, 25.5, 0, 3))),
            "status": pick(("Pending", "Approved", "Closed", "Closed", "Lost", None)),
            "created_at": self.or_none(created_at, 0.03),
        }

    def _loan_dates(self, loan_id: int, number: int) -> Row:
        created = (self.created[number] or self.now).date()
        return {
            "loan_id": loan_id,
            "applied_on": self.or_none(self._day(created), 0.3),
            "rate_locked_on": self.or_none(self._day(created), 0.4),
            "closed_on": self.or_none(self._day(created), 0.3),
        }

    def _day(self, created: date) -> date:
        base = self.random.choice((created, created, self.now.date()))
        steps = (-1, 0, 0, 1, 14, 30, 31, 45, 60, 61, 119, 120, 121, -120)
        return base + timedelta(days=self.random.choice(steps))

    def _loads(self) -> None:
        """Some runs; now is the end of the last complete one, if there is one."""
        ends = [self.now - timedelta(hours=h) for h in (30, 20, 10)]
        outcomes = ("complete", "complete", "partial", "failed", None)
        runs = [
            {
                "run_id": n,
                "started_at": end - timedelta(minutes=10),
                "finished_at": self.or_none(end),
                "outcome": self.random.choice(outcomes),
            }
            for n, end in enumerate(ends, 1)
        ]
        if self.maybe(0.5):
            started_at = self.now - timedelta(minutes=10)
            runs.append(
                {
                    "run_id": 9,
                    "started_at": started_at,
                    "finished_at": self.now,
                    "outcome": "complete",
                }
            )
        self.tables["sync_runs"] = runs if self.maybe(0.7) else []
        starts = [run["started_at"] for run in runs]
        self.tables["sync_prospects"] = [
            {
                "prospect_id": number,
                "last_seen_at": self.or_none(
                    max(starts)
                    if self.maybe(0.8)
                    else self.random.choice(starts)
                    - self.random.choice((0, 1)) * SECOND
                ),
            }
            for number in self.prospects
            if self.maybe(0.8)
        ]
        self.tables["rejected_records"] = [
            {
                "resource": "prospects",
                "id": str(n),
                "field": self.or_none("email", 0.3),
                "reason": "too long",
            }
            for n in range(self.random.randint(0, 3))
        ]
