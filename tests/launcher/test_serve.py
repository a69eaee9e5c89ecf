"""Starting, refreshing and stopping Rill, against a fake `rill` program."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from launcher import processes
from launcher.rill import process, serve
from loader import running_rill, unread_data
from loader.errors import LoaderError

RILL = Path(__file__).parents[2] / "rill"
FAKE = Path(__file__).with_name("fake_rill.py")
RUN = """
import sys
from pathlib import Path
from launcher.rill import serve
say = lambda text: print(text, flush=True)
rill, project, state = map(Path, sys.argv[1:])
sys.exit(serve.serve(rill, project, state, say))
"""


class Running:
    """A project whose Rill is served by a process of ours."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "rill"
        self.state = folder / "state"
        self.rill = folder / "rill-program"
        self.port = next(processes.free_ports(58000 + os.getpid() % 1000))
        self.process: subprocess.Popen[str] | None = None
        self.project.mkdir()
        self.rill.write_text(f"#!{sys.executable}\n{FAKE.read_text()}")
        self.rill.chmod(0o755)

    def start(
        self, before: str = "", until: str = "Dashboards:", **environment: str
    ) -> None:
        """Run `before` and `serve` until it prints such a line or ends."""
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                f"{before}\n{RUN}",
                self.rill,
                self.project,
                self.state,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "BONZO_RILL_PORT": str(self.port), **environment},
        )
        self.said = ""
        self.read_until(until)

    def read_until(self, beginning: str) -> None:
        """Read what `serve` prints until a line that begins so, or its end."""
        assert self.process is not None
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line
            if line.startswith(beginning):
                break

    def end(self, number: int) -> int:
        """Send a signal and return the exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(20)


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """A prepared project, not yet served; its processes end with the test."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    found = Running(tmp_path)
    yield found
    if found.process:
        if found.process.poll() is None:
            found.end(signal.SIGINT)
        found.process.stdout.close()


def test_address_is_printed_when_ready(running: Running) -> None:
    """The address names the port and the page to begin with."""
    running.start()
    assert f"http://localhost:{running.port}/canvas/today" in running.said
    assert running_rill.of_project(running.project, running.state).port == running.port


def test_two_that_start_at_once_get_a_port_each(
    running: Running, tmp_path: Path
) -> None:
    """Who loses the race for a port takes the next, and prints its own address."""
    (tmp_path / "other").mkdir()
    both = running, Running(tmp_path / "other")
    default = "from loader import running_rill; running_rill.DEFAULT_PORT = {}"
    threads = []
    for one in both:
        (one.project / "slow").write_text("3")
        arguments = {"before": default.format(running.port), "BONZO_RILL_PORT": ""}
        threads.append(threading.Thread(target=one.start, kwargs=arguments))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    try:
        found = [running_rill.of_project(one.project, one.state) for one in both]
        served = {rill.port: rill.project_path() for rill in found}
        assert sorted(served) == [running.port, running.port + 1]
        for one, rill in zip(both, found, strict=True):
            assert rill.project_path() == one.project.resolve()
            assert f"http://localhost:{rill.port}/canvas/today" in one.said
            starts = (one.project / "starts").read_text().splitlines()
            assert len(starts) == 1 + (rill.port != running.port)
    finally:
        both[1].end(signal.SIGINT)
        both[1].process.stdout.close()


def test_rill_keeps_old_tables_and_calls_nobody(running: Running) -> None:
    """Rill gets staged changes, no browser, no cloud, and reports no usage."""
    running.start()
    arguments = json.loads((running.project / "arguments.json").read_text())
    for wanted in ("--env=rill.stage_changes=true", "--no-open", "--pull-env=false"):
        assert wanted in arguments
    config = Path(os.environ["HOME"]) / ".rill" / "config.yaml"
    assert yaml.safe_load(config.read_text()) == {"analytics_enabled": False}


def test_users_own_telemetry_choice_stands(tmp_path: Path) -> None:
    """What the user decided about usage reports is not touched."""
    config = tmp_path / ".rill" / "config.yaml"
    config.parent.mkdir()
    config.write_text("analytics_enabled: true\n")
    serve.switch_telemetry_off(tmp_path)
    assert config.read_text() == "analytics_enabled: true\n"


def test_rills_other_settings_are_kept(tmp_path: Path) -> None:
    """A last line without its end is not continued."""
    config = tmp_path / ".rill" / "config.yaml"
    config.parent.mkdir()
    config.write_text("default_org: acme")
    serve.switch_telemetry_off(tmp_path)
    kept = {"default_org": "acme", "analytics_enabled": False}
    assert yaml.safe_load(config.read_text()) == kept


@pytest.mark.parametrize("content", [b"{a: b}", b"[a]", b"words", b"a: \xfc\n"])
def test_settings_of_rill_that_take_no_line_are_named(
    tmp_path: Path, content: bytes
) -> None:
    """They stay as they are."""
    config = tmp_path / ".rill" / "config.yaml"
    config.parent.mkdir()
    config.write_bytes(content)
    with pytest.raises(LoaderError, match="repair the file"):
        serve.switch_telemetry_off(tmp_path)
    assert config.read_bytes() == content


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupt_ends_cleanly(running: Running, number: int) -> None:
    """Ctrl-C and SIGTERM end Rill too, with exit code 0 and no traceback."""
    running.start()
    assert running.end(number) == 0
    assert "Traceback" not in running.process.stdout.read()
    assert not running_rill.answers(running.port)
    assert running_rill.of_project(running.project, running.state) is None


def test_rill_ends_with_a_killed_parent(running: Running) -> None:
    """Even kill -9 of our process leaves no Rill behind."""
    running.start()
    running.end(signal.SIGKILL)
    assert processes.wait_for(lambda: not running_rill.answers(running.port), 10)


