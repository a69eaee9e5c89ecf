"""What is measured runs in processes of its own, each for a clean start."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from bench.account import REQUEST_TIMES
from bench.results import Scale

ROOT = Path(__file__).resolve().parent.parent
PEER_PYTHON = ROOT / ".venv-bench" / "bin" / "python"


@dataclass(frozen=True)
class Measurement:
    """What a process took, as far as it says so: seconds of work, peak memory in MB.

    `steps` are the seconds that a load spent after its last page.
    """

    seconds: float
    peak: float = math.nan
    steps: float = math.nan


@contextmanager
def account(scale: Scale, latency: float = 0, limit: int = 0) -> Iterator[str]:
    """Yield the address of a made-up account; see bench.account."""
    arguments = [scale.prospects, scale.engagements, latency, limit]
    source = subprocess.Popen(
        [sys.executable, "-m", "bench.account", *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield f"http://127.0.0.1:{source.stdout.readline().strip()}"
    finally:
        source.kill()
        source.communicate()


def request_times(url: str) -> list[float]:
    """Return when each request reached an account, in seconds."""
    return sorted(requests.get(url + REQUEST_TIMES, timeout=60).json())


def load(dsn: str, url: str) -> Measurement:
    """Load an account with the loader."""
    return _run([sys.executable, "-m", "bench.run_load"], url, DATABASE_URL=dsn)


def fetch(url: str) -> Measurement:
    """Ask what a first load asks with the loader's client, and write nothing."""
    return _run([sys.executable, "-m", "bench.fetch_only"], url)


def load_with_dlt(dsn: str, url: str, setting: str) -> Measurement:
    """Load the same with dlt, in a database without tables of ours."""
    script = ROOT / "bench" / "peers" / "dlt_load.py"
    return _run([str(PEER_PYTHON), str(script), url, setting], url, DATABASE_URL=dsn)


def has_peers() -> bool:
    """Return whether the peers' environment is there; `make bench` makes it."""
    return PEER_PYTHON.exists()


def _run(command: list[str], url: str, **more: str) -> Measurement:
    """Run a program that prints its measurement as the last line."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "BONZO_API_TOKEN": "bench-token",
            "BONZO_BASE_URL": url,
            "BONZO_PROJECT_DIR": folder,
            **more,
        }
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(f"{command[1:]} failed:\n{done.stdout}\n{done.stderr}")
    return Measurement(**json.loads(done.stdout.splitlines()[-1]))
