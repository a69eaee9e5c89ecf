"""The fake Bonzo answers as the service is known to answer."""

from __future__ import annotations

import pytest
import requests

from demo.limits import RateLimit
from demo.routes import Options
from demo.server import FakeBonzo
from demo.shapes import SHAPES
from tests.demo.conftest import Reader, small_account


@pytest.mark.parametrize("header", ["", "Bearer wrong", "fake-bonzo-token"])
def test_refuses_without_the_token(server: FakeBonzo, header: str) -> None:
    """Anything but the right bearer token gets 401."""
    answer = requests.get(
        f"{server.url}/prospects", headers={"Authorization": header}, timeout=5
    )
    assert answer.status_code == 401
    assert answer.json() == {"message": "Unauthenticated."}


def test_names_no_missing_scope() -> None:
    """Without its scope an endpoint says 403 and keeps the scope's name to itself."""
    with FakeBonzo(small_account(), scopes=("prospects",)) as server:
        read = Reader(server)
        assert read("/prospects").status_code == 200
        refused = read("/campaigns")
    assert refused.status_code == 403
    assert refused.json() == {"message": "Invalid scope(s) provided."}


def test_pages_newest_first(read: Reader) -> None:
    """The list comes 25 a page, newest created first, with links and meta."""
    page = read("/prospects", page=2).json()
    assert [row["id"] for row in page["data"]] == list(range(36, 11, -1))
    assert page["meta"]["last_page"] == 3
    assert page["meta"]["total"] == 61
    assert page["meta"]["from"] == 26
    assert page["links"]["next"].endswith("page=3")


def test_clamps_the_page_size(server: FakeBonzo) -> None:
    """More than 100 a page are never given."""
    server.account = small_account(130)
    page = Reader(server)("/prospects", per_page=500).json()
    assert len(page["data"]) == 100
    assert page["meta"]["per_page"] == 100


def test_ends_with_an_empty_page(read: Reader) -> None:
    """Past the last page there is a page without rows."""
    page = read("/prospects", page=9).json()
    assert page["data"] == []
    assert page["meta"]["last_page"] == 3


def test_searches_names_addresses_and_phones(read: Reader) -> None:
    """`search` finds by name, e-mail, and phone in any spelling."""
    for needle in ("example17", "ADA17@mail", "(202) 555-0017"):
        found = read("/prospects", search=needle).json()["data"]
        assert [row["id"] for row in found] == [17]


def test_ignores_parameters_that_it_does_not_know(read: Reader) -> None:
    """`updated_after` and other filters change nothing, without a word."""
    page = read("/prospects", updated_after="2030-01-01", email="nobody@mail.example")
    assert page.json()["meta"]["total"] == 61


def test_can_honor_updated_after() -> None:
    """A switch makes `updated_after` filter."""
    options = Options(honor_updated_after=True)
    with FakeBonzo(small_account(), options=options) as server:
        since = "2026-01-01T00:01:00.000000Z"
        page = Reader(server)("/prospects", updated_after=since).json()
    assert page["meta"]["total"] == 2


@pytest.mark.parametrize("path", ["/users", "/campaigns/71001/touches", "/prospects/0"])
def test_knows_no_such_path(read: Reader, path: str) -> None:
    """Endpoints that the service lacks, and unknown ids, give 404."""
    assert read(path).status_code == 404


@pytest.mark.parametrize(
    ("method", "status"), [("POST", 404), ("PUT", 404), ("DELETE", 404), ("PATCH", 405)]
)
def test_refuses_writes(read: Reader, method: str, status: int) -> None:
    """Nothing can be written; PATCH is named as not allowed."""
    url = f"{read.server.url}/prospects/1"
    answer = read.session.request(method, url, json={"first_name": "Eve"}, timeout=5)
    assert answer.status_code == status
    assert read("/prospects/1").json()["data"]["first_name"] == "Ada"


def test_gives_messages_in_one_piece_or_in_pages(read: Reader) -> None:
    """/communication has no `meta` unless the service pages it."""
    assert set(read("/prospects/5/communication").json()) == {"data"}
    read.server.options = Options(messages_per_page=1)
    page = read("/prospects/5/communication", page=2).json()
    assert [row["id"] for row in page["data"]] == [52]
    assert page["meta"]["last_page"] == 2


