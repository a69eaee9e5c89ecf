"""What must hold between measures, whatever the data."""

from __future__ import annotations

import math

import pytest

from launcher.duckdb.engine import DuckDBEngine
from tests.rill.conftest import Execute
from tests.rill.names import PROMISED
from tests.rill.random.data import RandomData
from tests.rill.reference import VIEWS
from tests.rill.rows import by, total

SEEDS = (37, 225)
# Counts and sums that add up over any dimension of their view.
ADDITIVE = {
    "leads": ["new_leads", "allocated_cost", "revenue_to_date", "reached_5"],
    "open_pipeline": ["open_leads", "stale_leads", "pipeline_value", "calls_due"],
    "stage_stays": ["stays"],
    "pipeline_days": ["avg_daily_open"],
    "enrollments": ["enrollments"],
    "messages": [
        "messages_sent",
        "opt_outs",
        "sent_after_opt_out",
        "sent_outside_hours",
    ],
    "replies": ["replies"],
    "scheduled_touches": ["due_touches"],
    "loans": ["loans", "volume", "funded_units_to_date"],
    "fundings": ["funded_units", "funded_volume", "revenue"],
    "lead_source_months": [
        "spend",
        "credits",
        "net_spend",
        "leads",
        "allocated_spend",
        "unallocated_spend",
    ],
    "deadlines": ["deadlines", "overdue_deadlines", "deadline_volume"],
    "loan_officers": ["officers", "open_workload", "assigned_leads"],
}
SHARE_ENDINGS = ("_share", "_rate", "_cohort", "_share_to_date", "_rate_raw")
NO_SHARES = {"cost_per_funded_cohort", "roi_cohort", "mix_index_cohort"}


def single_valued(view: str) -> list[str]:
    """Dimensions with one value a row: slices by tag overlap."""
    return [name for name in PROMISED[view].dimensions if name != "tag"]


@pytest.fixture(params=SEEDS)
def emulation(execute: Execute, request: pytest.FixtureRequest) -> DuckDBEngine:
    """The Rill project over random data."""
    data = RandomData(request.param)
    return execute(data.tables, **vars(data.settings))


def test_parts_add_up(emulation: DuckDBEngine) -> None:
    """The sum over each dimension is the total."""
    for view, measures in ADDITIVE.items():
        for measure in measures:
            whole = total(emulation, view, measure)
            for dimension in single_valued(view):
                parts = by(emulation, view, measure, dimension).values()
                known = [float(part) for part in parts if part is not None]
                assert math.isclose(sum(known), whole or 0, abs_tol=1e-6), (
                    f"{view}.{measure} by {dimension}"
                )


def test_bounds_hold(emulation: DuckDBEngine) -> None:
    """Low, evidence and high are in order, and each falls from step to step."""
    for dimension in ("stage", "lead_source", "team"):
        for row in emulation.measures("leads", [dimension]):
            for kind in ("_low", "", "_high"):
                steps = [row[f"reached_{k}{kind}"] for k in range(1, 9)]
                assert steps == sorted(steps, reverse=True)
            for k in range(1, 9):
                low, middle = row[f"reached_{k}_low"], row[f"reached_{k}"]
                assert low <= middle <= row[f"reached_{k}_high"] <= row["new_leads"]


def test_costs_reconcile(emulation: DuckDBEngine) -> None:
    """Allocated and unallocated make up the net spend; leads carry the former."""
    view = "lead_source_months"
    net = total(emulation, view, "net_spend")
    spend, credits = (total(emulation, view, name) for name in ("spend", "credits"))
    assert float(spend) - float(credits) == pytest.approx(float(net))
    allocated = total(emulation, view, "allocated_spend")
    unallocated = total(emulation, view, "unallocated_spend")
    assert float(allocated) + float(unallocated) == pytest.approx(float(net))
    cost = total(emulation, "leads", "allocated_cost")
    assert float(cost) == pytest.approx(float(allocated))


def test_views_agree_on_the_same_thing(emulation: DuckDBEngine) -> None:
    """Leads are leads in every view, and nothing is funded twice."""
    new_leads = total(emulation, "leads", "new_leads")
    assert total(emulation, "lead_source_months", "leads") == new_leads
    funded = total(emulation, "loans", "funded_units_to_date")
    assert total(emulation, "fundings", "funded_units") <= funded


def test_shares_are_shares(emulation: DuckDBEngine) -> None:
    """Every share and rate lies between 0 and 1, in each slice."""
    for view, module in VIEWS.items():
        names = [n for n in module.MEASURES if n.endswith(SHARE_ENDINGS)]
        for dimension in PROMISED[view].dimensions:
            for row in emulation.measures(view, [dimension], names):
                shares = {n: row[n] for n in names if n not in NO_SHARES}
                known = [value for value in shares.values() if value is not None]
                assert all(0 <= value <= 1 for value in known), (view, dimension)
