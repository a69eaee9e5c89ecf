"""The hang of Rill 0.88: what it answers then, and that it is noticed and ended."""

from __future__ import annotations

import socket
import tempfile
import threading
import time
from pathlib import Path

import pytest
import requests

from harness.rill_process import RunningRill, started
from launcher import processes
from launcher.rill import watch
from tests.rill import fill_database, golden
from tests.rill.running.conftest import MARCH, variables

pytestmark = [pytest.mark.rill, pytest.mark.timeout(1500)]

EVENTS = "/v1/instances/default/sse?events=file,resource&resources_replay=true"
LIVES = [0.05 + 0.07 * n for n in range(10)]  # seconds for which a page is open
PATIENCE = 120


def open_page(port: int, seconds: float) -> None:
    """Listen to Rill's events as a page does, and go away."""
    with socket.create_connection(("127.0.0.1", port)) as page:
        page.sendall(f"GET {EVENTS} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        page.settimeout(0.1)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                page.recv(65536)
            except TimeoutError:
                continue


def made_to_hang(rill: RunningRill) -> bool:
    """Open and close pages while Rill rebuilds, until it hangs."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            rill.runtime.trigger_all()
            for _ in range(10):
                arguments = [(rill.runtime.port, seconds) for seconds in LIVES]
                pages = [threading.Thread(target=open_page, args=a) for a in arguments]
                for page in pages:
                    page.start()
                for page in pages:
                    page.join()
                rill.runtime.resources()
        except requests.Timeout:
            return True
    return False


def test_a_hang_is_noticed_and_a_rebuild_is_none(
    rill_binary: str, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rill is left alone while it builds, and ended when it locked itself."""
    monkeypatch.setattr(watch, "PAUSE", 1)
    monkeypatch.setattr(watch, "HUNG_SECONDS", 40)
    home = Path(tempfile.mkdtemp(prefix="bonzo-hang-"))
    fill_database.fill(database, home / "data", golden.tables())
    settings = MARCH.variables() | variables(database, home / "data")
    with (
        started(rill_binary, home, settings) as rill,
        watch.watching(rill.process, rill.runtime.port) as watched,
    ):
        assert rill.wait() == []
        assert rill.refresh() == []
        assert not watched.found_hung
        if not made_to_hang(rill):
            pytest.skip("this Rill could not be made to hang")
        # It goes on to say who it is, so that alone is no sign of life.
        assert rill.runtime.project_path() == rill.folder.resolve()
        assert processes.wait_for(lambda: rill.process.poll() is not None, 90)
        assert watched.found_hung
    assert "SSEHandler" in (home / "rill.log").read_text()
