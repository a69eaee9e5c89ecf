"""The prospect list moves, lies or repeats itself while it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy

import psycopg
import pytest

from demo import payloads
from demo.account import Account
from demo.faults import Fault
from demo.routes import Options
from demo.server import FakeBonzo
from demo.shapes import SHAPES
from tests.convergence.compare import gone
from tests.fake_bonzo.random_history import History
from tests.faults.loading import PER_PAGE, load
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


@pytest.mark.parametrize("shape", SHAPES)
@shows(
    "lists by page number, by cursor, by links alone, as bare arrays or as objects",
    "each is read to its end without a request in vain; complete",
)
def test_reads_lists_of_every_shape(
    database: str, server: FakeBonzo, differences: Differ, shape: str
) -> None:
    """How the service pages makes no difference to the rows."""
    server.options = Options(shape=shape, messages_per_page=PER_PAGE)
    report = load(database, server)
    assert report.outcome == "complete"
    assert not any("list" in line for line in report.warnings)
    assert differences(database) == []


@shows(
    "the same page under every number",
    "the reading ends after one request in vain; the run is partial and says so",
)
def test_a_page_that_repeats_ends_the_list(database: str, server: FakeBonzo) -> None:
    """A service that ignores the page is not read without end."""
    account = server.account
    rows = [account.prospects[i] for i in account.newest_first()[:PER_PAGE]]
    fault = Fault("edit", r"/prospects\?", times=None, edit=lambda body: rows)
    server.faults.add(fault)
    report = load(database, server)
    assert report.outcome == "partial"
    assert fault.hits == 2
    assert "repeats the page before" in " ".join(report.warnings)


@shows(
    "`total` is larger than what can be reached",
    "the run is partial and has both numbers; nobody is taken for gone",
)
def test_a_total_that_cannot_be_reached(
    database: str, server: FakeBonzo, differences: Differ
) -> None:
    """An incomplete list is not called complete, whatever is missing."""
    assert load(database, server).outcome == "complete"

    def claim(body: dict) -> dict:
        body["meta"]["total"] += 3
        return body

    server.faults.add(Fault("edit", r"/prospects\?", times=None, edit=claim))
    report = load(database, server)
    assert report.outcome == "partial"
    assert "different ones were found" in " ".join(report.warnings)
    assert gone(database) == set()
    server.faults.clear()
    assert load(database, server).outcome == "complete"
    assert differences(database) == []


@shows(
    "a page of one prospect's messages empty, stale or short of `total`",
    "read again; what is missing all the same is named and read by the next run",
)
def test_messages_that_are_missing_are_read_again(
    database: str, server: FakeBonzo, differences: Differ
) -> None:
    """A list of messages is read with the care of the list of prospects."""
    server.options = Options(messages_per_page=3)
    pages = r"/communication.*\bpage=2\b"

    def empty(body: dict) -> dict:
        return {**body, "data": []}

    server.faults.add(Fault("edit", pages, times=None, edit=empty))
    report = load(database, server)
    assert report.outcome == "complete"
    assert "different ones were found" in " ".join(report.warnings)
    assert differences(database)
    server.faults.clear()
    load(database, server)
    assert differences(database) == []
    server.faults.add(Fault("edit", pages, edit=empty))
    server.faults.add(Fault("repeat", pages))
    report = load(database, server)
    assert differences(database) == []


@shows(
    "the link to the next page leaves the service",
    "not followed, so the token stays; the run is partial and names the host",
)
def test_a_link_to_another_host_is_not_followed(
    database: str, server: FakeBonzo
) -> None:
    """The token goes to no host but the one that it was given for."""
    server.options = Options(shape="cursor")
    with FakeBonzo(server.account) as other:

        def elsewhere(body: dict) -> dict:
            body["links"]["next"] = f"{other.url}/prospects?cursor=MDAy"
            return body

        server.faults.add(Fault("edit", r"/prospects\?", times=None, edit=elsewhere))
        report = load(database, server)
        assert (other.log, other.authorizations) == ([], set())
    assert report.outcome == "partial"
    assert "another host" in " ".join(report.warnings)
