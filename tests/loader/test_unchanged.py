"""Records that are as they were are not mapped, and nothing is lost by that."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import psycopg
import pytest

from demo.account import Account
from demo.server import FakeBonzo
from loader.mapping.mapping_config import load_rules
from loader.mapping.prospects import Mapper
from loader.sync import batch, context
from tests.conftest import ROOT
from tests.loader.conftest import Load, snapshot
from tests.loader.records import at, listing, prospect, when

Rows = Callable[..., list[dict[str, Any]]]
# Long after every record, so that no list of messages is read again.
LATER = when(days=60)


@pytest.fixture
def account(server: FakeBonzo) -> Account:
    """Three prospects with everything that a record can hold, two without."""
    account = server.account
    for i in range(1, 4):
        account.put_prospect(
            prospect(
                i,
                mortgage={"lead_source": "Vendor", "loan_amount": "350000"},
                tags=[{"id": 1, "name": "vip"}],
            )
        )
    account.put_prospect(prospect(4, pipeline_stage=None, mortgage=None))
    account.put_prospect(prospect(5, assigned_to=12, assigned_user=None))
    return account


@pytest.fixture
def mapped(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The ids of the records that are mapped from now on."""
    ids: list[int] = []
    original = Mapper.map

    def watched(self: Mapper, record: Any, *rest: Any) -> Any:
        ids.append(record["id"])
        return original(self, record, *rest)

    monkeypatch.setattr(Mapper, "map", watched)
    return ids


@pytest.fixture
def reload(load: Load, mapped: list[int]) -> Callable[..., list[int]]:
    """Load once more; the ids of the records that were mapped, sorted."""

    def do(**changes: Any) -> list[int]:
        mapped.clear()
        load(**{"now": lambda: LATER, "recheck_days": 0, **changes})
        return sorted(mapped)

    return do


Reload = Callable[..., list[int]]


def test_maps_only_what_changed(account: Account, reload: Reload, rows: Rows) -> None:
    """The first load maps all records, the next none, then the one that changed."""
    assert reload() == [1, 2, 3, 4, 5]
    assert reload() == []
    account.change_prospect(2, first_name="Eve")
    assert reload() == [2]
    assert rows("select prospect_id from prospects where first_name = 'Eve'") == [
        {"prospect_id": 2}
    ]
    assert reload() == []


def test_reports_what_mapping_would_report(
    account: Account, load: Load, mapped: list[int], database: str
) -> None:
    """A load counts the same rows whether it maps the records or knows them."""
    account.put_prospect(prospect(6, campaigns=[listing(71, at(0))]))
    load(now=lambda: LATER)
    mapped.clear()
    known = load(now=lambda: LATER, recheck_days=0)
    assert mapped == []
    with psycopg.connect(database) as connection:
        connection.execute("update loader.sync_prospects set record_hash = null")
    unknown = load(now=lambda: LATER, recheck_days=0)
    assert len(mapped) == 6
    assert known.tables == unknown.tables
    assert (known.prospects_read, known.prospects_stored) == (6, 6)
    assert (unknown.prospects_read, unknown.prospects_stored) == (6, 6)


@pytest.mark.parametrize(
    "edit",
    [
        "update prospects set last_name = 'Other' where prospect_id = 1",
        "update prospects set lead_source_id = null where prospect_id = 1",
        "update lead_sources set source_name = 'Other'",
        "update prospect_details set city = 'Other' where prospect_id = 1",
        "delete from prospect_details where prospect_id = 1",
        "insert into prospect_tags values (1, 'other')",
        "delete from prospect_tags where prospect_id = 1",
        "update loans set loan_amount = 1 where loan_id = 1",
        "delete from loan_dates where loan_id = 1; delete from loans where loan_id = 1",
        "update loan_dates set closed_on = '2026-01-01' where loan_id = 1",
        "delete from prospect_stage_history where prospect_id = 1",
        "update users set first_name = 'Other' where user_id = 11",
    ],
)
def test_repairs_rows_changed_by_hand(
    account: Account, reload: Reload, database: str, rows: Rows, edit: str
) -> None:
    """Rows that somebody changed or deleted are as Bonzo shows them after a load."""
    reload()
    query = (
        "select p::text, s.source_name, d::text, l::text, c::text, u.first_name, "
        "(select array_agg(g.tag) from prospect_tags as g "
        "where g.prospect_id = p.prospect_id) as tags, "
        "(select count(*) from prospect_stage_history as h "
        "where h.prospect_id = p.prospect_id) as stays "
        "from prospects as p left join prospect_details as d using (prospect_id) "
        "left join lead_sources as s using (lead_source_id) "
        "left join loans as l on l.loan_id = p.prospect_id "
        "left join loan_dates as c on c.loan_id = p.prospect_id "
        "left join users as u on u.user_id = p.assigned_to order by p.prospect_id"
    )
    # Ids of sources are serial numbers: a source made again has another.
    query = query.replace("p::text", "(to_jsonb(p) - 'lead_source_id')::text as p")
    before = rows(query)
    with psycopg.connect(database) as connection:
        connection.execute(edit)
    assert rows(query) != before
    reload()
    assert rows(query) == before
    reload()
    assert reload() == []


