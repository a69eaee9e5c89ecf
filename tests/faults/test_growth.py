"""A larger account takes more time, not more memory."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from demo.server import FakeBonzo
from tests.fake_bonzo.bulk_account import BulkAccount
from tests.faults.loading import ROOT, start

needs_proc = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="reads peak memory from /proc"
)


def peak_megabytes(process: subprocess.Popen) -> float:
    """Wait for a process and return the most memory that it ever held."""
    status, peak = Path(f"/proc/{process.pid}/status"), 0.0
    while process.poll() is None:
        try:
            lines = status.read_text().splitlines()
        except OSError:
            break
        found = [line.split()[1] for line in lines if line.startswith("VmHWM")]
        peak = max([peak, *(int(kilobytes) / 1024 for kilobytes in found)])
        time.sleep(0.05)
    _, said = process.communicate()
    assert process.returncode == 0, said
    return peak


def load_crowd(dsn: str, size: int) -> float:
    """Load so many prospects for the first time; return the peak in megabytes."""
    with FakeBonzo(BulkAccount(size)) as server:
        process = start(dsn, server, "--no-refresh", per_page=100, workers=4)
        peak = peak_megabytes(process)
    with psycopg.connect(dsn) as connection:
        counts = connection.execute(
            "select (select count(*) from prospects), "
            "(select count(*) from touch_engagements)"
        ).fetchone()
    assert counts == (size, 4 * size)
    return peak


@needs_proc
def test_a_load_takes_less_than_100_megabytes(database: str) -> None:
    """The whole loader, libraries included, stays small."""
    assert load_crowd(database, 600) < 100


@needs_proc
@pytest.mark.long
@pytest.mark.timeout(7200)
def test_memory_does_not_grow_with_the_account(
    database: str, empty_database: str
) -> None:
    """Ten times the account takes at most a fifth more memory."""
    with psycopg.connect(empty_database) as connection:
        connection.execute((ROOT / "schema.sql").read_text())
    small = load_crowd(database, 20_000)
    large = load_crowd(empty_database, 200_000)
    print(f"peak: {small:.0f} MB at 20,000 prospects, {large:.0f} MB at 200,000")
    assert large < 100
    assert large < 1.2 * small
