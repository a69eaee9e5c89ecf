"""The demo's files agree with its account."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from demo.account import Account
from demo.demo_account import DemoYear, months_before
from demo.demo_company import BAD_BUY, SILENT_MONTHS_AGO
from demo.demo_files import write
from loader.errors import LoaderError
from tests.demo.conftest import EVENING, TODAY
from tests.demo.test_demo import source_of


@pytest.fixture
def files(year: DemoYear, tmp_path: Path) -> dict[str, list[dict[str, str]]]:
    """The rows of both files by file name."""
    paths = write(year, tmp_path / "demo", EVENING)
    found = {}
    for path in paths:
        with path.open(encoding="utf-8", newline="") as handle:
            found[path.name] = list(csv.DictReader(handle))
    return found


def test_costs_are_of_known_sources_and_months(files: dict, account: Account) -> None:
    """Each row names a source of the account and the first day of a month."""
    rows = files["lead_source_costs.csv"]
    known = {source_of(row) for row in account.prospects.values()}
    assert {row["lead_source"] for row in rows} < known
    assert all(row["month"].endswith("-01") for row in rows)
    assert all(row["month"] <= TODAY.isoformat() for row in rows)
    assert len({(r["lead_source"], r["month"]) for r in rows}) == len(rows)


def test_one_month_was_paid_for_nothing(files: dict, account: Account) -> None:
    """The bad buy has a month with spend and without a lead."""
    silent = months_before(TODAY, SILENT_MONTHS_AGO).isoformat()
    spend = [
        float(row["spend"])
        for row in files["lead_source_costs.csv"]
        if (row["lead_source"], row["month"]) == (BAD_BUY, silent)
    ]
    assert spend == [3500.0]
    in_month = [
        row
        for row in account.prospects.values()
        if source_of(row) == BAD_BUY and row["created_at"][:7] == silent[:7]
    ]
    assert len(in_month) <= 1


def test_the_bad_buy_costs_most_per_lead(files: dict, account: Account) -> None:
    """No other source takes as much money per lead."""
    spend: dict[str, float] = {}
    for row in files["lead_source_costs.csv"]:
        name = row["lead_source"]
        spend[name] = spend.get(name, 0) + float(row["spend"])
    leads = [source_of(row) for row in account.prospects.values()]
    per_lead = {name: total / leads.count(name) for name, total in spend.items()}
    assert max(per_lead, key=per_lead.get) == BAD_BUY


def test_officers_have_teams_and_leads(files: dict) -> None:
    """Eight officers, two teams with a lead each, one officer inactive."""
    rows = files["loan_officers.csv"]
    assert len(rows) == 8
    assert len({row["team"] for row in rows}) == 2
    emails = {row["email"] for row in rows}
    assert {row["team_lead_email"] for row in rows} < emails
    assert [row["is_active"] for row in rows].count("false") == 1


def test_a_closed_folder_is_named(year: DemoYear, tmp_path: Path) -> None:
    """A folder that cannot be made is an error that says so."""
    (tmp_path / "file").write_text("")
    with pytest.raises(LoaderError, match="write permission"):
        write(year, tmp_path / "file" / "demo", EVENING)
