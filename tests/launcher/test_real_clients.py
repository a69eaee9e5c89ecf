"""Two clients' dashboards at once, with the real Rill: each shows its own numbers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from demo.server import FakeBonzo
from launcher.rill import binary
from loader import rill_note
from tests.conftest import ROOT
from tests.launcher.test_clients import accounts, install, make
from tests.loader.records import prospect

pytestmark = [pytest.mark.rill, pytest.mark.timeout(1500)]
__all__ = ["accounts", "install"]


def serve(client: str) -> tuple[subprocess.Popen[str], str]:
    """Run `start` for a client until it prints an address; return that line."""
    process = subprocess.Popen(
        [sys.executable, "-m", "launcher", "start"],
        cwd=ROOT,
        env={**os.environ, "BONZO_CLIENT": client},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    printed = ""
    for line in process.stdout:
        printed += line
        if line.startswith("Dashboards:"):
            return process, line.split()[1]
    pytest.fail(printed)


def leads(address: str) -> int:
    """The number of leads that a running Rill shows."""
    server = address.partition("/canvas")[0]
    answer = requests.post(
        f"{server}/v1/instances/default/query",
        json={"sql": "select count(*) as leads from leads"},
        timeout=60,
    )
    answer.raise_for_status()
    return int(answer.json()["data"][0]["leads"])


def test_each_client_has_its_own_dashboards(
    install: Path, accounts: tuple[FakeBonzo, FakeBonzo]
) -> None:
    """Started at once they run on ports of their own; one ends without the other."""
    if binary.find(ROOT) is None:
        pytest.skip("no `rill` on PATH: only what runs without it was tested")
    accounts[1].account.put_prospect(prospect(2))
    started = {}
    try:
        for name, account in zip(("acme", "birch"), accounts, strict=True):
            make(
                install, name, BONZO_API_TOKEN=account.token, BONZO_BASE_URL=account.url
            )
        with ThreadPoolExecutor() as threads:
            both = ("acme", "birch")
            started |= dict(zip(both, threads.map(serve, both), strict=True))
        addresses = {name: address for name, (_, address) in started.items()}
        assert addresses["acme"] != addresses["birch"]
        assert {n: leads(a) for n, a in addresses.items()} == {"acme": 1, "birch": 2}
        end(started.pop("acme")[0])
        assert leads(addresses["birch"]) == 2
        state = install / "clients" / "acme" / ".data"
        assert rill_note.read(state) is None
        assert not (install / "rill" / "tmp").exists()
    finally:
        for process, _ in started.values():
            end(process)


def end(process: subprocess.Popen[str]) -> None:
    """Interrupt a `start` and wait for its end."""
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0
    process.stdout.close()
