"""Raw tables by chance, drawn where definitions have their edges.

The same seed gives the same tables. Times cluster around window limits, around
each other and around company midnights; any column that may be NULL is NULL
now and then.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.rill.random import progress
from tests.rill.random.activity import add_activity
from tests.rill.random.details import add_details
from tests.rill.random.files import costs, roster
from tests.rill.random.random_helpers import Chance, day_limits, limits
from tests.rill.reference import Settings
from tests.schema import STAGES

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
WINDOWS = {
    "contact_days": (1, 7, 14),
    "pre_approval_days": (5, 20, 45),
    "funded_days": (10, 30, 60),
    "advance_days": (3, 14, 30),
    "machine_event_seconds": (1, 5, 60),
    "on_time_minutes": (5, 120),
    "dropped_hours": (1, 24),
    "revenue_basis_points": (100, 275),
    "stale_days_new": (1, 30),
    "stale_days_working": (7, 45),
    "stale_days_qualified": (2, 14),
    "stale_days_contract": (7, 120),
    "quiet_from": (19, 21, 23),
    "quiet_until": (0, 7, 9),
    "new_lead_hours": (1, 72),
    "silent_days": (1, 3),
    "deadline_days": (0, 14),
    "lock_days": (15, 60),
    "pre_approval_days_valid": (5, 45),
}
# Stages of the user's own: (order, disqualified).
OWN_STAGES = (
    (1, None),
    (3, False),
    (3, False),
    (5, False),
    (8, False),
    (0, True),
    (4, True),
)


SOURCES = ("Source 1", "Café Leads", 'Mom\'s "Best" Referrals', "Source 4")
# Another spelling of the first one, which the CRM takes for a source of its own.
TWIN = "SOURCE  1"


class RandomData:
    """One set of tables with its settings, made from a seed."""

    def __init__(self, seed: int) -> None:
        self.chance = Chance(seed, ZONES, DAYS)
        self.settings = draw_settings(self.chance)
        self.chance.steps += limits(self.settings)
        self.chance.day_steps += day_limits(self.settings)
        self.chance.quiet_hours = (self.settings.quiet_from, self.settings.quiet_until)
        self.tables: dict[str, Any] = {}
        stages = self._add_stages()
        self._add_people(stages)
        created = {
            row["prospect_id"]: row["created_at"] for row in self.tables["prospects"]
        }
        add_details(self.chance, self.tables)
        add_activity(self.chance, self.tables, created)
        self.tables["prospect_stage_history"] = progress.history(
            self.chance, created, stages
        )
        progress.add_loans(self.chance, self.tables, created)
        progress.add_loads(self.chance, self.tables)
        self._add_files()

    def _add_stages(self) -> list[int]:
        """Ids of the stages: the standard ones, or some of the user's own."""
        if self.chance.maybe(0.6):
            return list(range(1, len(STAGES) + 1))
        self.tables["qualification_stages"] = [
            {
                "stage_id": number,
                "stage_name": f"Own {number}",
                "stage_order": order,
                "is_disqualify": is_disqualified,
            }
            for number, (order, is_disqualified) in enumerate(OWN_STAGES, 11)
        ]
        return [row["stage_id"] for row in self.tables["qualification_stages"]]

    def _add_people(self, stages: list[int]) -> None:
        sources = range(1, self.chance.random.randint(2, 5))
        users = range(1, self.chance.random.randint(2, 6))
        prospects = range(1, self.chance.pick((1, 2, 9, 26, 41, 61)))
        self.tables["lead_sources"] = [
            {"lead_source_id": n, "source_name": SOURCES[n - 1]} for n in sources
        ]
        if len(sources) > 1 and self.chance.maybe(0.15):
            self.tables["lead_sources"][-1]["source_name"] = TWIN
        self.tables["users"] = [draw_user(self.chance, n) for n in users]
        self.tables["prospects"] = [
            draw_prospect(self.chance, n, sources, stages, users) for n in prospects
        ]

    def _add_files(self) -> None:
        dice = self.chance.random
        sources = [row["source_name"] for row in self.tables["lead_sources"]]
        today = self.chance.now.date()
        self.tables["lead_source_costs"] = costs(dice, today, sources)
        self.tables["loan_officers"] = roster(dice, self.tables["users"])


def draw_settings(chance: Chance) -> Settings:
    """Defaults half of the time; as_of in each form that a user may write."""
    now = chance.now
    local = now.astimezone(ZoneInfo(chance.zone)).replace(tzinfo=None)
    as_of = chance.pick(
        (
            "",
            "",
            now.isoformat().replace("+00:00", "Z"),
            (now - timedelta(days=20)).isoformat(),
            local.isoformat(),
            local.date().isoformat(),
        )
    )
    changed = {name: chance.pick(values) for name, values in WINDOWS.items()}
    windows = changed if chance.maybe(0.5) else {}
    return Settings(as_of=as_of, company_time_zone=chance.zone, **windows)


def draw_user(chance: Chance, number: int) -> Row:
    """A user, sometimes with a namesake."""
    return {
        "user_id": number,
        "first_name": "Alex" if chance.maybe(0.4) else f"First{number}",
        "last_name": "Doe" if chance.maybe(0.6) else f"Last{number}",
        "email": f"User{number}@Example.com"
        if chance.maybe(0.3)
        else f"u{number}@x.com",
    }


def draw_prospect(
    chance: Chance, number: int, sources: range, stages: list[int], users: range
) -> Row:
    """A prospect, with contacts that others share and names that need cleaning."""
    pick, or_none = chance.pick, chance.or_none
    created_at = or_none(chance.before_now(), 0.04)
    phones = ("+13125550101", "(312) 555-0101", "555-0101", "12345", "")
    return {
        "prospect_id": number,
        "first_name": or_none(pick(("Pat", "Sam [x]", "Jo (a|b)", "")), 0.2),
        "last_name": or_none(pick(("Lee", "<b>Kim</b>", "")), 0.2),
        "email": or_none(pick(("a@x.com", "A@X.com ", "b@x.com", "")), 0.5),
        "phone": or_none(pick(phones), 0.5),
        "lead_source_id": or_none(pick(sources)),
        "qualification_stage_id": or_none(pick(stages)),
        "assigned_to": or_none(pick(users), 0.15),
        "created_at": created_at,
        "stage_entered_at": or_none(chance.near(created_at), 0.2),
        "stage_exited_at": or_none(chance.near(chance.now), 0.9),
        "do_not_call": pick((True, False, False, None)),
    }
