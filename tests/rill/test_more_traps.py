"""More usual ways to get a number wrong, each with a scenario of its own."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.rill.conftest import Execute
from tests.rill.rows import (
    HOT_PAL,
    WORKING,
    at,
    by,
    campaign,
    dates,
    days,
    enrollment,
    event,
    lead,
    loan,
    stay,
    total,
    user,
)

UTC = {"company_time_zone": "UTC"}


def funded(count: int, closed: str, start: int = 1) -> dict[str, list[dict]]:
    """That many Closed loans of leads from `start` on, closed on one day."""
    numbers = range(start, start + count)
    return {
        "loans": [
            loan(n, n, "Closed", "2025-01-01", loan_amount=1000) for n in numbers
        ],
        "loan_dates": [dates(n, closed_on=closed) for n in numbers],
    }


def merged(*parts: dict[str, list[dict]]) -> dict[str, list[dict]]:
    """Tables put together."""
    whole: dict[str, list[dict]] = {}
    for part in parts:
        for name, rows in part.items():
            whole[name] = whole.get(name, []) + rows
    return whole


def test_x6_age_of_stock_is_no_time_in_stage(execute: Execute) -> None:
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


def test_x12_an_officer_with_wins_only_has_them_all(execute: Execute) -> None:
    """One Closed and nothing else is 1 / 1, and 1 / 2 with another's Approved."""
    tables = {
        "users": [user(1, "Ann Lee"), user(2, "Bob Ray")],
        "prospects": [
            lead(1, "2026-01-01", assigned_to=1),
            lead(2, "2026-01-01", assigned_to=2),
        ],
        "loans": [
            loan(1, 1, "Closed", "2026-01-01"),
            loan(2, 2, "Approved", "2026-01-01"),
        ],
    }
    emulation = execute(tables, {"loans"}, as_of="2026-02-01T00:00:00Z", **UTC)
    rates = by(emulation, "loans", "approved_to_funded_share", "loan_officer")
    assert rates == {"Ann Lee": 1, "Bob Ray": 0}
    assert total(emulation, "loans", "approved_to_funded_share") == 1 / 2


def test_x13_conversions_stay_with_their_cohort(execute: Execute) -> None:
    """10 leads in January, 20 in February, a tenth funded a month later: 10 % each.

    Fundings over leads of the same month would be 0 / 10 and 1 / 20.
    """
    leads = [lead(n, "2025-01-10") for n in range(1, 11)]
    leads += [lead(n, "2025-02-10") for n in range(11, 31)]
    tables = merged(
        {"prospects": leads}, funded(1, "2025-02-09"), funded(2, "2025-03-12", 11)
    )
    emulation = execute(tables, as_of="2025-12-01T00:00:00Z", **UTC)
    january, february, march = (datetime(2025, month, 1) for month in (1, 2, 3))
    rate = ("leads", "lead_to_funded_cohort")
    assert total(emulation, *rate, start=january, end=february) == 1 / 10
    assert total(emulation, *rate, start=february, end=march) == 2 / 20
    fundings = ("fundings", "funded_units")
    assert total(emulation, *fundings, start=january, end=february) == 0
    assert total(emulation, *fundings, start=february, end=march) == 1


def test_x14_young_leads_do_not_spoil_the_rate(execute: Execute) -> None:
    """10 old leads with 2 funded are 20 %; 10 young ones are in neither number."""
    leads = [lead(n, "2025-01-10") for n in range(1, 11)]
    leads += [lead(n, "2025-11-20") for n in range(11, 21)]
    tables = merged({"prospects": leads}, funded(2, "2025-03-01"))
    emulation = execute(tables, {"leads"}, as_of="2025-12-01T00:00:00Z", **UTC)
    assert total(emulation, "leads", "lead_to_funded_cohort") == 2 / 10
    november = datetime(2025, 11, 1)
    young = total(emulation, "leads", "lead_to_funded_cohort", start=november)
    assert young is None


