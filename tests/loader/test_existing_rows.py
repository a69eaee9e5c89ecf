"""Rows that somebody else wrote: no load overwrites or deletes them unasked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from demo.server import FakeBonzo
from tests.loader.conftest import Load, snapshot
from tests.loader.records import prospect

Rows = Callable[..., list[dict[str, Any]]]
ROOT = Path(__file__).parent.parent.parent
MORTGAGE = {"mortgage": {"loan_amount": 250_000}}
OFFICER = {
    "assigned_to": 1,
    "assigned_user": {"id": 1, "name": "Lee Sample", "email": "lee@example.com"},
}


@pytest.fixture
def sample(database: str) -> dict[str, list[Any]]:
    """The document's sample: prospects 1 and 2, user 1, and a loan 1 of prospect 2."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute((ROOT / "sample_data.sql").read_text())
        connection.execute(
            "insert into loans (loan_id, prospect_id, loan_amount) values (1, 2, 5)"
        )
    return snapshot(database)


def test_no_load_touches_the_sample(
    server: FakeBonzo, load: Load, database: str, rows: Rows, sample: dict[str, list]
) -> None:
    """Prospects, users and loans of the same ids stay; the rest is loaded and told."""
    for number in range(1, 6):
        server.account.put_prospect(prospect(number, **OFFICER, **MORTGAGE))
    for _ in range(2):
        report = load()
        assert report.outcome == "complete"
        assert report.prospects_read == report.prospects_stored + report.rejected == 5
        assert any("--overwrite-existing" in text for text in report.warnings)
        after = snapshot(database)
        assert all(set(sample[name]) <= set(after[name]) for name in sample)
        notes = rows("select resource, id from loader.rejected_records order by 1, 2")
        assert [tuple(note.values()) for note in notes] == [
            ("prospects", "1"),
            ("prospects", "2"),
            ("users", "1"),
        ]
    assert [row["loan_id"] for row in rows("select * from loans order by 1")] == [
        1,
        3,
        4,
        5,
    ]
    assert load().changed == 0


def test_a_loan_of_another_prospect_is_not_deleted(
    server: FakeBonzo, load: Load, database: str, rows: Rows
) -> None:
    """Prospect 1 without a loan leaves a loan 1 that somebody gave prospect 2."""
    server.account.put_prospect(prospect(1))
    server.account.put_prospect(prospect(2))
    load()
    with psycopg.connect(database) as connection:
        connection.execute(
            "insert into loans (loan_id, prospect_id, loan_amount) values (1, 2, 5)"
        )
    server.account.change_prospect(1, first_name="Ann")
    load()
    query = "select prospect_id, loan_amount from loans"
    assert rows(query) == [{"prospect_id": 2, "loan_amount": 5}]
    server.account.change_prospect(1, **MORTGAGE)
    report = load()
    assert rows(query) == [{"prospect_id": 2, "loan_amount": 5}]
    assert any("--overwrite-existing" in text for text in report.warnings)


def test_a_loads_own_loan_still_goes(server: FakeBonzo, load: Load, rows: Rows) -> None:
    """A loan that Bonzo shows no longer is removed with its dates."""
    server.account.put_prospect(prospect(1, **MORTGAGE))
    load()
    assert len(rows("select * from loans")) == 1
    server.account.change_prospect(1, mortgage=None)
    load()
    assert rows("select * from loans") == rows("select * from loan_dates") == []


def test_an_address_of_somebody_elses_user_stays(
    server: FakeBonzo, load: Load, database: str, rows: Rows
) -> None:
    """A user made by hand keeps an address that a team member in Bonzo uses, too."""
    with psycopg.connect(database) as connection:
        connection.execute(
            "insert into users (user_id, first_name, last_name, email, bonzo_user_id) "
            "values (77, 'By', 'Hand', 'Lee@example.com', gen_random_uuid())"
        )
    server.account.put_prospect(prospect(1, **OFFICER))
    for _ in range(2):
        load()
        assert rows("select user_id, email from users order by 1") == [
            {"user_id": 1, "email": "user-1@no-email.invalid"},
            {"user_id": 77, "email": "Lee@example.com"},
        ]


def test_existing_rows_are_replaced_when_asked(
    server: FakeBonzo, load: Load, rows: Rows, sample: dict[str, list]
) -> None:
    """With --overwrite-existing a database of Bonzo's own ids is taken over."""
    server.account.put_prospect(prospect(1, first_name="Ann", **OFFICER, **MORTGAGE))
    server.account.put_prospect(prospect(2, first_name="Bea"))
    report = load(overwrite_existing=True)
    assert report.outcome == "complete"
    assert report.rejected == 0
    found = rows("select first_name, prospect_id from prospects order by 2")
    assert [row["first_name"] for row in found] == ["Ann", "Bea"]
    assert rows("select first_name, email from users where user_id = 1") == [
        {"first_name": "Lee", "email": "lee@example.com"}
    ]
    assert rows("select loan_id, prospect_id from loans") == [
        {"loan_id": 1, "prospect_id": 1}
    ]
    assert load().changed == 0


SPELLINGS = {
    "case": ("zillow", "Zillow", "ZILLOW"),
    "letters": ("STRASSE", "straße", "Straße"),
    "blanks": ("Open  House", "Open House", "open house "),
    # What Bonzo shows is the second row's name, and sorts before the first one's.
    "shown": ("zillow", "Zillow", "Zillow"),
    "both shown": ("zillow", "Zillow", "zillow"),
    "accents": ("Caf\u00e9", "Cafe\u0301", "CAFE\u0301"),
    "hidden": ("Zil\u200blow", "Zillow", "\u202ezillow"),
}


@pytest.mark.parametrize("names", SPELLINGS.values(), ids=SPELLINGS)
def test_sources_that_differ_in_spelling_alone(
    server: FakeBonzo,
    load: Load,
    database: str,
    rows: Rows,
    names: tuple[str, str, str],
) -> None:
    """Two rows made by hand for one source block no load; each prospect has one."""
    with psycopg.connect(database) as connection:
        for name in names[:2]:
            connection.execute(
                "insert into lead_sources (source_name) values (%s)", [name]
            )
    for number, name in enumerate(names, 1):
        server.account.put_prospect(
            prospect(number, mortgage={"lead_source": name.strip()})
        )
    assert load().outcome == "complete"
    used = rows("select distinct lead_source_id as id from prospects")
    assert len(used) == 1
    assert load(recheck_days=1e5).changed == 0
