"""A Rill that serves a copy of the project over an account, to time its refreshes."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dotenv import set_key

from harness.rill_process import running
from launcher.rill import env_file
from loader.running_rill import Runtime

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 3600  # a large account in Rill's own storage takes some minutes
SOURCES_ALONE = ("connectors", "data", "sources", "themes", "rill.yaml")


@dataclass(frozen=True)
class RillServer:
    """A Rill that has built everything and waits."""

    runtime: Runtime
    pid: int
    duckdb_file: Path

    def refresh(self, sources: Iterable[str] = ()) -> float:
        """Have these sources read, or all; return the seconds until all is built."""
        start = time.perf_counter()
        if sources:
            self.runtime.trigger(sources)
        else:
            self.runtime.trigger_all()
        self.wait()
        return time.perf_counter() - start

    def wait(self) -> None:
        """Wait until everything is built, which must not fail."""
        errors = self.runtime.wait_until_idle(SECONDS)
        if errors:
            raise RuntimeError(f"Rill did not build everything: {errors[0]}")

    def peak(self) -> float:
        """Return the largest resident size so far in MB; NaN where nobody says."""
        status = Path(f"/proc/{self.pid}/status")
        if not status.exists():
            return float("nan")
        found = re.search(r"VmHWM:\s+(\d+)", status.read_text())
        return int(found[1]) / 1024 if found else float("nan")

    def processor_seconds(self) -> float:
        """Return the processor time used so far; NaN where nobody says."""
        status = Path(f"/proc/{self.pid}/stat")
        if not status.exists():
            return float("nan")
        # The name in front may hold blanks, but ends in the last parenthesis.
        fields = status.read_text().rpartition(")")[2].split()
        user, system = int(fields[11]), int(fields[12])
        return (user + system) / os.sysconf("SC_CLK_TCK")

    def duckdb_bytes(self) -> int:
        """Return the size of the file with the models and of what is written ahead."""
        files = self.duckdb_file.parent.glob(f"{self.duckdb_file.name}*")
        return sum(file.stat().st_size for file in files)


@contextmanager
def serving(
    folder: Path,
    dsn: str,
    data: Path,
    *,
    sources_alone: bool = False,
    in_one_file: bool = True,
) -> Iterator[RillServer]:
    """Serve the project from a copy in `folder`, and yield once all is built.

    `data` holds the two CSV files. Without `in_one_file` tables lie in Rill's own
    storage.
    """
    _copy_project(folder, sources_alone=sources_alone)
    # Beside the project: Rill would take what lies in it for its own.
    home = folder.with_name(f"{folder.name}-home")
    home.mkdir()
    file = env_file.duckdb_file(folder)
    values = {
        "postgres_dsn": dsn,
        "data_dir": str(data),
        "duckdb_path": str(file) if in_one_file else "",
    }
    for name, value in values.items():
        set_key(folder / ".env", name, value)
    program = Path(shutil.which("rill") or "rill")
    with running(program, folder, home) as (port, process):
        server = RillServer(Runtime(port), process.pid, file)
        server.wait()
        yield server


def _copy_project(folder: Path, *, sources_alone: bool) -> None:
    for source in (ROOT / "rill").iterdir():
        if source.name in {"tmp", ".env"}:
            continue
        if sources_alone and source.name not in SOURCES_ALONE:
            continue
        if source.is_dir():
            ignored = shutil.ignore_patterns("demo")
            shutil.copytree(source, folder / source.name, ignore=ignored)
        else:
            folder.mkdir(exist_ok=True)
            shutil.copy(source, folder)
