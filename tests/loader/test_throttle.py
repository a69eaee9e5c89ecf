"""The pace of requests: under the limit, close to it, and never in bursts."""

from __future__ import annotations

import threading
import time
from itertools import pairwise

import pytest

from demo.faults import Fault
from demo.limits import RateLimit
from demo.server import FakeBonzo
from loader.bonzo.client import BonzoClient
from loader.bonzo.throttle import Throttle
from tests.loader.records import prospect
from tests.quick_settings import quick_settings


class Time:
    """A clock that moves only when somebody waits."""

    def __init__(self) -> None:
        self.now = 1000.0

    def wait(self, seconds: float) -> None:
        self.now += seconds

    def __call__(self) -> float:
        return self.now


def throttle(limit: int, window: float = 60.0) -> tuple[Throttle, Time]:
    """A throttle on a clock of ours."""
    clock = Time()
    return Throttle(limit, window, wait=clock.wait, clock=clock), clock


def slots(pace: Throttle, clock: Time, count: int) -> list[float]:
    """When so many slots were handed out."""
    found = []
    for _ in range(count):
        pace.acquire()
        found.append(clock.now)
    return found


def test_slots_are_even_and_use_the_limit() -> None:
    """Between 95 and 100 percent of the limit, at equal distances."""
    pace, clock = throttle(600)
    taken = slots(pace, clock, 601)
    rate = 600 / (taken[-1] - taken[0]) * 60
    assert 0.95 * 600 <= rate <= 600
    gaps = {round(b - a, 6) for a, b in pairwise(taken)}
    assert len(gaps) == 1


def test_no_burst_after_idling() -> None:
    """Time that nobody used gives no credit."""
    pace, clock = throttle(60)
    slots(pace, clock, 3)
    clock.now += 300
    taken = slots(pace, clock, 10)
    assert taken[-1] - taken[0] >= 9


def test_no_burst_after_a_pause() -> None:
    """When the service asks to wait, the even pace goes on afterwards."""
    pace, clock = throttle(60)
    slots(pace, clock, 5)
    start = clock.now
    pace.pause(30)
    taken = slots(pace, clock, 10)
    assert taken[0] >= start + 30
    assert taken[-1] - taken[0] >= 9


def test_the_services_limit_replaces_the_setting() -> None:
    """X-RateLimit-Limit is followed up and down."""
    pace, clock = throttle(60)
    pace.acquire()
    pace.update_from_headers({"X-RateLimit-Limit": "6000"})
    fast = slots(pace, clock, 102)
    assert fast[-1] - fast[1] == pytest.approx(1 / 0.98, rel=0.02)
    pace.update_from_headers({"X-RateLimit-Limit": "30"})
    slow = slots(pace, clock, 4)
    assert slow[-1] - slow[1] == pytest.approx(4 / 0.98, rel=0.02)


def test_headers_that_are_no_numbers_are_ignored() -> None:
    """Nonsense in a header changes nothing."""
    pace, _ = throttle(60)
    pace.update_from_headers(
        {"X-RateLimit-Limit": "many", "X-RateLimit-Remaining": "-"}
    )
    assert pace.limit == 60


def test_others_use_of_the_same_limit_slows_us_down() -> None:
    """Where little remains of a window that began, the rest is spread over it."""
    pace, clock = throttle(600)
    pace.update_from_headers({"X-RateLimit-Remaining": "10"})
    pace.update_from_headers({"X-RateLimit-Remaining": "600"})
    clock.now += 30
    pace.update_from_headers({"X-RateLimit-Remaining": "30"})
    pace.acquire()
    taken = slots(pace, clock, 10)
    assert taken[-1] - taken[0] > 5


def test_a_limited_service_is_used_well(
    server: FakeBonzo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At least 95 percent of the allowed rate, without a single refusal."""
    server.account.put_prospect(prospect(1))
    server.rate_limit = RateLimit(60, 3.0)
    client = BonzoClient(quick_settings(server, rate_limit=60, rate_window=3.0))
    times: list[float] = []
    acquire = client.throttle.acquire

    def noted() -> None:
        acquire()
        times.append(time.monotonic())

    monkeypatch.setattr(client.throttle, "acquire", noted)

    def work() -> None:
        for _ in range(10):
            client.get_page("/prospects/1/communication", 1)

    # So many that on a busy machine some are always on time for their slot.
    workers = [threading.Thread(target=work) for _ in range(12)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    rate = (len(times) - 1) / (max(times) - min(times))
    assert server.rate_limit.refused == 0
    assert 0.95 * 20 <= rate <= 20


def test_a_refusal_stops_all_workers(server: FakeBonzo) -> None:
    """While one waits as asked, no other asks either."""
    server.account.put_prospect(prospect(1))
    client = BonzoClient(quick_settings(server))
    server.faults.add(Fault("too_many", "communication", after=5, retry_after="1"))
    times: list[float] = []

    def work() -> None:
        for _ in range(10):
            client.get_page("/prospects/1/communication", 1)
            times.append(time.monotonic())

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    times.sort()
    assert max(b - a for a, b in pairwise(times)) >= 0.9
    assert len(times) == 40


def test_a_wait_for_the_limit_is_announced() -> None:
    """Whoever watches learns of a wait of more than half a minute."""
    clock = Time()
    waits: list[float] = []
    pace = Throttle(60, 60.0, wait=clock.wait, clock=clock, notice=waits.append)
    slots(pace, clock, 3)
    assert waits == []
    pace.update_from_headers({"X-RateLimit-Limit": "1"})
    slots(pace, clock, 3)
    assert waits[0] == pytest.approx(60 / 0.98)


@pytest.mark.parametrize(
    ("limit", "is_far"), [("1", True), ("249", True), ("250", False), ("9999", False)]
)
def test_far_slower_is_a_tenth_of_the_usual(limit: str, is_far: bool) -> None:
    """Compared with the settings, whichever way the service changes the limit."""
    pace, _ = throttle(2500)
    pace.update_from_headers({"X-RateLimit-Limit": limit})
    assert pace.is_far_slower is is_far


@pytest.mark.parametrize("value", ["²", "१२", "9" * 13, "1e3", "-1", "", "0"])
def test_odd_limits_change_nothing(value: str) -> None:
    """Digits of other scripts, numbers beyond reason, and none at all."""
    pace, clock = throttle(60)
    pace.update_from_headers(
        {"X-RateLimit-Limit": value, "X-RateLimit-Remaining": value}
    )
    taken = slots(pace, clock, 3)
    assert pace.limit == 60
    assert taken[-1] - taken[0] == pytest.approx(2 / 0.98)
