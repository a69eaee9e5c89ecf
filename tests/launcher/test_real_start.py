"""`make start` with the real Rill, on a machine that has nothing else."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import requests

from harness.rill_process import two_ports
from launcher.rill import binary
from loader.running_rill import Runtime
from tests.conftest import ROOT
from tests.rill import fill_database, golden

pytestmark = [pytest.mark.rill, pytest.mark.timeout(1500)]

# Whoever goes to the internet gets no answer.
OFFLINE = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
OFFLINE |= {"NO_PROXY": "localhost,127.0.0.1"}
PAGES = ("Canvas", "Explore")


@pytest.fixture
def started(tmp_path: Path, database: str) -> Iterator[tuple[Runtime, list[str]]]:
    """`start` in an empty HOME, until it prints an address; and what it printed."""
    if binary.find(ROOT) is None:
        pytest.skip("no `rill` on PATH: only what runs without it was tested")
    project = tmp_path / "a project ü"
    ignored = shutil.ignore_patterns("tmp", ".env", "demo")
    shutil.copytree(ROOT / "rill", project / "rill", ignore=ignored)
    fill_database.fill(database, project / "rill" / "data", golden.tables())
    with psycopg.connect(database) as connection:
        connection.execute(
            "insert into loader.sync_runs (started_at, finished_at, outcome) "
            "values ('2026-03-31', '2026-03-31', 'complete')"
        )
    port, _ = two_ports()
    given = {
        "BONZO_PROJECT_DIR": str(project),
        "BONZO_RILL_PORT": str(port),
        "DATABASE_URL": database,
        "HOME": str(tmp_path / "home"),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "launcher", "start"],
        cwd=ROOT,
        env={**os.environ, **OFFLINE, **given},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    printed: list[str] = []
    for line in process.stdout:
        printed.append(line.strip())
        if line.startswith("Dashboards:"):
            break
    yield Runtime(port), printed
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0
    process.stdout.close()


def test_serves_every_page_offline(started: tuple[Runtime, list[str]]) -> None:
    """Without internet and with an empty HOME every page is built and served."""
    rill, printed = started
    assert printed[-1].startswith("Dashboards:"), printed
    assert not [line for line in printed if "not built" in line]
    pages = [
        resource
        for resource in rill.resources()
        if resource["meta"]["name"]["kind"].rpartition(".")[2] in PAGES
    ]
    files = list((ROOT / "rill" / "dashboards").glob("*.yaml"))
    assert len(pages) == len(files)
    for page in pages:
        name = page["meta"]["name"]
        kind = name["kind"].rpartition(".")[2].lower()
        assert "validSpec" in page[kind]["state"], name
        answer = requests.get(f"{rill.url}/{kind}/{name['name']}", timeout=30)
        assert answer.ok
        assert "<html" in answer.text.lower()
