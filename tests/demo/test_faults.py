"""Each fault switch does to a request what its name says."""

from __future__ import annotations

import socket
import time

import pytest
import requests

from demo import payloads
from demo.faults import Fault
from tests.demo.conftest import Reader


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("too_many", 429),
        ("bad_gateway", 502),
        ("unavailable", 503),
        ("not_json", 200),
        ("unauthorized", 401),
        ("forbidden", 403),
        ("not_found", 404),
        ("redirect", 302),
    ],
)
def test_replaces_the_answer(read: Reader, kind: str, status: int) -> None:
    """The request that is hit gets the fault's status, the next one is fine."""
    read.server.faults.add(Fault(kind, location="http://elsewhere.example/"))
    assert read("/tags").status_code == status
    assert read("/tags").json() == {"data": []}


def test_retry_after_is_as_given(read: Reader) -> None:
    """429 comes with the Retry-After given, and without one if none is."""
    read.server.faults.add(Fault("too_many", retry_after="7"))
    read.server.faults.add(Fault("too_many"))
    assert read("/tags").headers["Retry-After"] == "7"
    assert "Retry-After" not in read("/tags").headers


@pytest.mark.parametrize("kind", ["drop", "cut"])
def test_breaks_the_connection(read: Reader, kind: str) -> None:
    """The connection ends before, or in the middle of, the body."""
    read.server.faults.add(Fault(kind))
    with pytest.raises(requests.RequestException):
        read("/prospects")
    assert read("/prospects").status_code == 200


def test_truncates_the_json(read: Reader) -> None:
    """A truncated body is complete for HTTP and no JSON."""
    read.server.faults.add(Fault("truncated"))
    answer = read("/prospects")
    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r"line \d+ column \d+"):
        answer.json()


def test_is_slow(read: Reader) -> None:
    """A slow reply is right, and late."""
    read.server.faults.add(Fault("slow", seconds=0.3))
    start = time.monotonic()
    assert read("/prospects").json()["meta"]["total"] == 61
    assert time.monotonic() - start >= 0.3


def test_spoils_a_page(read: Reader) -> None:
    """A page may be empty, claim to be the last, or repeat the one before."""
    for kind in ("empty_page", "shrink", "repeat"):
        read.server.faults.add(Fault(kind, path="page=2"))
    assert read("/prospects", page=2).json()["data"] == []
    assert read("/prospects", page=2).json()["meta"]["last_page"] == 1
    first = read("/prospects", page=1).json()["data"]
    assert read("/prospects", page=2).json()["data"] == first
    assert read("/prospects", page=2).json()["data"] != first


def test_waits_for_its_turn(read: Reader) -> None:
    """A fault leaves the first requests alone and hits as many as told."""
    fault = read.server.faults.add(Fault("forbidden", "tags", after=2, times=2))
    assert [read("/tags").status_code for _ in range(5)] == [200, 200, 403, 403, 200]
    assert fault.hits == read.server.faults.hits == 2


def test_runs_something_between_two_pages(read: Reader) -> None:
    """An action runs once, before the request that it waits for."""
    fresh = payloads.prospect(99, "2026-02-01T00:00:00.000000Z")
    put = read.server.account.put_prospect
    read.server.faults.before("page=2", lambda: put(fresh))
    first = [row["id"] for row in read("/prospects", page=1).json()["data"]]
    second = [row["id"] for row in read("/prospects", page=2).json()["data"]]
    assert first[-1] == second[0] == 37


def test_refuses_an_unknown_kind() -> None:
    """A misspelled fault is an error, not a silent nothing."""
    with pytest.raises(ValueError, match="Unknown fault"):
        Fault("two_many")


def test_refuses_with_any_status(read: Reader) -> None:
    """`refused` has the status that it was given."""
    read.server.faults.add(Fault("refused", status=418))
    assert read("/tags").status_code == 418


def test_edits_an_answer(read: Reader) -> None:
    """`edit` sends what a function makes of the right answer."""
    read.server.faults.add(Fault("edit", edit=lambda body: [len(body["data"])]))
    assert read("/prospects").json() == [25]


@pytest.mark.parametrize("kind", ["slow_headers", "slow_body"])
def test_drips(read: Reader, kind: str) -> None:
    """One line or one byte at a time: a read never waits long, and none is the last."""
    read.server.faults.add(Fault(kind, seconds=0.05))
    address = read.server.url.partition("//")[2].partition("/")[0].split(":")
    with socket.create_connection((address[0], int(address[1])), timeout=5) as drip:
        token = read.server.token
        drip.sendall(
            f"GET /api/v3/prospects HTTP/1.1\r\nAuthorization: Bearer {token}"
            "\r\n\r\n".encode()
        )
        received = [drip.recv(65536) for _ in range(12)]
    assert all(received)
    assert sum(map(len, received[1:])) < 400


def test_sends_a_bomb(read: Reader) -> None:
    """Little on the wire, much in memory."""
    read.server.faults.add(Fault("bomb", megabytes=3))
    assert len(read("/prospects").content) == 3 * 2**20


def test_sends_without_end(read: Reader) -> None:
    """Chunk after chunk, for as long as somebody reads."""
    read.server.faults.add(Fault("endless"))
    with requests.get(
        f"{read.server.url}/prospects",
        headers={"Authorization": f"Bearer {read.server.token}"},
        stream=True,
        timeout=5,
    ) as answer:
        chunks = answer.iter_content(2**20)
        assert sum(len(next(chunks)) for _ in range(20)) > 10 * 2**20