@pytest.fixture
def unequal_officers() -> dict[str, list[dict]]:
    """Ann with 2 of 2 funded, Bob with 30 of 100; all leads have aged."""
    leads = [lead(n, "2025-01-10", assigned_to=1) for n in (1, 2)]
    leads += [lead(n, "2025-01-10", assigned_to=2) for n in range(3, 103)]
    users = {"users": [user(1, "Ann Lee"), user(2, "Bob Ray")], "prospects": leads}
    return merged(users, funded(32, "2025-02-01"))


def test_x15_team_rates_are_sums_over_sums(
    execute: Execute, unequal_officers: dict[str, list[dict]]
) -> None:
    """(2 + 30) / (2 + 100) = 31.4 %, not the mean of 100 % and 30 %."""
    emulation = execute(
        unequal_officers, {"loan_officers"}, as_of="2025-12-01T00:00:00Z", **UTC
    )
    rate = total(emulation, "loan_officers", "funded_rate_cohort")
    assert rate == pytest.approx(32 / 102)


def test_x16_small_samples_do_not_win_by_luck(
    execute: Execute, unequal_officers: dict[str, list[dict]]
) -> None:
    """2 of 2 is at least 34.2 %, 30 of 100 at least 21.9 %; n stands beside it.

    For 2 of 2: (1 + 3.8415/4 - 1.96 x root(3.8415/16)) / (1 + 3.8415/2) = 0.342.
    """
    emulation = execute(unequal_officers, as_of="2025-12-01T00:00:00Z", **UTC)
    view, bound = "loan_officers", "funded_rate_cohort_lower_bound"
    bounds = by(emulation, view, bound, "loan_officer")
    assert bounds == pytest.approx({"Ann Lee": 0.342, "Bob Ray": 0.219}, abs=0.0005)
    sizes = by(emulation, view, "assigned_leads", "loan_officer")
    assert sizes == {"Ann Lee": 2, "Bob Ray": 100}


def test_x19_distinct_counts_are_no_sums(execute: Execute) -> None:
    """One prospect in two campaigns: 1 in all, 1 in each."""
    tables = {
        "prospects": [lead(1, "2026-01-01")],
        "campaigns": [campaign("A"), campaign("B")],
        "prospect_campaign_assignments": [
            enrollment("first", 1, "A", "2026-01-01"),
            enrollment("second", 1, "B", "2026-01-02"),
        ],
    }
    emulation = execute(tables, as_of="2026-02-01T00:00:00Z", **UTC)
    assert total(emulation, "enrollments", "prospects_enrolled") == 1
    by_campaign = by(emulation, "enrollments", "prospects_enrolled", "campaign")
    assert by_campaign == {"A": 1, "B": 1}
    project = emulation.views["enrollments"].body["measures"]
    [measure] = [m for m in project if m["name"] == "prospects_enrolled"]
    assert "additive" in measure["description"].lower()


def test_x20_only_a_closing_date_dates_a_funding(execute: Execute) -> None:
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


def test_x21_hours_are_the_companys(execute: Execute) -> None:
    """A reply on 11 March 00:30 UTC came on Tuesday the 10th, 19:30 in Chicago."""
    tables = {
        "prospects": [lead(1, "2026-03-11 00:10")],
        "touch_engagements": [event(1, "Responded", "2026-03-11 00:30")],
    }
    emulation = execute(tables, {"leads", "replies"}, as_of="2026-03-12T00:00:00Z")
    assert by(emulation, "replies", "replies", "reply_weekday") == {"Tuesday": 1}
    assert by(emulation, "replies", "replies", "reply_hour") == {"19": 1}
    assert by(emulation, "leads", "new_leads", "created_weekday") == {"Tuesday": 1}
    day = datetime(2026, 3, 10)
    end = day + timedelta(days=1)
    assert total(emulation, "leads", "new_leads", start=day, end=end) == 1


def test_x23_ranges_end_at_as_of_in_every_view(execute: Execute) -> None:
    """Every time axis has the same end, so equal ranges hold equal days."""
    emulation = execute({"prospects": [lead(1, "2026-03-01")]}, as_of="2026-03-12")
    ends = {
        emulation.connection.execute(f"select {view.body['watermark']}").fetchone()
        for view in emulation.views.values()
        if "timeseries" in view.body
    }
    assert ends == {(datetime(2026, 3, 12, 23, 59, 59, 999999),)}
