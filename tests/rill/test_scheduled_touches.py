"""Touches that were due: on time, late or dropped."""

from __future__ import annotations

import pytest

from tests.rill.conftest import Execute
from tests.rill.rows import (
    UTC,
    by,
    campaign,
    enrollment,
    event,
    lead,
    one_step_campaign,
    total,
    touch,
)


@pytest.mark.parametrize(
    ("sent", "on_time", "dropped"),
    [("11:00:00", 1, 0), ("11:00:01", 0, 0), (None, 0, 1)],
)
def test_punctuality(
    execute: Execute, sent: str | None, on_time: float, dropped: float
) -> None:
    """60 minutes after due is on time; lead 2 shows that the step is in use."""
    events = [event(2, "Sent", "2026-03-10 10:00", "step")]
    if sent:
        events.append(event(1, "Sent", f"2026-03-10 {sent}", "step"))
    tables = one_step_campaign() | {
        "prospects": [lead(1, "2026-03-10 10:00"), lead(2, "2026-03-10 10:00")],
        "prospect_campaign_assignments": [
            enrollment("run 1", 1, "A", "2026-03-10 10:00"),
            enrollment("run 2", 2, "A", "2026-03-10 10:00"),
        ],
        "touch_engagements": events,
    }
    emulation = execute(
        tables, {"scheduled_touches"}, as_of="2026-03-11T10:00:00Z", **UTC
    )
    assert total(emulation, "scheduled_touches", "due_touches") == 2
    rate = total(emulation, "scheduled_touches", "sent_on_time_rate")
    assert rate == (on_time + 1) / 2
    assert total(emulation, "scheduled_touches", "dropped_rate") == dropped / 2
    just_before = execute(
        tables, {"scheduled_touches"}, as_of="2026-03-11T09:59:59Z", **UTC
    )
    assert total(just_before, "scheduled_touches", "dropped_rate") is None


def test_touches_that_are_not_due(execute: Execute) -> None:
    """Due at the end of the run or after its answer: no row; at the answer: a row.

    Steps are due at once, after a day and after two; the step is in use from a
    day before its first send on. Lead 1 ended when step two was due; lead 2
    answered at that moment, so two but not three; lead 3 is stopped without an
    end: over after its only event, before step two; lead 4 came 24 h before the
    first send, lead 5 a second earlier.
    """
    starts = {1: "03-10 10:00", 2: "03-10 10:00", 3: "03-10 10:00"}
    starts |= {4: "03-09 10:00", 5: "03-09 09:59:59"}
    runs = [
        enrollment(
            "run 1", 1, "A", "2026-03-10 10:00", "2026-03-11 10:00", "Completed"
        ),
        enrollment("run 2", 2, "A", "2026-03-10 10:00"),
        enrollment("run 3", 3, "A", "2026-03-10 10:00", None, "Stopped"),
        enrollment("run 4", 4, "A", "2026-03-09 10:00"),
        enrollment("run 5", 5, "A", "2026-03-09 09:59:59"),
    ]
    tables = {
        "campaigns": [campaign("A")],
        "touches": [
            touch("one", "A", 1),
            touch("two", "A", 2, delay=1440),
            touch("three", "A", 3, delay=1440),
        ],
        "prospects": [lead(n, f"2026-{start}") for n, start in starts.items()],
        "prospect_campaign_assignments": runs,
        "touch_engagements": [
            event(3, "Sent", "2026-03-10 10:00", "one"),
            event(2, "Sent", "2026-03-10 10:00", "one"),
            event(2, "Sent", "2026-03-11 10:00", "two"),
            event(2, "Responded", "2026-03-11 10:00", "two"),
        ],
    }
    emulation = execute(
        tables, {"scheduled_touches"}, as_of="2026-03-20T00:00:00Z", **UTC
    )
    # One: 1, 2, 4 (3 ended at that very event). Two: 2, 4. Three was never sent.
    due = by(emulation, "scheduled_touches", "due_touches", "touch_order")
    assert due == {"1": 3, "2": 2}
