"""A Rill that hangs is started again, and everybody else copes with it."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable

import pytest

from launcher import processes
from launcher.rill import process, serve
from loader import rill_note, running_rill, unread_data
from loader.errors import LoaderError
from loader.silence import Silence
from tests.launcher.test_serve import Running, running

__all__ = ["running"]

# What takes minutes for a real Rill takes seconds here.
QUICK = """
from launcher.rill import process, watch
from loader import running_rill
process.STOP_SECONDS = 1
running_rill.TIMEOUT = 1
watch.PAUSE, watch.HUNG_SECONDS = 0.2, 3
"""
PATIENT = QUICK + "watch.HUNG_SECONDS = 600"
AGAIN = "Rill has not answered for"


def hang(running: Running) -> None:
    """Have the Rill that runs hang, and wait until `serve` says so."""
    (running.project / "hang").touch()
    running.read_until(AGAIN)
    (running.project / "hang").unlink()


def starts(running: Running) -> int:
    """How often Rill was started."""
    return len((running.project / "starts").read_text().splitlines())


def version(running: Running) -> str:
    """What has the next start of Rill read everything."""
    return (running.project / ".env").read_text()


def test_it_is_started_again(running: Running) -> None:
    """On the same port, reading everything; one sentence says so; Ctrl-C ends it."""
    running.start(QUICK)
    before, read_before = rill_note.read(running.state), version(running)
    hang(running)
    running.read_until("Dashboards:")
    after = rill_note.read(running.state)
    assert starts(running) == 2
    assert (after.port, after.launcher) == (before.port, before.launcher)
    assert after.pid != before.pid
    assert not processes.alive(before.pid)
    assert version(running) != read_before
    assert running_rill.refresh(running.project, running.state, everything=True)
    assert running.said.count(AGAIN) == 1
    assert running.end(signal.SIGINT) == 0
    assert not running_rill.answers(running.port)
    assert rill_note.read(running.state) is None


def test_it_is_started_again_while_it_builds(running: Running) -> None:
    """One that hangs before its dashboards are ready is no different."""
    for name in ("building", "hang"):
        (running.project / name).touch()
    running.start(QUICK, until=AGAIN)
    for name in ("building", "hang"):
        (running.project / name).unlink()
    running.read_until("Dashboards:")
    assert running.said.count("Dashboards:") == 1
    assert starts(running) == 2


def test_a_rill_that_hangs_every_time(running: Running) -> None:
    """After three times within half an hour it is not started a fourth time."""
    running.start(QUICK)
    (running.project / "hang").touch()
    assert running.process.wait(60) == 1
    said = running.process.stdout.read()
    assert said.count(AGAIN) == 2
    assert "Rill hung 3 times within 30 minutes" in said
    assert starts(running) == 3
    assert not running_rill.answers(running.port)
    assert not rill_note.is_served(running.state)


def by_signal(number: int) -> Callable[[Running], int]:
    """End `serve` as a terminal or a service manager does."""
    return lambda running: running.end(number)


def by_stop(running: Running) -> int:
    """End `serve` as `make stop` does."""
    assert process.stop(running.project, running.state)
    return running.process.wait(5)


ENDS = [by_signal(signal.SIGINT), by_signal(signal.SIGTERM), by_stop]


@pytest.mark.parametrize("end", ENDS, ids=["ctrl-c", "sigterm", "stop"])
@pytest.mark.parametrize("moment", ["hanging", "starting again", "suspended"])
def test_it_ends_at_any_moment(
    running: Running, end: Callable[[Running], int], moment: str
) -> None:
    """Rill and `serve` are gone, with exit code 0, and no note is left."""
    running.start(QUICK if moment == "starting again" else PATIENT)
    if moment == "starting again":
        (running.project / "slow").write_text("600")
        hang(running)
        assert processes.wait_for(lambda: starts(running) == 2, 10)
    elif moment == "hanging":
        (running.project / "hang").touch()
        time.sleep(1)
    else:  # a stopped process answers nothing, and does not end when asked to
        os.kill(rill_note.read(running.state).pid, signal.SIGSTOP)
    rill = rill_note.read(running.state).pid
    assert end(running) == 0
    assert not processes.alive(rill)
    assert "Traceback" not in running.process.stdout.read()
    assert not rill_note.is_served(running.state)
    assert rill_note.read(running.state) is None


def test_stop_reaches_a_suspended_launcher(running: Running) -> None:
    """After Ctrl-Z, too."""
    running.start()
    running.process.send_signal(signal.SIGSTOP)
    assert by_stop(running) == 0


def test_a_load_waits_until_it_is_started_again(running: Running) -> None:
    """What the load wrote is read once, by the new Rill, and nothing fails."""
    running.start(QUICK)
    refreshed: list[bool] = []
    load = threading.Thread(
        target=lambda: refreshed.append(
            running_rill.refresh(running.project, running.state, everything=True)
        )
    )
    (running.project / "hang").touch()
    load.start()
    hang(running)
    running.read_until("Dashboards:")
    load.join(60)
    assert refreshed == [True]
    assert not unread_data.find(running.state).is_due(unread_data.utc_now())


def test_a_load_waits_for_one_that_does_not_listen_yet(running: Running) -> None:
    """Between the end of one Rill and the start of the next nobody answers."""
    running.start(QUICK)
    (running.project / "slow").write_text("3")
    hang(running)
    assert running_rill.of_project(running.project, running.state) is not None
    assert running_rill.refresh(running.project, running.state, everything=True)


def test_a_load_is_told_when_it_is_not_started_again(running: Running) -> None:
    """It does not wait for a Rill that nobody serves any more."""
    running.start(QUICK)
    (running.project / "fail").touch()
    (running.project / "hang").write_text("0")
    with pytest.raises(LoaderError, match=r"^The load is stored, but .* Rill ended"):
        running_rill.refresh_after("The load is stored", running.project, running.state)
    assert running.process.wait(20) == 1
    assert "the moon is in the wrong house" in running.process.stdout.read()


def test_a_busy_rill_is_left_alone(running: Running) -> None:
    """One that is building for longer than a hang takes to be noticed answers."""
    (running.project / "building").touch()
    running.start(QUICK, until="Rill is building")
    time.sleep(5)
    (running.project / "building").unlink()
    running.read_until("Dashboards:")
    assert AGAIN not in running.said
    assert starts(running) == 1


def test_one_launcher_at_a_time(running: Running) -> None:
    """A second one is refused, and the first goes on."""
    running.start()
    with pytest.raises(LoaderError, match="another `make start` serves this project"):
        serve.serve(running.rill, running.project, running.state, print)
    assert running_rill.of_project(running.project, running.state) is not None
    assert starts(running) == 1


def test_sleep_is_not_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that slept for a day has asked once, and in vain for seconds."""
    now = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    silence = Silence(most=15)
    for now in (5.0, 10.0, 86_400.0):  # noqa: B007 (read by the clock)
        silence.note(answered=False)
    assert silence.seconds == 25
    silence.note(answered=True)
    assert silence.seconds == 0


def test_a_refusal_is_an_answer(running: Running) -> None:
    """A Rill that reports an error does not hang; one that is away does not answer."""
    running.start()
    assert running_rill.Runtime(running.port).responds()
    running.end(signal.SIGINT)
    assert not running_rill.Runtime(running.port).responds()


def test_note_of_a_killed_launcher(running: Running) -> None:
    """It is not taken for one that serves, though it says so."""
    running.start()
    running.end(signal.SIGKILL)
    assert rill_note.read(running.state) is not None
    assert not rill_note.is_served(running.state)
