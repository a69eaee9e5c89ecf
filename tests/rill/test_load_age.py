"""The age of the data is the one number that the wall clock moves."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from tests.rill.conftest import Execute
from tests.rill.rows import lead, total


def test_hours_since_the_last_complete_load(execute: Execute) -> None:
    """A load that ended 30 hours ago counts; one that failed an hour ago does not."""
    now = datetime.now(timezone.utc)
    ends = {"complete": timedelta(hours=30), "failed": timedelta(hours=1)}
    runs = [
        {
            "run_id": number,
            "started_at": now - ago - timedelta(minutes=5),
            "finished_at": now - ago,
            "outcome": outcome,
        }
        for number, (outcome, ago) in enumerate(ends.items(), 1)
    ]
    tables = {"prospects": [lead(1, "2026-01-01")], "sync_runs": runs}
    age = total(execute(tables, {"load_age"}), "load_age", "hours_since_complete_load")
    assert age == pytest.approx(30, abs=0.2)
    # A moment of the past changes every other number, not this one.
    past = execute(tables, {"load_age"}, as_of="2026-01-02")
    assert total(past, "load_age", "hours_since_complete_load") == pytest.approx(
        30, abs=0.2
    )


def test_never_loaded(execute: Execute) -> None:
    """Without a complete load the age is unknown, not zero."""
    tables = {"prospects": [lead(1, "2026-01-01")]}
    assert total(execute(tables), "load_age", "hours_since_complete_load") is None
