"""Replies by the time they came."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from launcher.duckdb.engine import DuckDBEngine
from tests.rill.conftest import Execute
from tests.rill.rows import by, event, lead, total


def test_replies_credit_the_hour_of_sending(march: DuckDBEngine) -> None:
    """Lead 2 answered at 13:03 a mail of 11:00; no message belongs to 13 o'clock.

    Sent at 11: the mail of 2, its first text and the second text of 9; two of
    the two delivered ones and the implied one were answered: 2 / 3.
    """
    rates = by(march, "messages", "message_response_rate", "sent_hour")
    assert "13" not in rates
    assert rates["11"] == pytest.approx(2 / 3)
    assert by(march, "replies", "replies", "reply_hour")["13"] == 1


def test_hours_are_the_companys(execute: Execute) -> None:
    """A reply on 11 March 00:30 UTC came on Tuesday the 10th, 19:30 in Chicago."""
    tables = {
        "prospects": [lead(1, "2026-03-11 00:10")],
        "touch_engagements": [event(1, "Responded", "2026-03-11 00:30")],
    }
    emulation = execute(tables, {"leads", "replies"}, as_of="2026-03-12T00:00:00Z")
    assert by(emulation, "replies", "replies", "reply_weekday") == {"Tuesday": 1}
    assert by(emulation, "replies", "replies", "reply_hour") == {"19": 1}
    assert by(emulation, "leads", "new_leads", "created_weekday") == {"Tuesday": 1}
    day = datetime(2026, 3, 10)
    end = day + timedelta(days=1)
    assert total(emulation, "leads", "new_leads", start=day, end=end) == 1
