"""How many leads were open at the end of each day."""

from __future__ import annotations

import pytest

from tests.rill.conftest import Execute
from tests.rill.rows import STAGING, WORKING, by, lead, stay


def test_a_stay_entered_at_midnight_begins_the_next_day(execute: Execute) -> None:
    """Staging holds the end of March 1, Working those of March 2 and 3: 1/3 and 2/3.

    Midnight in Chicago at the end of March 1 is six o'clock UTC.
    """
    emulation = execute(
        {
            "prospects": [lead(1, "2026-03-01 12:00", qualification_stage_id=WORKING)],
            "prospect_stage_history": [
                stay(1, STAGING, "2026-03-01 12:00"),
                stay(1, WORKING, "2026-03-02 06:00"),
            ],
        },
        {"pipeline_days"},
        as_of="2026-03-03",
    )
    assert by(emulation, "pipeline_days", "avg_daily_open", "stage") == {
        "Staging": pytest.approx(1 / 3),
        "Working": pytest.approx(2 / 3),
    }
