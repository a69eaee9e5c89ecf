"""Campaigns, enrollments and engagements by chance."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.rill.random.random_helpers import Chance

Row = dict[str, Any]
KINDS = ("Sent", "Sent", "Sent", "Delivered", "Opened", "Clicked", "Responded")
CHANNELS = ("SMS", "SMS", "Email", "Email", "Voicemail", "Letter")
STATUSES = ("Active", "Active", "Completed", "Opted Out", "Opted Out", "Paused", None)


def add_activity(
    chance: Chance, tables: dict[str, list[Row]], created: dict[int, datetime | None]
) -> None:
    """Fill the tables of campaigns; `created` holds each prospect's creation."""
    add_campaigns(chance, tables)
    campaigns = [row["campaign_id"] for row in tables["campaigns"]]
    runs = [
        run for number in created for run in runs_of(chance, number, created, campaigns)
    ]
    tables["prospect_campaign_assignments"] = runs
    tables["touch_engagements"] = [
        event
        for number in created
        for event in events_of(chance, number, created, runs, tables["touches"])
    ]


def add_campaigns(chance: Chance, tables: dict[str, list[Row]]) -> None:
    """One to three campaigns of up to four steps, some of the same order."""
    names = ("Welcome", "Nurture", "Revive")[: chance.random.randint(1, 3)]
    tables["campaigns"] = [
        {"campaign_id": chance.identity(), "campaign_name": name} for name in names
    ]
    tables["touches"] = [
        {
            "touch_id": chance.identity(),
            "campaign_id": chance.or_none(campaign["campaign_id"], 0.03),
            "touch_order": chance.random.randint(1, 7),
            "touch_type": chance.pick(CHANNELS),
            "scheduled_delay": chance.pick((0, 5, 60, 1440, 4320)),
        }
        for campaign in tables["campaigns"]
        for _ in range(chance.random.randint(0, 4))
    ]
    tables["touch_origins"] = [
        {"touch_id": touch["touch_id"], "origin": chance.pick(("listed", "derived"))}
        for touch in tables["touches"]
        if chance.maybe(0.7)
    ]


def runs_of(
    chance: Chance,
    number: int,
    created: dict[int, datetime | None],
    campaigns: list[str],
) -> list[Row]:
    """A prospect's enrollments, often again in the same campaign."""
    rows = []
    starts = [created[number]]
    for _ in range(chance.pick((0, 1, 1, 2, 4))):
        assigned_at = chance.or_none(chance.near(*starts), 0.03)
        starts.append(assigned_at)
        rows.append(
            {
                "assignment_id": chance.identity(),
                "prospect_id": chance.or_none(number, 0.02),
                "campaign_id": chance.or_none(chance.pick(campaigns), 0.03),
                "assigned_at": assigned_at,
                "completed_at": chance.or_none(chance.near(assigned_at), 0.4),
                "status": chance.pick(STATUSES),
            }
        )
    return rows


def events_of(
    chance: Chance,
    number: int,
    created: dict[int, datetime | None],
    runs: list[Row],
    touches: list[Row],
) -> list[Row]:
    """A prospect's engagements, around its enrollments and around each other."""
    own = [run for run in runs if run["prospect_id"] == number]
    times = [run["assigned_at"] for run in own] or [created[number]]
    times += [run["completed_at"] for run in own]
    if chance.maybe(0.8):
        entered = {run["campaign_id"] for run in own}
        touches = [touch for touch in touches if touch["campaign_id"] in entered]
    steps = [touch["touch_id"] for touch in touches] or [None]
    rows: list[Row] = []
    for _ in range(chance.pick((0, 1, 4, 12, 25))):
        at = chance.or_none(chance.near(*times), 0.02)
        times.append(at)
        kind = chance.or_none(chance.pick(KINDS), 0.02)
        rows.append(
            {
                "prospect_id": chance.or_none(number, 0.02),
                "touch_id": chance.or_none(chance.pick(steps), 0.25),
                "engagement_type": "Bounced" if chance.maybe(0.03) else kind,
                "engagement_time": at,
            }
        )
        if kind == "Delivered" and at and chance.maybe(0.5):
            rows.append(quick_look(chance, rows[-1]))
        if chance.maybe(0.1):
            rows.append(dict(rows[-1]))
    return rows


def quick_look(chance: Chance, delivered: Row) -> Row:
    """An open or click right after a delivery, by a machine or just not."""
    after = timedelta(seconds=chance.pick((0, 1, 5, 5, 6, 60, 61)))
    return {
        **delivered,
        "engagement_type": chance.pick(("Opened", "Clicked")),
        "engagement_time": delivered["engagement_time"] + after,
    }
