"""The command `demo-server` serves the demo until it is interrupted."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner

from launcher.cli import main

SOME_DAYS_AGO = (date.today() - timedelta(days=60)).isoformat()
NEXT_MORNING = (date.today() - timedelta(days=59)).isoformat() + "T06"
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def process() -> Iterator[subprocess.Popen]:
    """A running `demo-server` of 40 prospects, as of a past day."""
    arguments = ["demo-server", "--prospects", "40", "--at", SOME_DAYS_AGO]
    started = subprocess.Popen(
        [sys.executable, "-m", "launcher", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs the tests in the background has a shell ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    yield started
    started.kill()
    started.communicate()


def test_serves_until_interrupted(process: subprocess.Popen) -> None:
    """It prints the two settings that the loader needs, and ends on Ctrl-C."""
    lines = [process.stdout.readline().strip() for _ in range(2)]
    given = dict(line.split("=", 1) for line in lines)
    answer = requests.get(
        given["BONZO_BASE_URL"] + "/prospects",
        headers={"Authorization": f"Bearer {given['BONZO_API_TOKEN']}"},
        timeout=10,
    )
    assert 0 < answer.json()["meta"]["total"] < 40
    assert answer.json()["data"][0]["created_at"] < NEXT_MORNING
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=10) == 0


def test_a_taken_port_is_named() -> None:
    """A port in use is an error that says what to do."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        result = CliRunner().invoke(
            main, ["demo-server", "--prospects", "5", "--port", port]
        )
    assert result.exit_code == 1
    assert "choose another with --port" in result.output


def test_a_bad_date_is_named() -> None:
    """A date that is none is an error with an example."""
    result = CliRunner().invoke(main, ["demo-server", "--at", "yesterday"])
    assert result.exit_code == 1
    assert "2026-03-31" in result.output