def test_notes_what_does_not_fit_in_every_run(
    account: Account, load: Load, mapped: list[int], rows: Rows
) -> None:
    """A record with a field to note is mapped, counted and named by every load."""
    account.put_prospect(prospect(6, pipeline_stage={"id": 9, "name": "Limbo"}))
    account.put_prospect(prospect(7, assigned_user={"id": "x", "name": "No Id"}))
    first = load(now=lambda: LATER)
    mapped.clear()
    again = load(now=lambda: LATER, recheck_days=0)
    assert sorted(mapped) == [6, 7]
    assert again.unmapped_stages == first.unmapped_stages == {"Limbo": 1}
    assert again.noted == first.noted == 2
    query = "select distinct field from loader.rejected_records order by field"
    assert [row["field"] for row in rows(query)] == ["id", "pipeline_stage"]


def test_a_day_changes_loans_with_dates_alone(
    account: Account, reload: Reload, rows: Rows
) -> None:
    """A loan closes on its day though its record stays; others are not mapped."""
    mortgage = {"loan_amount": "350000", "close_date": "2026-06-10"}
    account.put_prospect(prospect(6, mortgage=mortgage))
    reload(today=date(2026, 6, 10))
    assert reload(today=date(2026, 6, 10)) == []
    assert reload(today=date(2026, 6, 11)) == [6]
    assert rows("select status from loans where loan_id = 6") == [{"status": "Closed"}]


def test_other_rules_stages_or_programs_map_all(
    account: Account, reload: Reload, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever else decides the rows has every record mapped when it changes."""
    everybody = reload()
    roles = replace(load_rules(), roles={"lee@example.com": "manager"})
    assert reload(rules=roles) == everybody
    assert reload(rules=roles) == []
    with psycopg.connect(database) as connection:
        connection.execute(
            "update qualification_stages set is_disqualify = true "
            "where stage_name = 'Working'"
        )
    assert reload(rules=roles) == everybody
    monkeypatch.setattr(context, "program_hash", lambda: "another")
    assert reload(rules=roles) == everybody
    assert reload(rules=roles) == []


def test_the_hash_is_one_in_every_process() -> None:
    """What is stored by one process is found by the next, though sets have no order."""
    code = (
        "from datetime import date\n"
        "from loader.mapping.mapping_config import load_rules\n"
        "from loader.mapping.prospects import Mapper\n"
        "from loader.mapping.record_hash import record_hasher\n"
        "from loader.mapping.stages import StageRegistry\n"
        "rules = load_rules()\n"
        "rules.stages.clear()\n"
        "mapper = Mapper(rules, StageRegistry([], rules), date(2026, 1, 1))\n"
        "print(record_hasher(mapper, 'one').hash({'id': 1, 'tags': ['a']}))"
    )
    hashes = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={"PYTHONHASHSEED": str(seed)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in range(3)
    }
    assert len(hashes) == 1


def test_a_user_counts_as_first_shown(
    account: Account, load: Load, mapped: list[int], rows: Rows
) -> None:
    """A user's version in a record that is not mapped comes before a later one."""
    older = prospect(6, created_at=at(-9))
    older["assigned_user"] = {**older["assigned_user"], "name": "Leigh Sample"}
    account.put_prospect(older)
    load(now=lambda: LATER)
    query = "select first_name from users where user_id = 11"
    expected = rows(query)
    account.change_prospect(6, last_name="Married")
    mapped.clear()
    load(now=lambda: LATER, recheck_days=0)
    assert mapped == [6]
    assert rows(query) == expected


def test_a_deleted_prospect_that_returns_is_mapped(
    account: Account, reload: Reload, rows: Rows
) -> None:
    """One that was marked deleted is whole again when its record comes back."""
    reload()
    record = account.prospects[3]
    account.remove_prospect(3)
    reload()
    query = "select gone_at from loader.sync_prospects where prospect_id = 3"
    assert rows(query)[0]["gone_at"] is not None
    account.put_prospect(record)
    assert reload() == [3]
    assert rows(query) == [{"gone_at": None}]


def test_an_unchanged_load_touches_no_row(
    account: Account, reload: Reload, database: str
) -> None:
    """Not even a new version of a row is written outside the loader's schema."""
    reload()
    before = snapshot(database)
    assert reload() == []
    assert snapshot(database) == before


def test_pages_without_a_change_are_written_together(
    account: Account, reload: Reload, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One transaction notes several such pages; one with a change stays alone."""
    reload(per_page=1)
    batches: list[int] = []
    original = batch.write_batch

    def watched(context: Any, written: Any, *rest: Any) -> None:
        batches.append(len(written.ids))
        original(context, written, *rest)

    monkeypatch.setattr(batch, "write_batch", watched)
    assert reload(per_page=1) == []
    assert batches == [5]
    batches.clear()
    account.change_prospect(4, first_name="Eve")
    assert reload(per_page=1) == [4]
    assert sorted(batches) in ([1, 1, 3], [1, 4], [1, 2, 2])
    query = "select count(distinct last_seen_at) as n from loader.sync_prospects"
    assert rows(query) == [{"n": 1}]
