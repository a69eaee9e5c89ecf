"""Money that vendors give back, and contacts that are worth none."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.rill.conftest import Execute
from tests.rill.rows import (
    SPA_REFI,
    by,
    campaign,
    dates,
    event,
    failing,
    lead,
    loan,
    total,
    touch,
)

Tables = dict[str, list[dict[str, Any]]]
AS_OF = "2026-03-31T00:00:00Z"


def two_sources(radio: tuple[str, str], web: tuple[str, str]) -> Tables:
    """A funded lead of Radio and a lead of Web, each with (spend, credits)."""
    return {
        "lead_sources": [
            {"lead_source_id": 1, "source_name": "Radio"},
            {"lead_source_id": 2, "source_name": "Web"},
        ],
        "prospects": [
            lead(1, "2026-03-02", lead_source_id=1, qualification_stage_id=SPA_REFI),
            lead(2, "2026-03-02", lead_source_id=2),
        ],
        "loans": [loan(1, 1, "Closed", "2026-03-02", loan_amount=100_000)],
        "loan_dates": [dates(1, closed_on="2026-03-20")],
        "lead_source_costs": [
            {"lead_source": name, "month": "2026-03", "spend": s, "credits": c}
            for name, (s, c) in (("Radio", radio), ("Web", web))
        ],
    }


def test_costs_are_net(execute: Execute) -> None:
    """Radio 400 - 100, Web 200 - 200: the leads cost 300 and 0, 150 each on average.

    Revenue is 1.5 % of 100,000: 1,500. Both leads were paid for, so both are in
    the return: 1,500 over 300.
    """
    emulation = execute(two_sources(("400", "$100"), ("200", "200")), as_of=AS_OF)
    months = "lead_source_months"
    assert total(emulation, months, "spend") == 600
    assert total(emulation, months, "credits") == 300
    assert total(emulation, months, "net_spend") == 300
    assert total(emulation, months, "allocated_spend") == 300
    assert total(emulation, months, "blended_cost_per_lead") == 150
    costs = by(emulation, "leads", "allocated_cost", "lead_source")
    assert costs == {"Radio": 300, "Web": 0}
    assert total(emulation, "leads", "cost_per_lead") == 150
    assert total(emulation, "leads", "contribution_to_date") == 1200
    assert total(emulation, "leads", "roas_to_date") == 5
    # Web cost nothing in the end: there is nothing to divide by.
    returns = by(emulation, "leads", "roas_to_date", "lead_source")
    assert returns == {"Radio": 5, "Web": None}
    assert by(emulation, "leads", "roi_to_date", "lead_source")["Web"] is None
    assert "credits_above_spend" not in failing(emulation)


def test_more_came_back_than_was_spent(execute: Execute) -> None:
    """Radio cost 100 and gave back 150: -50, told, and no return on it."""
    emulation = execute(two_sources(("100", "150"), ("0", "")), as_of=AS_OF)
    assert total(emulation, "lead_source_months", "net_spend") == -50
    assert total(emulation, "leads", "allocated_cost") == -50
    assert total(emulation, "leads", "roas_to_date") is None
    assert failing(emulation)["credits_above_spend"] == 1


def test_all_came_back_in_another_month(execute: Execute) -> None:
    """Seven leads cost 999.99 in February; March gave that and its own spend back.

    A seventh of 999.99 is no exact number, but the whole is nothing to divide by.
    """
    aged = {"lead_source_id": 1, "qualification_stage_id": SPA_REFI}
    tables = {
        "lead_sources": [{"lead_source_id": 1, "source_name": "Radio"}],
        "prospects": [
            *(lead(n, "2026-02-10", **aged) for n in range(1, 8)),
            *(lead(n, "2026-03-10", **aged) for n in range(8, 11)),
        ],
        "loans": [loan(1, 1, "Closed", "2026-02-10", loan_amount=100_000)],
        "lead_source_costs": [
            {"lead_source": "Radio", "month": month, "spend": spend, "credits": credits}
            for month, spend, credits in (
                ("2026-02", "999.99", "0"),
                ("2026-03", "50", "1049.99"),
            )
        ],
    }
    emulation = execute(tables, as_of=AS_OF, funded_days=7)
    assert total(emulation, "lead_source_months", "net_spend") == 0
    for name in ("roas_to_date", "roi_to_date", "roi_cohort"):
        assert total(emulation, "leads", name) is None
    # February alone has its return.
    start, end = datetime(2026, 2, 1), datetime(2026, 3, 1)
    (february,) = emulation.measures("leads", [], ["roas_to_date"], start, end)
    assert february["roas_to_date"] == pytest.approx(1500 / 999.99)


@pytest.mark.parametrize("credits", ["-5", "(5.00)", "some"])
def test_credits_that_cannot_be_read(execute: Execute, credits: str) -> None:
    """Such a row does not count at all, not even its spend."""
    tables = two_sources(("100", credits), ("7", ""))
    emulation = execute(tables, as_of=AS_OF)
    assert total(emulation, "lead_source_months", "spend") == 7
    assert failing(emulation)["cost_row_unreadable"] == 1


def test_bad_contacts(execute: Execute) -> None:
    """1 is no duplicate, 2 is one; nothing reached 3 in a day, 4 in almost one.

    5 got a delivered text among two; 6 nothing at all: two of six.
    """
    tables = {
        "prospects": [
            lead(1, "2026-03-01", email="a@x.com"),
            lead(2, "2026-03-02", email="A@x.com"),
            *(lead(n, "2026-03-01") for n in (3, 4, 5, 6)),
        ],
        "campaigns": [campaign("A")],
        "touches": [touch("one", "A", 1), touch("two", "A", 2)],
        "touch_engagements": [
            event(3, "Sent", "2026-03-30", "one"),
            event(3, "Sent", "2026-03-30 23:00", "two"),
            event(4, "Sent", "2026-03-30 00:00:01", "one"),
            event(5, "Sent", "2026-03-10", "one"),
            event(5, "Sent", "2026-03-11", "two"),
            event(5, "Delivered", "2026-03-11", "two"),
        ],
    }
    emulation = execute(tables, {"leads"}, as_of=AS_OF)
    assert total(emulation, "leads", "bad_contact_share") == pytest.approx(2 / 6)
