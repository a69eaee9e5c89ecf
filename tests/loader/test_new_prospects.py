"""Prospects that no load has seen go by COPY, unless rows of theirs are there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

import pytest
from psycopg import errors
from psycopg.conninfo import make_conninfo

from demo.account import Account
from demo.server import FakeBonzo
from loader.bonzo.client import BonzoClient
from loader.database import upsert
from loader.database.connection import connect
from loader.mapping.rejects import Rejects
from loader.sync import run
from loader.sync.unchanged import Unchanged
from loader.sync.write_batch import MOST_NEW, Batch
from tests.loader.conftest import Load, snapshot
from tests.loader.records import message, prospect
from tests.quick_settings import quick_settings

Rows = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def account(server: FakeBonzo) -> Account:
    """Three prospects with a loan, a tag and a message each."""
    for i in range(1, 4):
        server.account.put_prospect(
            prospect(
                i,
                mortgage={"lead_source": "Vendor", "loan_amount": "350000"},
                tags=[{"id": 1, "name": "vip"}],
            )
        )
        server.account.put_message(message(i, i, sequence_id=571, event_id=7101))
    return server.account


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tables that rows are added to without a look at what is there."""
    names: list[str] = []
    original = upsert.insert

    def watched(connection: Any, table: Any, *rest: Any) -> Any:
        names.append(table.name)
        return original(connection, table, *rest)

    monkeypatch.setattr(upsert, "insert", watched)
    return names


@pytest.fixture
def guarded(database: str) -> Iterator[str]:
    """A role for whom a policy guards the prospects, which rules out COPY."""
    with connect(database) as owner:
        owner.execute("create role guarded_role")
        try:
            owner.execute(
                "grant usage on schema public, loader to guarded_role;"
                "grant all on all tables in schema public, loader to guarded_role;"
                "grant all on all sequences in schema public, loader to guarded_role;"
                "alter table prospects enable row level security;"
                "create policy everybody on prospects using (true) with check (true)"
            )
            yield make_conninfo(database, options="-c role=guarded_role")
        finally:
            owner.execute("drop owned by guarded_role")
            owner.execute("drop role guarded_role")


def test_new_prospects_are_copied_and_known_ones_are_not(
    account: Account, load: Load, copied: list[str]
) -> None:
    """A first load adds rows by COPY; a later one looks at what is there."""
    report = load()
    assert report.tables["prospects"].inserted == 3
    assert report.tables["touch_engagements"].inserted >= 3
    assert {"prospects", "prospect_tags", "loans", "touch_engagements"} <= {*copied}
    assert "users" not in copied
    copied.clear()
    for i in range(1, 4):
        account.put_prospect(prospect(i, first_name="Grace"))
    assert load().tables["prospects"].updated == 3
    assert copied == []


def test_rows_that_are_there_all_the_same_stay(
    account: Account, load: Load, database: str, copied: list[str]
) -> None:
    """Without what the loader keeps of them, stored prospects are found as they are."""
    load()
    before = snapshot(database)
    with connect(database) as connection:
        connection.execute("delete from loader.sync_prospects")
    copied.clear()
    report = load()
    assert copied
    assert report.outcome == "complete"
    assert report.tables["prospects"].changed == 0
    assert report.tables["touch_engagements"].changed == 0
    assert snapshot(database) == before


def test_a_policy_on_a_table_does_not_stop_a_load(
    account: Account, server: FakeBonzo, guarded: str, rows: Rows
) -> None:
    """Where PostgreSQL refuses COPY, rows come in by insert."""
    settings = quick_settings(server)
    report = run(settings, BonzoClient(settings), guarded)
    assert report.tables["prospects"].inserted == 3
    assert rows("select count(*) as n from prospects") == [{"n": 3}]
    with connect(guarded) as connection, pytest.raises(errors.FeatureNotSupported):
        connection.execute("copy prospects (prospect_id) from stdin")


def test_one_message_in_two_new_lists_is_stored_once(
    account: Account, load: Load, rows: Rows
) -> None:
    """A list that shows another prospect's message takes nothing from a load."""
    account.put_message(message(9, 1, sequence_id=571, event_id=7102))
    account.put_message(message(9, 2, sequence_id=571, event_id=7102))
    report = load()
    assert report.outcome == "complete"
    found = rows("select count(*) as n from touch_engagements")
    assert found == [{"n": report.tables["touch_engagements"].inserted}]


def _batch(first: int, size: int = 100, answer: object = None) -> Batch:
    """A page of new prospects, of whom one's messages came as `answer`."""
    future: Future = Future()
    if isinstance(answer, Exception):
        future.set_exception(answer)
    elif answer is not None:
        future.set_result(answer)
    ids = range(first, first + size)
    return Batch(dict.fromkeys(ids), {}, Rejects(), Unchanged(), {}, {first: future})


def test_pages_of_new_prospects_are_written_together_once_read() -> None:
    """Pages are joined up to the limit; each prospect and its messages are there."""
    joined = _batch(1, answer=[])
    pages = [_batch(1 + 100 * i, answer=[]) for i in range(1, 5)]
    taken = [page for page in pages if joined.join(page)]
    assert taken == pages[: MOST_NEW // 100 - 1]
    assert joined.ids == set(range(1, MOST_NEW + 1))
    assert joined.pages == MOST_NEW // 100
    assert set(joined.reading) == {1, 101, 201}


@pytest.mark.parametrize("answer", [None, OSError("no answer")])
def test_a_page_that_is_read_waits_for_no_other(answer: object) -> None:
    """One that is on its way, or whose reading failed, costs no page before it."""
    assert not _batch(1, answer=[]).join(_batch(101, answer=answer))
    assert not _batch(1, answer=answer).join(_batch(101, answer=[]))
