"""Fundings by closing date."""

from __future__ import annotations

from tests.rill.conftest import Execute
from tests.rill.rows import UTC, lead, loan, total


def test_only_a_closing_date_dates_a_funding(execute: Execute) -> None:
    """A Closed loan without one is funded, but in no period and no cohort."""
    tables = {
        "prospects": [lead(1, "2025-01-10")],
        "loans": [loan(1, 1, "Closed", "2025-01-10", loan_amount=1000)],
    }
    emulation = execute(
        tables, {"fundings", "leads", "loans"}, as_of="2025-12-01T00:00:00Z", **UTC
    )
    assert total(emulation, "loans", "funded_units_to_date") == 1
    assert total(emulation, "fundings", "funded_units") == 0
    assert total(emulation, "leads", "funded_share_to_date") == 1
    assert total(emulation, "leads", "lead_to_funded_cohort") is None
