"""Automations whose step Bonzo no longer names, and campaigns saved again."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rill.conftest import Execute
from tests.rill.rows import (
    WORKING,
    by,
    campaign,
    enrollment,
    event,
    failing,
    hours,
    identity,
    lead,
    minutes,
    total,
    touch,
)

Row = dict[str, Any]
Tables = dict[str, list[Row]]
AS_OF = "2026-03-31T00:00:00Z"


def loose(number: int, kind: str, time: str) -> Row:
    """An engagement of campaign A without a step."""
    return {**event(number, kind, time), "campaign_id": identity("A")}


def test_a_loose_message_is_no_person(execute: Execute) -> None:
    """Sent five minutes after creation by an automation, an hour after by a person.

    It is the first touch, no message of a campaign, and its answer a reply to A.
    """
    tables = {
        "prospects": [lead(1, "2026-03-01", qualification_stage_id=WORKING)],
        "campaigns": [campaign("A")],
        "touch_engagements": [
            loose(1, "Sent", "2026-03-01 00:05"),
            event(1, "Sent", "2026-03-01 01:00"),
            loose(1, "Responded", "2026-03-02"),
        ],
    }
    emulation = execute(tables, as_of=AS_OF)
    assert total(emulation, "leads", "speed_to_first_touch_median") == minutes(5)
    assert total(emulation, "leads", "human_speed_to_lead_median") == hours(1)
    assert total(emulation, "leads", "speed_to_contact_median") == hours(24)
    assert total(emulation, "leads", "undelivered_share") is None
    assert total(emulation, "messages", "messages_sent") == 0
    assert by(emulation, "replies", "replies", "campaign") == {"A": 1}
    assert by(emulation, "replies", "replies", "channel") == {"No channel": 1}
    found = by(emulation, "data_trust", "failing_rows", "check_name")
    # The person's message and the loose ones; none of them is an orphan.
    assert found["event_without_touch"] == 3
    assert found["orphan_event"] == 0


def test_a_loose_message_is_no_activity(execute: Execute) -> None:
    """Eight days after creation a lead in work is stale, whatever automations send."""
    tables = {
        "prospects": [lead(1, "2026-03-01", qualification_stage_id=WORKING)],
        "campaigns": [campaign("A")],
        "touch_engagements": [loose(1, "Sent", "2026-03-08")],
    }
    emulation = execute(tables, as_of="2026-03-09T00:00:00Z")
    assert total(emulation, "open_pipeline", "stale_leads") == 1
    assert total(emulation, "open_pipeline", "never_touched_leads") == 0
    tables["touch_engagements"].append(loose(1, "Responded", "2026-03-08"))
    emulation = execute(tables, as_of="2026-03-09T00:00:00Z")
    assert total(emulation, "open_pipeline", "stale_leads") == 0


@pytest.mark.parametrize(
    ("manual", "sent_at", "replied_at", "expected"),
    [
        (False, "00:01:00", None, 0),
        (False, "00:01:01", None, 1),
        (False, "05:00:00", "04:00:00", 1),
        (True, "00:01:00", None, 0),
        (True, "00:01:01", None, 1),
        # The STOP itself is no reason to write.
        (True, "05:00:00", "00:00:00", 1),
        (True, "05:00:00", "04:00:00", 0),
        (True, "05:00:00", "06:00:00", 1),
    ],
)
def test_messages_after_an_opt_out(
    execute: Execute, manual: bool, sent_at: str, replied_at: str | None, expected: int
) -> None:
    """A minute is for the confirmation; only a person may answer a later reply."""
    day = "2026-03-20"
    write = event if manual else loose
    events = [write(1, "Sent", f"{day} {sent_at}")]
    if replied_at:
        events.append(event(1, "Responded", f"{day} {replied_at}"))
    tables = {
        "prospects": [lead(1, "2026-03-01")],
        "campaigns": [campaign("A")],
        "prospect_campaign_assignments": [
            enrollment("run", 1, "A", "2026-03-02", day, "Opted Out")
        ],
        "touch_engagements": events,
    }
    emulation = execute(tables, as_of=AS_OF)
    kind = "manual" if manual else "loose"
    assert failing(emulation).get(f"{kind}_message_after_opt_out", 0) == expected
    # 28 days after the opt-out and all that followed nothing fails any more.
    emulation = execute(tables, as_of="2026-04-18T00:00:00Z")
    found = failing(emulation)
    assert "manual_message_after_opt_out" not in found
    assert "loose_message_after_opt_out" not in found


@pytest.mark.parametrize("manual", [False, True])
@pytest.mark.parametrize(
    ("second", "expected"), [("00:00:00", 0), ("00:00:01", 1), ("00:01:00", 0)]
)
def test_confirmation_of_a_second_opt_out(
    execute: Execute, manual: bool, second: str, expected: int
) -> None:
    """Who opts out again is sent a confirmation, in the same second or a minute later.

    Before the second opt-out it is one message too many after the first.
    """
    write = event if manual else loose
    sent = "00:00:00" if second != "00:01:00" else "00:02:00"
    tables = {
        "prospects": [lead(1, "2026-03-01")],
        "campaigns": [campaign("A")],
        "prospect_campaign_assignments": [
            enrollment("first", 1, "A", "2026-03-02", "2026-03-05", "Opted Out"),
            enrollment(
                "second", 1, "A", "2026-03-10", f"2026-03-20 {second}", "Opted Out"
            ),
        ],
        "touch_engagements": [write(1, "Sent", f"2026-03-20 {sent}")],
    }
    kind = "manual" if manual else "loose"
    emulation = execute(tables, as_of=AS_OF)
    assert failing(emulation).get(f"{kind}_message_after_opt_out", 0) == expected


def saved_again(origin: str, **sent: list[tuple[int, str]]) -> Tables:
    """Leads 1 to 10 of campaign A, one a day; `sent` names who got which step."""
    numbers = range(1, 11)
    offsets = {"old_1": 0, "old_2": 1, "new_1": 0, "new_2": 1}
    return {
        "prospects": [lead(n, f"2026-03-{n:02}") for n in numbers],
        "campaigns": [campaign("A")],
        "touches": [
            touch("old_1", "A", 1),
            touch("new_1", "A", 2),
            touch("old_2", "A", 3, delay=24 * 60),
            touch("new_2", "A", 4),
        ],
        "touch_origins": [
            {"touch_id": identity(step), "origin": origin} for step in offsets
        ],
        "prospect_campaign_assignments": [
            enrollment(f"run {n}", n, "A", f"2026-03-{n:02}") for n in numbers
        ],
        "touch_engagements": [
            event(n, "Sent", f"2026-03-{n + offsets[step]:02}", step)
            for step, numbers_sent in sent.items()
            for n in numbers_sent
        ],
    }


FIRST_FIVE, LAST_FIVE = [1, 2, 3, 4, 5], [6, 7, 8, 9, 10]


def test_steps_that_were_replaced_are_not_due(execute: Execute) -> None:
    """Leads 1 to 5 got the old steps, 6 to 10 the new ones: two each, none missed.

    With 12 hours of slack the new steps, first sent to lead 6, are not yet due for
    lead 5, who was enrolled the day before.
    """
    tables = saved_again(
        "derived", old_1=FIRST_FIVE, old_2=FIRST_FIVE, new_1=LAST_FIVE, new_2=LAST_FIVE
    )
    emulation = execute(tables, {"scheduled_touches"}, as_of=AS_OF, dropped_hours=12)
    assert total(emulation, "scheduled_touches", "due_touches") == 20
    assert total(emulation, "scheduled_touches", "dropped_rate") == 0


def test_listed_steps_stay_due(execute: Execute) -> None:
    """Steps in the user's own list are owed to all ten: ten of 30 are missing."""
    tables = saved_again(
        "listed", old_1=FIRST_FIVE, old_2=FIRST_FIVE, new_1=LAST_FIVE, new_2=LAST_FIVE
    )
    emulation = execute(tables, {"scheduled_touches"}, as_of=AS_OF, dropped_hours=12)
    assert total(emulation, "scheduled_touches", "due_touches") == 30
    assert total(emulation, "scheduled_touches", "dropped_rate") == 10 / 30


@pytest.mark.parametrize(
    ("missing", "sent"),
    [
        ("the second", {"old_1": FIRST_FIVE + LAST_FIVE, "old_2": FIRST_FIVE}),
        ("the first", {"old_1": FIRST_FIVE, "old_2": FIRST_FIVE + LAST_FIVE}),
    ],
)
def test_a_dropped_step_is_no_replaced_one(
    execute: Execute, missing: str, sent: dict[str, list[int]]
) -> None:
    """Leads 6 to 10 missed one old step and got no new one: 5 of 20 were dropped."""
    emulation = execute(
        saved_again("derived", **sent), {"scheduled_touches"}, as_of=AS_OF
    )
    assert total(emulation, "scheduled_touches", "due_touches") == 20, missing
    assert total(emulation, "scheduled_touches", "dropped_rate") == 5 / 20, missing
