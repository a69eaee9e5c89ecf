"""Texts and voicemails at night, by the clock where the borrower lives."""

from __future__ import annotations

from typing import Any

import pytest

from launcher.duckdb.engine import DuckDBEngine
from tests.rill.conftest import Execute
from tests.rill.rows import by, campaign, event, failing, lead, total, touch

Tables = dict[str, list[dict[str, Any]]]
AS_OF = "2026-03-31T00:00:00Z"


def sends(*moments: str, channel: str = "SMS", **details: Any) -> Tables:
    """One lead with these details, one step sent at these moments."""
    return {
        "prospects": [lead(1, "2026-01-01")],
        "prospect_details": [{"prospect_id": 1, **details}] if details else [],
        "campaigns": [campaign("A")],
        "touches": [touch("step", "A", 1, channel)],
        "touch_engagements": [event(1, "Sent", moment, "step") for moment in moments],
    }


def outside(emulation: DuckDBEngine) -> Any:
    """Messages outside hours."""
    return total(emulation, "messages", "sent_outside_hours")


@pytest.mark.parametrize(
    ("moment", "hour", "expected"),
    [
        # New York is five hours behind UTC until 8 March 2026, 2 a.m., then four.
        ("2026-03-07 12:59:59", "07", 1),
        ("2026-03-07 13:00:00", "08", 0),
        ("2026-03-08 12:00:00", "08", 0),
        ("2026-03-08 11:59:59", "07", 1),
        ("2026-03-10 00:59:59", "20", 0),
        ("2026-03-10 01:00:00", "21", 1),
    ],
)
def test_limits(execute: Execute, moment: str, hour: str, expected: int) -> None:
    """From 21:00 to 07:59:59 it is night, before and after the clock changes."""
    emulation = execute(
        sends(moment, time_zone="America/New_York"), {"messages"}, as_of=AS_OF
    )
    assert outside(emulation) == expected
    assert by(emulation, "messages", "messages_sent", "local_hour") == {hour: 1}


@pytest.mark.parametrize(
    ("details", "basis", "expected"),
    [
        # 12:30 UTC on 20 March is 8:30 in New York, 7:30 in Chicago.
        ({"time_zone": "America/New_York", "state": "TX"}, "Bonzo", 0),
        ({"time_zone": "America/Indiana/Knox", "state": "NY"}, "Bonzo", 1),
        ({"time_zone": "america/new_york", "state": "TX"}, "state", 1),
        ({"time_zone": "EST", "state": "TX"}, "state", 1),
        ({"time_zone": "EST", "state": "NY"}, "state", 0),
        ({"property_state": "TX"}, "unknown", 0),
        ({"state": "ZZ"}, "unknown", 0),
        ({}, "unknown", 0),
    ],
)
def test_zones(
    execute: Execute, details: dict[str, str], basis: str, expected: int
) -> None:
    """A proper zone name counts, else the person's state, never the property's."""
    emulation = execute(sends("2026-03-20 12:30", **details), {"messages"}, as_of=AS_OF)
    assert by(emulation, "messages", "messages_sent", "zone_basis") == {basis: 1}
    assert outside(emulation) == expected
    unknown = total(emulation, "messages", "sent_zone_unknown")
    assert unknown == (basis == "unknown")
    share = total(emulation, "messages", "sent_outside_hours_share")
    assert share == (None if unknown else expected)


@pytest.mark.parametrize(
    ("channel", "expected"), [("SMS", 1), ("Voicemail", 1), ("Email", 0)]
)
def test_a_retry_at_night(execute: Execute, channel: str, expected: int) -> None:
    """Sent at noon and again at 23:00 it rang at night; a mail wakes nobody."""
    tables = sends("2026-03-10 17:00", "2026-03-11 04:00", channel=channel, state="TX")
    emulation = execute(tables, {"messages"}, as_of=AS_OF)
    assert outside(emulation) == expected
    assert by(emulation, "messages", "messages_sent", "local_hour") == {"12": 1}


def test_a_reply_is_no_message_at_night(execute: Execute) -> None:
    """A message known from its answer alone was not sent at any hour."""
    tables = sends("2026-03-10 04:00", state="TX")
    tables["touch_engagements"][0]["engagement_type"] = "Responded"
    emulation = execute(tables, {"messages"}, as_of=AS_OF)
    assert outside(emulation) == 0
    assert by(emulation, "messages", "messages_sent", "local_hour") == {"unknown": 1}
    assert total(emulation, "messages", "sent_outside_hours_share") is None


@pytest.mark.parametrize(
    ("moment", "expected"),
    [("2026-03-03 05:00:00", 1), ("2026-03-03 04:59:59", 0)],
)
def test_the_trust_page_looks_back_28_days(
    execute: Execute, moment: str, expected: int
) -> None:
    """What is older than 28 days fails no more, but the measure still counts it."""
    as_of = "2026-03-31T05:00:00Z"
    emulation = execute(sends(moment, state="TX"), as_of=as_of)
    assert failing(emulation).get("message_sent_outside_hours", 0) == expected
    assert outside(emulation) == 1
    emulation = execute(sends(moment), as_of=as_of)
    assert failing(emulation).get("message_zone_unknown", 0) == expected
    assert total(emulation, "messages", "sent_zone_unknown") == 1
