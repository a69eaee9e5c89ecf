"""`python -m bench`: speed of writing, use of the rate limit, memory.

Needs nothing but a PostgreSQL: TEST_DATABASE_URL, else one is started and thrown
away.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import psycopg
import requests

from bench import writes
from launcher.postgres import server as postgres
from loader.database.connection import connect
from loader.database.schema import init_db

# Requests a minute, and an account that takes about half a minute of them.
LIMIT = 3_000
LIMITED = 1_500


@contextmanager
def server() -> Iterator[str]:
    """DSN of a server's maintenance database."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="bonzo-bench-"))
    folder.chmod(0o755)
    try:
        running = postgres.start(folder, die_with_parent=True)
        yield postgres.dsn(running, "postgres")
        postgres.stop(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def fresh_database(maintenance: str) -> Iterator[str]:
    """Yield a database with the schema, dropped afterwards."""
    dsn = postgres.create_database(maintenance, "bonzo_bench")
    try:
        with connect(dsn) as connection:
            init_db(connection)
        yield dsn
    finally:
        with psycopg.connect(maintenance, autocommit=True) as connection:
            connection.execute("drop database bonzo_bench with (force)")


@contextmanager
def account(prospects: int, limit: int = 10_000_000) -> Iterator[str]:
    """Address of a made-up account, served by a process of its own."""
    source = subprocess.Popen(
        [sys.executable, "-m", "bench.account", str(prospects), str(limit)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield f"http://127.0.0.1:{source.stdout.readline().strip()}"
    finally:
        source.kill()
        source.communicate()


def load(dsn: str, url: str) -> dict[str, float]:
    """Load in a process of its own: seconds, requests, peak memory in MB."""
    code = (
        "import resource, sys; from loader.cli import main\n"
        "try: main(['load', '--no-refresh'], prog_name='load')\n"
        "except SystemExit as end: code = end.code\n"
        "peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "print('peak', peak // 1024); sys.exit(code)"
    )
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "DATABASE_URL": dsn,
            "BONZO_API_TOKEN": "bench",
            "BONZO_BASE_URL": url,
            "BONZO_PROJECT_DIR": folder,
        }
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
    found = re.search(r"with ([\d,]+) requests in ([\d.]+) s", done.stdout)
    return {
        "seconds": float(found[2]),
        "requests": int(found[1].replace(",", "")),
        "peak": int(re.search(r"peak (\d+)", done.stdout)[1]),
    }


@click.command()
@click.option("--engagements", default=100_000, help="Rows to write.")
@click.option("--small", default=2_000, help="Prospects of the small account.")
@click.option("--large", default=20_000, help="Prospects of the large account.")
def main(engagements: int, small: int, large: int) -> None:
    """Measure and print; takes some minutes."""
    with server() as maintenance:
        with fresh_database(maintenance) as dsn:
            speed = writes.measure(dsn, 20_000, engagements)
        click.echo(f"raw COPY              {speed['copy']:>10,.0f} rows/s")
        for name in ("first", "again"):
            share = speed[name] / speed["copy"]
            click.echo(f"load, {name:<15} {speed[name]:>10,.0f} rows/s  {share:.2f}")
        _use_of_the_limit(maintenance)
        _memory(maintenance, small, large)


def _use_of_the_limit(maintenance: str) -> None:
    """Measure how much of an allowed rate a load uses while there is work."""
    with account(LIMITED, LIMIT) as url, fresh_database(maintenance) as dsn:
        load(dsn, url)
        times = sorted(requests.get(f"{url}/times", timeout=30).json())
    rate = (len(times) - 1) / (times[-1] - times[0]) * 60
    click.echo(f"use of the rate limit {rate / LIMIT:>10.1%}")


def _memory(maintenance: str, small: int, large: int) -> None:
    """Measure whether memory grows with the account."""
    peaks = []
    for size in (small, large):
        with account(size) as url, fresh_database(maintenance) as dsn:
            first, again = load(dsn, url), load(dsn, url)
        peaks.append(first["peak"])
        click.echo(
            f"{size:>7,} prospects     {first['seconds']:>7.1f} s first, "
            f"{again['seconds']:.1f} s again, peak {first['peak']} MB"
        )
    click.echo(f"memory, large / small {peaks[1] / peaks[0]:>10.2f}")


if __name__ == "__main__":
    main()
