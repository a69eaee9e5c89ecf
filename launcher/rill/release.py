"""Which release of Rill this project is made for, and the DuckDB inside a Rill.

To move to a newer Rill change VERSION (and add its line to DUCKDB), then run
`make lock`, which pins DuckDB and its extensions accordingly.
"""

from __future__ import annotations

import mmap
import re
import subprocess
from pathlib import Path

VERSION = "v0.88.4"
# Rill's minor version -> its DuckDB. Extensions are of one exact DuckDB version.
DUCKDB = {
    "0.86": "1.5.2",
    "0.87": "1.5.2",
    "0.88": "1.5.2",
    "0.89": "1.5.4",
    "0.90": "1.5.5",
}
# Go notes in a program which libraries it was built with. DuckDB 1.5.2 is in
# version 0.10502.0 of its bindings.
BINDINGS = re.compile(rb"duckdb/duckdb-go-bindings\tv0\.(\d+)(\d\d)(\d\d)\.\d")
NUMBER = re.compile(r"version v?(\d+\.\d+)\.")
SECONDS = 20


def duckdb() -> str:
    """Return the version of DuckDB that goes with VERSION."""
    return DUCKDB[VERSION.removeprefix("v").rpartition(".")[0]]


def duckdb_of(rill: Path) -> str | None:
    """Return the version of DuckDB inside a `rill` program; None if unknown."""
    return _noted_in(rill) or _by_release(rill)


def _noted_in(program: Path) -> str | None:
    try:
        with (
            program.open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
        ):
            found = BINDINGS.search(content)
            parts = found.groups() if found else ()
    except (OSError, ValueError):
        return None
    return ".".join(str(int(part)) for part in parts) or None


def _by_release(rill: Path) -> str | None:
    """Ask a program that does not hold the note, such as a script that calls it."""
    try:
        answer = subprocess.run(
            [rill, "version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = NUMBER.search(answer.stdout)
    return DUCKDB.get(found.group(1)) if found else None
