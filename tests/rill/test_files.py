"""What users do to the cost file and the roster, gone prospects, namesakes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from launcher.duckdb.engine import DuckDBEngine
from tests.rill import fill_database
from tests.rill.conftest import RILL, Execute
from tests.rill.reference import Settings
from tests.rill.rows import (
    SPA_REFI,
    WORKING,
    at,
    by,
    dates,
    enrollment,
    event,
    failing,
    lead,
    loan,
    stay,
    total,
    user,
)

Tables = dict[str, list[dict[str, Any]]]
AS_OF = "2026-03-31"


def two_leads() -> Tables:
    """One lead of source Radio in March and one in February, both of Ann."""
    return {
        "lead_sources": [{"lead_source_id": 1, "source_name": "Radio"}],
        "users": [user(1, "Ann Lee")],
        "prospects": [
            lead(n, created, lead_source_id=1, assigned_to=1)
            for n, created in enumerate(("2026-03-10", "2026-02-10"), 1)
        ],
    }


def costs(*rows: tuple[str | None, ...]) -> Tables:
    """The cost file."""
    names = ("lead_source", "month", "spend")
    return {"lead_source_costs": [dict(zip(names, row, strict=True)) for row in rows]}


def test_written_in_many_ways(execute: Execute) -> None:
    """Dates, money and names as people write them: 10 + 20 + 30.5 + 1,040 = 1,100.5.

    The March lead gets 10 + 20 + 1,040 = 1,070, the February lead 30.5.
    """
    tables = two_leads() | costs(
        ("Radio", "2026-03-01", "10"),
        (" radio ", "03/01/2026", "$20.00"),
        ("RADIO", "2026-02", " 30.50 "),
        ("Radio", "2026-03", "$1,040"),
    )
    emulation = execute(tables, as_of=AS_OF)
    assert total(emulation, "lead_source_months", "spend") == pytest.approx(1100.5)
    assert total(emulation, "leads", "allocated_cost") == pytest.approx(1100.5)
    months = by(emulation, "lead_source_months", "spend", "lead_source")
    assert months == {"Radio": pytest.approx(1100.5)}
    assert "cost_row_unreadable" not in failing(emulation)


def test_broken_cost_rows_are_left_out_and_told(execute: Execute) -> None:
    """Four of six rows cannot be read; the rest still counts: 100 + 7.

    7 belongs to a source that nobody knows, so 7 is allocated to nobody.
    """
    tables = two_leads() | costs(
        ("Radio", "2026-03-01", "100"),
        ("Radio", "2026-03-01", "a lot"),
        ("Radio", "soon", "100"),
        ("Radio", "2026-03-01", None),
        ("", "2026-03-01", "100"),
        ("Rodeo", "2026-03-01", "7"),
    )
    emulation = execute(tables, as_of=AS_OF)
    assert total(emulation, "lead_source_months", "spend") == 107
    assert total(emulation, "lead_source_months", "unallocated_spend") == 7
    assert total(emulation, "leads", "allocated_cost") == 100
    told = failing(emulation)
    assert told["cost_row_unreadable"] == 4
    assert told["cost_row_of_unknown_source"] == 1
    assert told["spend_without_leads"] == 1
    assert total(emulation, "data_trust", "failed_checks") == 1


def test_broken_files_do_not_break_the_models(
    execute: Execute, database: str, tmp_path: Path
) -> None:
    """Short lines, quotes, a blank line and a line too long: two rows remain."""
    folder = tmp_path / "data"
    fill_database.fill(database, folder, two_leads())
    (folder / "lead_source_costs.csv").write_text(
        "lead_source,month,spend\n"
        "Radio,2026-03-01,60\n"
        "Radio\n"
        "Radio,2026-03-01\n"
        "\n"
        '"Radio","2026-02-01","1,000"\n'
    )
    variables = Settings(as_of=AS_OF).variables() | {"data_dir": str(folder)}
    with DuckDBEngine(RILL, database, variables) as emulation:
        assert total(emulation, "lead_source_months", "spend") == 1060
        assert failing(emulation)["cost_row_unreadable"] == 2


def test_an_unattributed_lead_costs_nothing(execute: Execute) -> None:
    """Spend on "Unattributed" stays unallocated, whatever the file calls it."""
    tables = two_leads() | costs(("Unattributed", "2026-03-01", "100"))
    tables["prospects"][0]["lead_source_id"] = None
    emulation = execute(tables, {"lead_source_months", "leads"}, as_of=AS_OF)
    assert total(emulation, "leads", "allocated_cost") == 0
    assert total(emulation, "lead_source_months", "unallocated_spend") == 100
    assert total(emulation, "lead_source_months", "allocated_spend") == 0


def test_missing_spend_is_not_zero(execute: Execute) -> None:
    """Without any row up to as_of nobody's cost is known, not even as 0."""
    future = costs(("Radio", "2026-04-01", "100"))
    for file in ({}, future):
        emulation = execute(two_leads() | file, as_of=AS_OF)
        assert total(emulation, "leads", "allocated_cost") is None
        assert total(emulation, "leads", "contribution_to_date") is None
        assert total(emulation, "leads", "revenue_to_date") == 0
        assert total(emulation, "lead_source_months", "spend") is None


