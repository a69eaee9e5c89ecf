"""Spend by source and month."""

from __future__ import annotations

from datetime import datetime

from launcher.duckdb.engine import DuckDBEngine
from tests.rill.conftest import Execute
from tests.rill.rows import by, lead, total


def test_spend_is_allocated_once(march: DuckDBEngine) -> None:
    """1,800 - 300 back = 1,200 on the leads of A + 300 of C, which has none."""
    months = "lead_source_months"
    assert total(march, months, "spend") == 1800
    assert total(march, months, "net_spend") == 1500
    assert total(march, months, "allocated_spend") == 1200
    assert total(march, months, "unallocated_spend") == 300
    assert total(march, "leads", "allocated_cost") == 1200
    by_officer = by(march, "leads", "allocated_cost", "loan_officer")
    assert sum(by_officer.values()) == 1200


def test_the_last_hours_of_a_month(execute: Execute) -> None:
    """1 March 05:59 UTC is still 28 February in Chicago, 06:00 is March."""
    tables = {
        "lead_sources": [{"lead_source_id": 1, "source_name": "A"}],
        "prospects": [
            lead(1, "2026-03-01 05:59:59", lead_source_id=1),
            lead(2, "2026-03-01 06:00", lead_source_id=1),
            lead(3, "2026-03-31 23:00", lead_source_id=1),
        ],
        "lead_source_costs": [
            {"lead_source": "A", "month": "2026-02-01", "spend": "50"},
            {"lead_source": "A", "month": "2026-03-01", "spend": "80"},
            {"lead_source": "A", "month": "2026-04-01", "spend": "1000"},
        ],
    }
    emulation = execute(tables, {"lead_source_months", "leads"}, as_of="2026-03-31")
    # 50 on lead 1, 40 each on leads 2 and 3; April is not there yet.
    assert total(emulation, "leads", "allocated_cost") == 130
    february, march = datetime(2026, 2, 1), datetime(2026, 3, 1)
    cost = total(emulation, "leads", "allocated_cost", start=february, end=march)
    assert cost == 50
    leads = total(emulation, "lead_source_months", "leads", start=march)
    assert leads == 2
    assert total(emulation, "lead_source_months", "spend") == 130
