"""Campaigns, enrollments and engagements by chance."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.rill.random.random_helpers import BLINK, Chance

Row = dict[str, Any]
KINDS = ("Sent", "Sent", "Sent", "Delivered", "Opened", "Clicked", "Responded")
CHANNELS = ("SMS", "SMS", "Email", "Email", "Voicemail", "Letter")
QUIET_ZONES = ("America/Chicago", "America/New_York", "America/Phoenix")
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
        for event in events_of(chance, number, created, runs, tables)
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
                "completed_at": chance.or_none(completion(chance, assigned_at), 0.3),
                "status": chance.pick(STATUSES),
            }
        )
    return rows


def completion(chance: Chance, assigned_at: datetime | None) -> datetime:
    """When an enrollment ended: around its beginning, or lately."""
    return chance.before_now() if chance.maybe(0.3) else chance.near(assigned_at)


def events_of(
    chance: Chance,
    number: int,
    created: dict[int, datetime | None],
    runs: list[Row],
    tables: dict[str, list[Row]],
) -> list[Row]:
    """A prospect's engagements, around its enrollments and around each other."""
    own = [run for run in runs if run["prospect_id"] == number]
    times = [run["assigned_at"] for run in own] or [created[number]]
    times += [run["completed_at"] for run in own]
    touches = tables["touches"]
    if chance.maybe(0.8):
        entered = {run["campaign_id"] for run in own}
        touches = [touch for touch in touches if touch["campaign_id"] in entered]
    steps = [touch["touch_id"] for touch in touches] or [None]
    campaigns = [row["campaign_id"] for row in tables["campaigns"]]
    rows: list[Row] = []
    for _ in range(chance.pick((0, 1, 4, 12, 25))):
        at = chance.or_none(chance.near(*times), 0.02)
        times.append(at)
        kind = chance.or_none(chance.pick(KINDS), 0.02)
        rows.append(
            {
                "prospect_id": chance.or_none(number, 0.02),
                "touch_id": chance.or_none(chance.pick(steps), 0.3),
                "engagement_type": "Bounced" if chance.maybe(0.03) else kind,
                "engagement_time": at,
                # Without a touch it makes the event a loose one; with one nobody
                # asks for it.
                "campaign_id": chance.or_none(chance.pick(campaigns), 0.6),
            }
        )
        if kind == "Delivered" and at and chance.maybe(0.5):
            rows.append(quick_look(chance, rows[-1]))
        if kind == "Sent" and at and chance.maybe(0.3):
            rows.append({**rows[-1], "engagement_time": at_night(chance, at, number)})
        if chance.maybe(0.1):
            rows.append(dict(rows[-1]))
    for run in own:
        if run["status"] == "Opted Out" and run["completed_at"] and chance.maybe(0.6):
            rows += after_stop(chance, number, run["completed_at"], steps, campaigns)
    return rows


def after_stop(
    chance: Chance,
    number: int,
    stopped_at: datetime,
    steps: list[str | None],
    campaigns: list[str],
) -> list[Row]:
    """What is written at an opt-out and soon after it, by both sides."""
    seconds = (0, 1, 59, 60, 61, 62, 3600, 86_400, 90_000)
    return [
        {
            "prospect_id": number,
            "touch_id": chance.pick((None, None, chance.pick(steps))),
            "engagement_type": kind,
            "engagement_time": stopped_at
            + timedelta(seconds=chance.pick(seconds))
            + chance.pick((timedelta(0), timedelta(0), BLINK)),
            "campaign_id": chance.or_none(chance.pick(campaigns), 0.6),
        }
        for kind in chance.random.sample(("Sent", "Sent", "Sent", "Responded"), 2)
    ]


def at_night(chance: Chance, moment: datetime, number: int) -> datetime:
    """The same day at a limit of quiet hours, where the prospect may live."""
    zone = chance.zones.get(number) or chance.pick(QUIET_ZONES)
    return chance.quiet_edge(moment, zone)


def quick_look(chance: Chance, delivered: Row) -> Row:
    """An open or click right after a delivery, by a machine or just not."""
    after = timedelta(seconds=chance.pick((0, 1, 5, 5, 6, 60, 61)))
    return {
        **delivered,
        "engagement_type": chance.pick(("Opened", "Clicked")),
        "engagement_time": delivered["engagement_time"] + after,
    }