def test_a_merged_prospect_answers_with_the_survivor(read: Reader) -> None:
    """A single read of a merged id gives the other one, or 404 if switched so."""
    read.server.account.remove_prospect(7, merged_into=8)
    assert read("/prospects/7").json()["data"]["id"] == 8
    read.server.options = Options(merged_answers_with_survivor=False)
    assert read("/prospects/7").status_code == 404
    assert len(read("/prospects/8/communication").json()["data"]) == 4


def test_hides_what_another_team_owns(read: Reader) -> None:
    """A hidden prospect gives 403, alone and with its messages."""
    read.server.hidden.add(9)
    assert read("/prospects/9").status_code == 403
    assert read("/prospects/9/communication").status_code == 403


def test_changes_show_at_once(read: Reader) -> None:
    """What a test changes in the account is what the next request gets."""
    assert read("/prospects/3").json()["data"]["last_name"] is None
    read.server.account.change_prospect(3, last_name="New")
    assert read("/prospects/3").json()["data"]["last_name"] == "New"


@pytest.mark.parametrize(
    "path",
    [
        "/campaigns",
        "/campaigns/71001",
        "/pipelines",
        "/pipelines/fetch/2501",
        "/pipeline-stages/1/prospects",
        "/prospects/custom-status",
        "/prospects/1/notes",
        "/tags",
        "/conversations",
    ],
)
def test_answers_the_other_reads(read: Reader, path: str) -> None:
    """Every endpoint that is known answers with `data`."""
    answer = read(path)
    assert answer.status_code == 200
    assert "data" in answer.json()


def test_lists_the_token_with_its_scopes(read: Reader) -> None:
    """The token endpoint gives a bare array."""
    (token,) = read("/oauth/personal-access-tokens").json()
    assert "campaigns" in token["scopes"]


def test_counts_requests_by_kind(read: Reader) -> None:
    """Tests can tell how often each kind of path was read."""
    for path in ("/prospects", "/prospects/1", "/prospects/1/communication"):
        read(path)
    assert read.server.requests == {"prospects": 1, "prospect": 1, "communication": 1}


def test_limits_the_rate() -> None:
    """Over the limit there is 429 with Retry-After, and headers say what is left."""
    with FakeBonzo(small_account(), rate_limit=RateLimit(2, window=30)) as server:
        read = Reader(server)
        answers = [read("/tags") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [a.headers["X-RateLimit-Remaining"] for a in answers] == ["1", "0", "0"]
    assert 0 < int(answers[2].headers["Retry-After"]) <= 30


@pytest.mark.parametrize("shape", [s for s in SHAPES if s not in ("cursor", "whole")])
def test_pages_by_number_in_other_shapes(shape: str) -> None:
    """The same rows, wrapped as other services of Laravel's do."""
    with FakeBonzo(small_account(), options=Options(shape=shape)) as server:
        body = Reader(server)("/prospects", page=2).json()
    rows = body if isinstance(body, list) else body["data"]
    rows = list(rows.values()) if isinstance(rows, dict) else rows
    assert [row["id"] for row in rows] == list(range(36, 11, -1))
    assert ("meta" in body) is (shape in ("numbered", "simple", "object"))


def test_pages_by_cursor() -> None:
    """`links.next` leads on, and `page` is ignored."""
    with FakeBonzo(small_account(), options=Options(shape="cursor")) as server:
        read = Reader(server)
        first = read("/prospects", page=3).json()
        assert first["data"][0]["id"] == 61
        cursor = first["links"]["next"].rpartition("cursor=")[2]
        second = read("/prospects", cursor=cursor).json()
        assert second["data"][0]["id"] == 36
        cursor = second["links"]["next"].rpartition("cursor=")[2]
        last = read("/prospects", cursor=cursor).json()
    assert (len(last["data"]), last["links"]["next"]) == (11, None)


def test_answers_with_everything_at_once() -> None:
    """An array that no parameter cuts."""
    with FakeBonzo(small_account(), options=Options(shape="whole")) as server:
        assert len(Reader(server)("/prospects", page=2, per_page=5).json()) == 61