def test_error_of_a_resource_is_shown(running: Running) -> None:
    """What could not be built is named; the rest is served."""
    (running.project / "error").touch()
    running.start()
    assert "not built: model leads: no such column" in running.said
    assert "Dashboards:" in running.said


def test_nothing_built_is_a_failure(running: Running) -> None:
    """Where no page could be built no address is printed: one sentence, code 1."""
    (running.project / "nothing").touch()
    running.start()
    assert running.process.wait(20) == 1
    assert "Rill could build no dashboard (2 errors" in running.said
    assert "no such column" in running.said
    assert "Dashboards:" not in running.said
    assert not running_rill.answers(running.port)


def test_rill_that_ends_by_itself(running: Running) -> None:
    """Rill's own last line is in the error, and the exit code is not 0."""
    (running.project / "fail").touch()
    running.start()
    assert running.process.wait(20) == 1
    assert "the moon is in the wrong house" in running.said


def test_chosen_port_taken(monkeypatch: pytest.MonkeyPatch, running: Running) -> None:
    """A chosen port that is taken is an error naming port and variable."""
    with socket.create_server(("127.0.0.1", running.port)):
        monkeypatch.setenv("BONZO_RILL_PORT", str(running.port))
        with pytest.raises(LoaderError, match=f"port {running.port} is taken.*RILL_P"):
            serve.serve(running.rill, running.project, running.state, print)
    assert not (running.project / "arguments.json").exists()


def test_default_port_taken_moves_on(
    monkeypatch: pytest.MonkeyPatch, running: Running
) -> None:
    """A default port that is taken is reported, and the next free one used."""
    said: list[str] = []
    (running.project / "fail").touch()
    with socket.create_server(("127.0.0.1", running.port)):
        monkeypatch.setattr(running_rill, "DEFAULT_PORT", running.port)
        with pytest.raises(LoaderError, match="Rill exited"):
            serve.serve(running.rill, running.project, running.state, said.append)
    assert said[0].startswith(f"Port {running.port} is taken, so Rill uses ")


def test_refresh_reaches_the_running_rill(running: Running) -> None:
    """A refresh triggers a re-read on the recorded port."""
    running.start()
    assert running_rill.refresh(running.project, running.state, everything=True)
    assert (running.project / "triggers").read_text() == "1"


def asked(running: Running) -> dict:
    """What Rill was asked last to read again."""
    return json.loads((running.project / "asked.json").read_text())


def test_refresh_reads_what_changed(running: Running) -> None:
    """A start reads everything; then nothing but the age, or what a load noted."""
    shutil.copytree(RILL / "sources", running.project / "sources")
    running.start()
    assert "data_version=" in (running.project / ".env").read_text()
    assert not running_rill.refresh(running.project, running.state)
    age = {"kind": "rill.runtime.v1.Model", "name": "load_age"}
    assert asked(running) == {"resources": [age]}
    known = unread_data.find(running.state)
    unread_data.note(running.state, replace(known, tables=frozenset({"loans"})))
    assert running_rill.refresh(running.project, running.state)
    names = {resource["name"] for resource in asked(running)["resources"]}
    assert names == {
        "bonzo_loans", "load_age", "loader_sync_prospects", "loader_sync_runs",
    }  # fmt: skip
    assert running_rill.refresh(running.project, running.state, everything=True)
    assert asked(running) == {"all": True}


def test_failed_refresh_is_made_up_for(running: Running) -> None:
    """What Rill could not read stays unread."""
    running.start()
    (running.project / "error").touch()
    with pytest.raises(LoaderError, match="no such column"):
        running_rill.refresh(running.project, running.state, everything=True)
    known = unread_data.find(running.state)
    unread_data.note(running.state, replace(known, tables=frozenset({"loans"})))
    with pytest.raises(LoaderError, match="no such column"):
        running_rill.refresh(running.project, running.state)
    (running.project / "error").unlink()
    assert running_rill.refresh(running.project, running.state)


def test_refresh_is_repeated(running: Running) -> None:
    """A Rill that refuses for a moment is asked again."""
    (running.project / "refuse").write_text("1")
    running.start()
    assert running_rill.refresh(running.project, running.state, everything=True)
    assert (running.project / "triggers").read_text() == "2"


def test_refresh_tells_what_failed(running: Running) -> None:
    """An error of the re-read reaches the caller."""
    running.start()
    (running.project / "error").touch()
    with pytest.raises(LoaderError, match="no such column"):
        running_rill.refresh(running.project, running.state, everything=True)
    with pytest.raises(LoaderError, match=r"^The load is stored, but Rill .*column"):
        running_rill.refresh_after("The load is stored", running.project, running.state)


def test_refresh_without_rill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With no Rill running nothing happens, and the caller knows."""
    monkeypatch.setattr(running_rill, "DEFAULT_PORT", 9)
    assert not running_rill.refresh(tmp_path, tmp_path)
    # The next one to start has to read everything.
    assert "data_version=" in (tmp_path / ".env").read_text()


def test_another_projects_rill_is_left_alone(
    running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Rill of another project on the default port is neither used nor ended."""
    running.start()
    monkeypatch.setattr(running_rill, "DEFAULT_PORT", running.port)
    other = tmp_path / "other"
    process.record(other, running.port, running.process.pid)
    assert not running_rill.refresh(other, other)
    assert not process.stop(other, other)
    time.sleep(0.1)
    assert running_rill.answers(running.port)


def test_stop_ends_the_recorded_rill(running: Running) -> None:
    """`stop` ends Rill, and the command that served it ends by itself."""
    running.start()
    assert process.stop(running.project, running.state)
    assert running.process.wait(20) == 0
    assert not process.stop(running.project, running.state)
