"""What was measured on: the machine and the versions, without any name or path."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

import psycopg

from bench.processes import PEER_PYTHON


def machine() -> str:
    """Return cores, memory and processor, and how busy they are with other work."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:
        cores = os.cpu_count() or 1
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    busy = f"load {os.getloadavg()[0]:.1f} before"
    hardware = f"{cores} cores, {memory:.0f} GiB, {_processor()}"
    return f"{hardware}, {platform.system()}, {busy}"


def _processor() -> str:
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        found = re.search(r"^model name\s*:\s*(.+)$", listed.read_text(), re.M)
        if found:
            return found[1].strip()
    return _output(["sysctl", "-n", "machdep.cpu.brand_string"]) or platform.machine()


def versions(maintenance: str) -> str:
    """Return the versions of everything that takes part."""
    with psycopg.connect(maintenance) as connection:
        server = connection.execute("show server_version").fetchone()[0].split()[0]
    found = {
        "Python": platform.python_version(),
        "PostgreSQL": server,
        "psycopg": version("psycopg"),
        "DuckDB": version("duckdb"),
        "Rill": _number(_output(["rill", "version"])),
        "dlt": _number(_output([str(PEER_PYTHON), "-m", "pip", "show", "dlt"])),
    }
    return ", ".join(f"{name} {number}" for name, number in found.items())


def _number(text: str) -> str:
    found = re.search(r"version:? v?(\d[\w.]*)", text, re.I)
    return found[1] if found else "absent"


def _output(command: list[str]) -> str:
    """Return what a program prints, nothing if there is no such program."""
    if shutil.which(command[0]) is None:
        return ""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout
