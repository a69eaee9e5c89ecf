"""Small words for writing down the data of one test."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta, timezone
from typing import Any

from launcher.duckdb.engine import DuckDBEngine
from tests.rill.compare import key_text

Row = dict[str, Any]
Tables = dict[str, list[Row]]
UTC = {"company_time_zone": "UTC"}
STAGING, SENDING, WORKING, PRE_QUAL, PRE_APPROVED = 1, 2, 3, 4, 5
HOT_PAL, OI_PAL, SPA_REFI, RE_MARKETING = 6, 7, 8, 9
NAMESPACE = uuid.UUID(int=1)


def at(text: str) -> datetime:
    """An instant from UTC text such as 2026-03-01 10:00."""
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


def on(text: str) -> date:
    """A date from text."""
    return date.fromisoformat(text)


def identity(name: str) -> str:
    """A UUID for a name."""
    return str(uuid.uuid5(NAMESPACE, name))


def lead(number: int, created: str, **columns: Any) -> Row:
    """A prospect."""
    return {"prospect_id": number, "created_at": at(created), **columns}


def user(number: int, name: str = "", **columns: Any) -> Row:
    """A user called First Last."""
    first, _, last = (name or f"User {number}").partition(" ")
    email = f"user{number}@example.com"
    return {
        "user_id": number,
        "first_name": first,
        "last_name": last,
        "email": email,
        **columns,
    }


def stay(number: int, stage: int, entered: str, **columns: Any) -> Row:
    """A row of the stage history, seen when it began."""
    moment = at(entered)
    return {
        "prospect_id": number,
        "stage_id": stage,
        "entered_at": moment,
        "first_seen_at": moment,
        **columns,
    }


def campaign(name: str) -> Row:
    """A campaign."""
    return {"campaign_id": identity(name), "campaign_name": name}


def touch(name: str, of: str, order: int, channel: str = "SMS", delay: int = 0) -> Row:
    """A step of a campaign."""
    return {
        "touch_id": identity(name),
        "campaign_id": identity(of),
        "touch_order": order,
        "touch_type": channel,
        "scheduled_delay": delay,
    }


def enrollment(
    name: str,
    number: int,
    of: str,
    start: str,
    end: str | None = None,
    status: str = "Active",
) -> Row:
    """An assignment of a prospect to a campaign."""
    return {
        "assignment_id": identity(name),
        "prospect_id": number,
        "campaign_id": identity(of),
        "assigned_at": at(start),
        "completed_at": at(end) if end else None,
        "status": status,
    }


def event(number: int, kind: str, time: str, step: str | None = None) -> Row:
    """An engagement; without a step it is a person's own message."""
    return {
        "prospect_id": number,
        "touch_id": identity(step) if step else None,
        "engagement_type": kind,
        "engagement_time": at(time),
    }


def loan(number: int, of: int, status: str, created: str, **columns: Any) -> Row:
    """A loan of a prospect."""
    return {
        "loan_id": number,
        "prospect_id": of,
        "status": status,
        "created_at": at(created),
        **columns,
    }


def dates(number: int, **days: str) -> Row:
    """Dates of a loan by column."""
    return {"loan_id": number, **{name: on(day) for name, day in days.items()}}


def total(emulation: DuckDBEngine, view: str, measure: str, **span: datetime) -> Any:
    """A measure in total, or between `start` and `end` of company time."""
    [row] = emulation.measures(view, [], [measure], **span)
    return row[measure]


def by(emulation: DuckDBEngine, view: str, measure: str, dimension: str) -> Row:
    """A measure by the values of a dimension, written as texts."""
    rows = emulation.measures(view, [dimension], [measure])
    return {key_text(row[dimension]): row[measure] for row in rows}


def minutes(number: float) -> float:
    """Minutes in milliseconds."""
    return timedelta(minutes=number) / timedelta(milliseconds=1)


def hours(number: float) -> float:
    """Hours in milliseconds."""
    return minutes(60 * number)


def days(number: float) -> float:
    """Days in milliseconds."""
    return hours(24 * number)


def failing(emulation: DuckDBEngine) -> dict[str, int]:
    """Checks with failing rows."""
    rows = by(emulation, "data_trust", "failing_rows", "check_name")
    return {name: count for name, count in rows.items() if count}


def funded(count: int, closed: str, start: int = 1) -> dict[str, list[dict]]:
    """That many Closed loans of leads from `start` on, closed on one day."""
    numbers = range(start, start + count)
    return {
        "loans": [
            loan(n, n, "Closed", "2025-01-01", loan_amount=1000) for n in numbers
        ],
        "loan_dates": [dates(n, closed_on=closed) for n in numbers],
    }


def merged(*parts: dict[str, list[dict]]) -> dict[str, list[dict]]:
    """Tables put together."""
    whole: dict[str, list[dict]] = {}
    for part in parts:
        for name, rows in part.items():
            whole[name] = whole.get(name, []) + rows
    return whole


def one_step_campaign(channel: str = "SMS") -> Tables:
    """Campaign A with a single step that is due at once."""
    return {"campaigns": [campaign("A")], "touches": [touch("step", "A", 1, channel)]}
