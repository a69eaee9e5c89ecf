"""The daily stock of open leads."""

from __future__ import annotations

from datetime import datetime

import pytest

from launcher.duckdb.engine import DuckDBEngine
from tests.rill.conftest import Execute
from tests.rill.rows import STAGING, WORKING, by, lead, stay, total


def test_daily_stock_is_averaged_over_days(march: DuckDBEngine) -> None:
    """205 lead-days over 30 days are 6.83 open leads; stages add up to that."""
    average = total(march, "pipeline_days", "avg_daily_open")
    assert average == pytest.approx(205 / 30)
    stages = by(march, "pipeline_days", "avg_daily_open", "stage")
    assert sum(stages.values()) == pytest.approx(average)


def test_days_of_the_pipeline_over_the_change(execute: Execute) -> None:
    """A lead of 7 March noon is open at the ends of 7, 8 and 9 March: 3 of 3."""
    tables = {
        "prospects": [lead(1, "2026-03-07 18:00")],
        "prospect_stage_history": [stay(1, WORKING, "2026-03-07 18:00")],
    }
    emulation = execute(tables, as_of="2026-03-09")
    assert total(emulation, "pipeline_days", "avg_daily_open") == 1
    noon = execute(tables, as_of="2026-03-09T12:00:00")
    rows = noon.connection.execute("select day from pipeline_days order by day")
    found = [datetime(*row[0].timetuple()[:3]) for row in rows.fetchall()]
    assert found == [datetime(2026, 3, 7), datetime(2026, 3, 8)]


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
