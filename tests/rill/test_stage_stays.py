"""Stays in stages and moves between them."""

from __future__ import annotations

import pytest

from tests.rill.conftest import Execute
from tests.rill.rows import HOT_PAL, UTC, WORKING, at, by, days, lead, stay, total


def test_age_of_stock_is_no_time_in_stage(execute: Execute) -> None:
    """Nine stays of 1 day and one of 30: median 1 d, p90 1 + 0.1 x 29 = 3.9 d.

    The only lead still there has been in its stage for 20 days.
    """
    leads = [lead(n, "2026-01-01") for n in range(1, 11)]
    ends = ["2026-01-02"] * 9 + ["2026-01-31"]
    stays = [stay(n, WORKING, "2026-01-01") for n in range(1, 11)]
    stays += [stay(n, HOT_PAL, end) for n, end in enumerate(ends, 1)]
    waiting = lead(
        11,
        "2026-01-12",
        qualification_stage_id=WORKING,
        stage_entered_at=at("2026-01-12"),
    )
    stays.append(stay(11, WORKING, "2026-01-12"))
    tables = {"prospects": [*leads, waiting], "prospect_stage_history": stays}
    emulation = execute(
        tables, {"open_pipeline", "stage_stays"}, as_of="2026-02-01T00:00:00Z", **UTC
    )
    assert by(emulation, "stage_stays", "time_in_stage_median", "stage") == {
        "Working": days(1),
        "Hot PAL": None,
    }
    assert total(emulation, "stage_stays", "time_in_stage_p90") == pytest.approx(
        days(3.9)
    )
    ages = by(emulation, "open_pipeline", "current_age_median", "stage")
    assert ages["Working"] == days(20)


def test_stages_advance_in_time(execute: Execute) -> None:
    """30 x 24 h is in time and one second more is not; each stay is old enough."""
    tables = {
        "prospects": [lead(1, "2026-01-01"), lead(2, "2026-01-01")],
        "prospect_stage_history": [
            stay(1, WORKING, "2026-01-01"),
            stay(1, HOT_PAL, "2026-01-31"),
            stay(2, WORKING, "2026-01-01"),
            stay(2, HOT_PAL, "2026-01-31 00:00:01"),
        ],
    }
    emulation = execute(tables, {"stage_stays"}, as_of="2026-02-10T00:00:00Z", **UTC)
    assert total(emulation, "stage_stays", "advance_rate_cohort") == 1 / 2
