"""The prospect list moves, lies or repeats itself while it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy

import psycopg
import pytest

from demo import payloads
from demo.account import Account
from demo.faults import Fault
from demo.server import FakeBonzo
from tests.convergence.compare import gone
from tests.fake_bonzo.random_history import History
from tests.faults.loading import load
from tests.faults.registry import shows

Differ = Callable[[str], list[str]]
SECOND = r"/prospects\?.*\bpage=2\b"
THIRD = r"/prospects\?.*\bpage=3\b"


@pytest.fixture
def moving(history: History) -> Iterator[FakeBonzo]:
    """A server of an account of its own, which a test may change."""
    account = Account(
        deepcopy(list(history.account.prospects.values())),
        deepcopy(history.account.messages),
        deepcopy(history.account.campaigns),
        deepcopy(history.account.pipelines),
    )
    with FakeBonzo(account) as server:
        yield server


@shows("an empty page in the middle", "read a second time; complete if it was passing")
def test_reads_an_empty_page_again(
    database: str, server: FakeBonzo, differences: Differ
) -> None:
    """A page that comes empty once loses nobody."""
    fault = server.faults.add(Fault("empty_page", SECOND))
    assert load(database, server).outcome == "complete"
    assert fault.hits == 1
    assert differences(database) == []


@shows(
    "an empty page in the middle that stays empty",
    "the run is partial and says so; nobody is taken for gone",
)
def test_a_lasting_empty_page_makes_the_run_partial(
    database: str, server: FakeBonzo, differences: Differ
) -> None:
    """An incomplete list never concludes that somebody is gone."""
    assert load(database, server).outcome == "complete"
    server.faults.add(Fault("empty_page", SECOND, times=None))
    report = load(database, server)
    assert report.outcome == "partial"
    assert gone(database) == set()
    server.faults.clear()
    assert load(database, server).outcome == "complete"
    assert differences(database) == []


@shows(
    "`last_page` shrinks while the list is read",
    "the total is believed instead, or the run is partial; nobody is taken for gone",
)
def test_a_shrinking_list_loses_nobody(
    database: str, server: FakeBonzo, differences: Differ
) -> None:
    """A last_page of nonsense does not end the list early."""
    fault = server.faults.add(Fault("shrink", SECOND, times=None))
    report = load(database, server)
    assert fault.hits
    assert report.outcome in ("complete", "partial")
    if report.outcome == "complete":
        assert differences(database) == []
    assert gone(database) == set()
    server.faults.clear()
    assert load(database, server).outcome == "complete"
    assert differences(database) == []


@shows("the same page, and so the same prospects, twice", "each counts once; complete")
def test_the_same_prospects_twice_count_once(
    database: str, server: FakeBonzo, differences: Differ
) -> None:
    """A page that comes twice neither doubles nor hides anybody."""
    server.faults.add(Fault("repeat", THIRD))
    report = load(database, server)
    assert report.outcome == "complete"
    assert report.prospects_stored == len(server.account.prospects)
    assert differences(database) == []


@shows(
    "prospects created between two pages",
    "rows slide to later pages and are met twice; the new ones are read, too",
)
def test_prospects_created_between_pages(database: str, moving: FakeBonzo) -> None:
    """New prospects push others onto the next page; all are loaded once."""

    def create() -> None:
        for number in (1, 2, 3):
            stamp = f"2030-01-0{number}T00:00:00.000000Z"
            moving.account.put_prospect(payloads.prospect(9_000 + number, stamp))

    moving.faults.before(SECOND, create)
    report = load(database, moving)
    assert report.outcome == "complete"
    assert report.prospects_stored == len(moving.account.prospects)
    assert gone(database) == set()


@shows(
    "prospects deleted between two pages",
    "a row that slid past the reader is read singly before anybody is called gone",
)
def test_prospects_deleted_between_pages(database: str, moving: FakeBonzo) -> None:
    """Only who is really away counts as gone, though others slid past."""
    everybody = set(moving.account.prospects)
    assert load(database, moving).outcome == "complete"
    victims = moving.account.newest_first()[:2]

    def delete() -> None:
        for victim in victims:
            moving.account.remove_prospect(victim)

    moving.faults.before(SECOND, delete)
    assert load(database, moving).outcome == "complete"
    assert gone(database) <= set(victims)
    assert load(database, moving).outcome == "complete"
    assert gone(database) == set(victims)
    assert set(moving.account.prospects) == everybody - set(victims)


@shows("a prospect merged into another", "the merged one is gone, its messages move")
def test_a_merged_prospect_is_gone(database: str, moving: FakeBonzo) -> None:
    """A single read that answers with another id means gone."""
    account = moving.account
    load(database, moving)
    by_messages = sorted(account.prospects, key=lambda k: len(account.messages_of(k)))
    loser, survivor = by_messages[-1], by_messages[-2]
    account.remove_prospect(loser, merged_into=survivor)
    account.change_prospect(survivor, updated_at="2031-01-01T00:00:00.000000Z")
    assert load(database, moving).outcome == "complete"
    assert gone(database) == {loser}
    with psycopg.connect(database) as connection:
        owners = connection.execute(
            "select distinct prospect_id from touch_engagements "
            "where prospect_id = any(%s)",
            [[loser, survivor]],
        ).fetchall()
    assert owners == [(survivor,)]


@shows(
    "a prospect that the token may not see any more (403)",
    "kept as it is, not called gone",
)
def test_a_hidden_prospect_is_not_gone(database: str, moving: FakeBonzo) -> None:
    """Another team's prospect is invisible, which is not the same as deleted."""
    load(database, moving)
    hidden = moving.account.newest_first()[4]
    record = moving.account.prospects[hidden]
    moving.account.remove_prospect(hidden)
    moving.hidden.add(hidden)
    assert load(database, moving).outcome == "complete"
    assert gone(database) == set()
    moving.hidden.clear()
    moving.account.put_prospect(record)
    assert load(database, moving).outcome == "complete"


@shows(
    "many prospects vanish at once",
    "the run is partial and asks for `--accept-vanished`; nobody is called gone",
)
def test_many_vanished_prospects_need_a_word(database: str, moving: FakeBonzo) -> None:
    """A list that loses over 5 % (and over 20) is not believed by itself."""
    load(database, moving)
    victims = moving.account.newest_first()[:25]
    for victim in victims:
        moving.account.remove_prospect(victim)
    report = load(database, moving)
    assert report.outcome == "partial"
    assert any(
        "--accept-vanished" in line for line in [*report.warnings, report.message or ""]
    )
    assert gone(database) == set()
