"""What a refresh takes as the account grows: time, memory and disk.

One account in several sizes, largest to smallest 100 : 30 : 10 : 1, each in a
PostgreSQL and with a Rill of its own. Work is processor time, which depends less on
what else the machine does: Rill's for a refresh, DuckDB's for the plain import, that
is the sources' queries alone. The DuckDB file is what Rill keeps after the last
refresh. A goal holds a size against a tenth of it: twelve times the work and the
memory at most.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import psycopg

from bench import big_account, plain_import
from bench.database import fresh_database
from bench.refresh import NO_RILL
from bench.results import Ratio, Scale
from bench.rill_server import serving

# Of the largest account.
SCALES = {
    "tiny": Scale(300, 3_600, runs=1),
    "normal": Scale(200_000, 2_400_000),
    "full": Scale(2_000_000, 24_000_000),
}
SHARES = (0.01, 0.1, 0.3, 1)
SMALLEST = 30  # prospects
TENFOLD = 12.0


@dataclass(frozen=True)
class Measured:
    """What one account took: seconds of each run, MB of memory, kB of disk.

    `seconds` are by the clock, `refreshes` and `imports` of processor time.
    """

    size: Scale
    seconds: tuple[float, ...]
    refreshes: tuple[float, ...]
    imports: tuple[float, ...]
    peak: float
    duckdb_kb: float
    postgres_kb: float

    def over(self, other: Measured) -> tuple[float, ...]:
        """Return the ratios of both accounts' refreshes, run by run."""
        pairs = zip(self.refreshes, other.refreshes, strict=True)
        return tuple(own / others for own, others in pairs)


def measure(maintenance: str, scale: Scale) -> list[Ratio]:
    """Refresh the account in each size, so many times."""
    if shutil.which("rill") is None:
        return [Ratio("work of a refresh", (), note=NO_RILL)]
    measured = [_measure_one(maintenance, size) for size in sizes(scale)]
    return [
        *_tenfold(measured),
        *(ratio for account in measured for ratio in of_one(account, measured[0])),
    ]


def sizes(scale: Scale) -> list[Scale]:
    """Return the sizes of the account, smallest first."""
    return [
        Scale(
            round(scale.prospects * share),
            round(scale.engagements * share),
            scale.runs,
        )
        for share in SHARES
        if scale.prospects * share >= SMALLEST
    ]


def _measure_one(maintenance: str, size: Scale) -> Measured:
    with (
        fresh_database(maintenance) as dsn,
        tempfile.TemporaryDirectory(prefix="bench-") as home,
    ):
        big_account.fill(dsn, size.prospects, size.engagements)
        data = Path(home, "data")
        big_account.write_csv_files(data)
        with serving(Path(home, "project"), dsn, data) as rill:
            before = [rill.processor_seconds()]
            seconds, imports = [], []
            for _ in range(size.runs):
                seconds.append(rill.refresh())
                before.append(rill.processor_seconds())
                imports.append(plain_import.processor_seconds(dsn))
            return Measured(
                size,
                seconds=tuple(seconds),
                refreshes=tuple(after - start for start, after in pairwise(before)),
                imports=tuple(imports),
                peak=rill.peak(),
                duckdb_kb=rill.duckdb_bytes() / 1024,
                postgres_kb=_postgres_bytes(dsn) / 1024,
            )


def _postgres_bytes(dsn: str) -> int:
    with psycopg.connect(dsn) as connection:
        row = connection.execute("select pg_database_size(current_database())")
        return row.fetchone()[0]


def _tenfold(measured: list[Measured]) -> list[Ratio]:
    """Return the largest account held against the one with a tenth of its rows."""
    largest = measured[-1]
    tenth = next(
        account
        for account in measured
        if account.size.prospects * 10 == largest.size.prospects
    )
    pair = f"{largest.size.prospects:,} ÷ {tenth.size.prospects:,} prospects"
    peaks = (largest.peak / tenth.peak,) * largest.size.runs
    return [
        Ratio(f"work of a refresh, {pair}", largest.over(tenth), at_most=TENFOLD),
        Ratio(f"peak of Rill, {pair}", peaks, at_most=TENFOLD),
    ]


def of_one(account: Measured, smallest: Measured) -> list[Ratio]:
    """Return the figures of one size; the charts find them by these names."""
    size = account.size
    rows = f"{size.engagements:,} engagements"
    thousands = size.engagements / 1000
    runs = size.runs
    imports = zip(account.refreshes, account.imports, strict=True)
    return [
        Ratio(f"seconds of a refresh, {rows}", account.seconds, unit=" s"),
        Ratio(
            f"work of a refresh ÷ plain import, {rows}",
            tuple(refresh / imported for refresh, imported in imports),
        ),
        Ratio(f"work of a refresh ÷ smallest, {rows}", account.over(smallest)),
        Ratio(f"peak of Rill, {rows}", (account.peak,) * runs, unit=" MB"),
        Ratio(
            f"DuckDB file per 1,000 engagements, {rows}",
            (account.duckdb_kb / thousands,) * runs,
            unit=" kB",
        ),
        Ratio(
            f"PostgreSQL per 1,000 engagements, {rows}",
            (account.postgres_kb / thousands,) * runs,
            unit=" kB",
        ),
    ]