def test_roster_rows(execute: Execute) -> None:
    """The first of doubled rows wins; strangers are told and change nothing."""
    tables = two_leads()
    tables["users"].append(user(2, "Bob Ray"))
    tables["loan_officers"] = [
        {"email": " USER1@example.com", "team": "North", "is_active": "FALSE"},
        {"email": "user1@example.com", "team": "South", "is_active": "true"},
        {"email": "stranger@example.com", "team": "West"},
    ]
    emulation = execute(tables, as_of=AS_OF)
    assert by(emulation, "leads", "new_leads", "team") == {"North": 2}
    assert total(emulation, "open_pipeline", "inactive_owner_leads") == 2
    # Bob is no officer: he has no row.
    assert total(emulation, "loan_officers", "officers") == 1
    assert total(emulation, "loan_officers", "active_officers") == 0
    assert total(emulation, "loan_officers", "workload_cv") is None
    assert total(emulation, "loan_officers", "new_leads_per_officer_day") is None
    told = failing(emulation)
    assert (told["roster_row_doubled"], told["roster_row_unknown"]) == (1, 1)


def test_without_a_roster_owners_are_the_officers(execute: Execute) -> None:
    """Ann owns leads, Bob none; she is active and in no team."""
    tables = two_leads()
    tables["users"].append(user(2, "Bob Ray"))
    emulation = execute(tables, {"loan_officers"}, as_of=AS_OF)
    assert by(emulation, "loan_officers", "assigned_leads", "loan_officer") == {
        "Ann Lee": 2
    }
    assert by(emulation, "loan_officers", "open_workload", "team") == {"No team": 2}
    # One lead in the last 28 days, one officer, 20 working days.
    assert total(emulation, "loan_officers", "new_leads_per_officer_day") == 1 / 20


def test_namesakes_are_two_officers(execute: Execute) -> None:
    """Two Ann Lees have a lead each and are told apart by their e-mail."""
    tables = two_leads()
    tables["users"].append(user(2, "Ann Lee"))
    tables["prospects"][1]["assigned_to"] = 2
    emulation = execute(tables, as_of=AS_OF)
    for view in ("leads", "open_pipeline", "loan_officers"):
        measure = "new_leads" if view == "leads" else None
        measure = measure or ("officers" if view == "loan_officers" else "open_leads")
        labels = by(emulation, view, measure, "loan_officer")
        assert list(labels.values()) == [1, 1]
        for label, email in zip(
            sorted(labels), ("user1@example.com", "user2@example.com"), strict=True
        ):
            assert label.startswith("Ann Lee")
            assert email in label


@pytest.fixture
def account_with_a_gone_lead() -> Tables:
    """Three alike leads; 2 was not seen by the last complete load, 3 never noted."""
    numbers = (1, 2, 3)
    runs = [
        ("2026-03-01 10:00", "2026-03-01 10:10", "complete"),
        ("2026-03-20 10:00", "2026-03-20 10:10", "complete"),
        ("2026-03-25 10:00", "2026-03-25 10:10", "partial"),
    ]
    return {
        "prospects": [
            lead(n, "2026-03-01", qualification_stage_id=WORKING) for n in numbers
        ],
        "prospect_stage_history": [stay(n, WORKING, "2026-03-01") for n in numbers],
        "touch_engagements": [event(n, "Responded", "2026-03-02") for n in numbers],
        "loans": [loan(n, n, "Closed", "2026-03-01", loan_amount=100) for n in numbers],
        "loan_dates": [dates(n, closed_on="2026-03-10") for n in numbers],
        "campaigns": [{"campaign_id": "0" * 32, "campaign_name": "A"}],
        "prospect_campaign_assignments": [
            {**enrollment(f"run {n}", n, "A", "2026-03-01"), "campaign_id": "0" * 32}
            for n in numbers
        ],
        "sync_runs": [
            {
                "run_id": number,
                "started_at": at(start),
                "finished_at": at(end),
                "outcome": outcome,
            }
            for number, (start, end, outcome) in enumerate(runs, 1)
        ],
        "sync_prospects": [
            {"prospect_id": 1, "last_seen_at": at("2026-03-20 10:00")},
            {"prospect_id": 2, "last_seen_at": at("2026-03-20 09:59:59")},
        ],
    }


def test_gone_prospects_are_in_no_view(
    execute: Execute, account_with_a_gone_lead: Tables
) -> None:
    """Two of three remain everywhere, and the trust page tells of the third."""
    emulation = execute(account_with_a_gone_lead)
    for view, measure in (
        ("leads", "new_leads"),
        ("stage_stays", "stays"),
        ("replies", "replies"),
        ("loans", "loans"),
        ("fundings", "funded_units"),
        ("enrollments", "enrollments"),
        ("lead_source_months", "leads"),
    ):
        assert total(emulation, view, measure) == 2, view
    told = failing(emulation)
    assert (told["lead_gone"], told["gone_with_closed_loan"]) == (1, 1)


def test_owners_who_left(execute: Execute) -> None:
    """Ann is inactive with one open and one funded lead: one lead is nobody's."""
    tables = two_leads()
    tables["loan_officers"] = [{"email": "user1@example.com", "is_active": "false"}]
    tables["prospects"][0]["qualification_stage_id"] = SPA_REFI
    tables["loans"] = [loan(1, 1, "Closed", "2026-03-10")]
    emulation = execute(tables, {"loan_officers", "open_pipeline"}, as_of=AS_OF)
    assert total(emulation, "open_pipeline", "inactive_owner_leads") == 1
    assert by(emulation, "loan_officers", "open_workload", "is_active") == {"no": 1}
