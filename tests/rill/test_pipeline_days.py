"""The daily stock of open leads."""

from __future__ import annotations

from datetime import datetime

import pytest

from launcher.duckdb.engine import DuckDBEngine
from tests.rill.conftest import Execute
from tests.rill.rows import WORKING, by, lead, stay, total


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
