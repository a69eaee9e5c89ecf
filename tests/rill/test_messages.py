"""Messages of campaigns: opens, clicks and answers."""

from __future__ import annotations

import pytest

from launcher.duckdb.engine import DuckDBEngine
from tests.rill.conftest import Execute
from tests.rill.rows import UTC, by, event, lead, one_step_campaign, total


def test_opens_count_messages_not_events(march: DuckDBEngine) -> None:
    """Three of three delivered mails were opened, not 4 open events over 3."""
    assert total(march, "messages", "open_rate_raw") == 3 / 3
    assert total(march, "messages", "open_rate_filtered") == pytest.approx(2 / 3)


def test_whoever_clicks_has_opened(march: DuckDBEngine) -> None:
    """Click-to-open is 3 / 3 and 2 / 2, not 3 clickers over 2 openers."""
    assert total(march, "messages", "click_to_open_rate_raw") == 1
    assert total(march, "messages", "click_to_open_rate_filtered") == 1


def test_later_steps_are_measured_on_those_still_there(march: DuckDBEngine) -> None:
    """Hazards are 3/7, 1/3, 0/1, together 1 - 4/7 x 2/3 x 1 = 61.9 %."""
    hazards = by(march, "messages", "message_response_rate", "touch_order")
    assert hazards == pytest.approx({"1": 3 / 7, "2": 1 / 3, "3": 0})
    silent = 1.0
    for hazard in hazards.values():
        silent *= 1 - hazard
    assert 1 - silent == pytest.approx(0.619, abs=0.0005)


@pytest.mark.parametrize(
    ("opened", "filtered"),
    [("10:00:10", 1), ("10:00:11", 0), ("10:00:15", 0), ("10:00:16", 1)],
)
def test_machine_events(execute: Execute, opened: str, filtered: float) -> None:
    """0 s after delivery no clock was given, 1 to 5 s is a machine, 6 s a person."""
    tables = one_step_campaign("Email") | {
        "prospects": [lead(1, "2026-03-10 10:00")],
        "touch_engagements": [
            event(1, "Sent", "2026-03-10 10:00:00", "step"),
            event(1, "Delivered", "2026-03-10 10:00:10", "step"),
            event(1, "Opened", f"2026-03-10 {opened}", "step"),
        ],
    }
    emulation = execute(tables, {"messages"}, as_of="2026-03-20T00:00:00Z", **UTC)
    assert total(emulation, "messages", "open_rate_raw") == 1
    assert total(emulation, "messages", "open_rate_filtered") == filtered
