"""The loader's own process is killed, stopped, or not alone."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable
from random import Random

import psycopg
import pytest

from demo.faults import Fault
from demo.server import FakeBonzo
from loader.errors import LoaderError
from tests.faults.loading import load, start
from tests.faults.registry import shows

Differ = Callable[[str], list[str]]
MESSAGES = "/communication"
# What a first load of the account asks for: pages, lists, and every inbox.
REQUESTS = 40


def wait_for_requests(process: subprocess.Popen, server: FakeBonzo, count: int) -> None:
    """Return once the loader has asked for so much, or has ended."""
    deadline = time.monotonic() + 60
    while len(server.log) < count and process.poll() is None:
        assert time.monotonic() < deadline, "the loader asks for nothing"
        time.sleep(0.002)


def slow_down(server: FakeBonzo, seconds: float = 0.03) -> None:
    """Make a load last long enough to be caught at it."""
    server.faults.add(Fault("slow", MESSAGES, times=None, seconds=seconds))


def kill_at(dsn: str, server: FakeBonzo, moment: int, pause: float) -> bool:
    """Start a load and kill it after some requests; tell whether it was alive."""
    server.reset_counts()
    process = start(dsn, server, "--no-refresh", workers=2)
    wait_for_requests(process, server, moment)
    time.sleep(pause)
    alive = process.poll() is None
    process.kill()
    process.communicate()
    return alive


@pytest.mark.parametrize("seed", [1, 2, 3])
@shows(
    "`kill -9`",
    "whole batches stay, the one in hand never happened; the next run completes",
)
def test_survives_a_kill(
    database: str, server: FakeBonzo, differences: Differ, seed: int
) -> None:
    """Killed at a random moment, the next load brings everything in order."""
    rng = Random(seed)
    slow_down(server)
    assert kill_at(database, server, rng.randrange(4, REQUESTS), rng.random() * 0.05)
    with psycopg.connect(database) as connection:
        (unread,) = connection.execute(
            "select count(*) from loader.sync_prospects "
            "where fingerprint is not null and messages_read_at is null"
        ).fetchone()
    assert unread == 0
    server.faults.clear()
    assert load(database, server).outcome == "complete"
    assert differences(database) == []


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_survives_fifty_kills(
    database: str, server: FakeBonzo, differences: Differ
) -> None:
    """Killed fifty times in a row, at random moments, nothing is lost or doubled."""
    rng, killed = Random(0), 0
    slow_down(server)
    while killed < 50:
        killed += kill_at(
            database, server, rng.randrange(1, REQUESTS), rng.random() * 0.05
        )
        if rng.random() < 0.3:
            # Something to do for the next one, too.
            with psycopg.connect(database) as connection:
                connection.execute(
                    "update loader.sync_prospects set fingerprint = null "
                    "where random() < 0.5"
                )
    server.faults.clear()
    assert load(database, server).outcome == "complete"
    assert differences(database) == []


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
)
@shows(
    "Ctrl-C or SIGTERM",
    "the batch in hand is rolled back, exit code 130 or 143; the next run completes",
)
def test_stops_when_asked(
    database: str,
    server: FakeBonzo,
    differences: Differ,
    number: signal.Signals,
    code: int,
) -> None:
    """A stopped load ends soon, with the signal's exit code and one sentence."""
    slow_down(server)
    process = start(database, server, "--no-refresh", workers=1)
    wait_for_requests(process, server, 12)
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    assert process.returncode == code
    assert "next load goes on" in said
    assert "Traceback" not in said
    server.faults.clear()
    assert load(database, server).outcome == "complete"
    assert differences(database) == []


@shows(
    "a second loader on the same database",
    "it says who is at work and ends with exit code 1; the first one is not disturbed",
)
def test_a_second_loader_gives_way(
    database: str, server: FakeBonzo, differences: Differ
) -> None:
    """Two loaders never write to one database at once."""
    # Until the faults are cleared the first cannot end before the second begins.
    slow_down(server, seconds=1)
    first = start(database, server, "--no-refresh", workers=1)
    wait_for_requests(first, server, 8)
    with pytest.raises(LoaderError, match="already running against this database"):
        load(database, server)
    server.faults.clear()
    first.communicate(timeout=60)
    assert first.returncode == 0
    assert differences(database) == []
