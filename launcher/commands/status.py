"""`status`: the loader's own, or a line for each client."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import click

from loader import clients, rill_note, running_rill
from loader.config import install_dir
from loader.project import ProjectPaths

SECONDS = 60


@click.command()
def command() -> None:
    """Show the last loads; where there are clients and none is chosen, all of them."""
    root = install_dir()
    names = [] if clients.chosen() else clients.names(root)
    if not names:
        raise SystemExit(subprocess.call([sys.executable, "-m", "loader", "status"]))
    width = max(map(len, names))
    for name in names:
        paths = ProjectPaths(root / clients.FOLDER / name, name, root)
        click.echo(f"{name:<{width}}  {_line(name)}; {_dashboards(paths)}")
    click.echo(f"More about one: make status CLIENT={names[0]}")


def _line(name: str) -> str:
    """Return how a client's data is, or the sentence that says why it is not known."""
    answer = subprocess.run(
        [sys.executable, "-m", "loader", "status", "--json"],
        env={**os.environ, "BONZO_CLIENT": name},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if answer.returncode:
        last = (answer.stderr.strip().splitlines() or ["no answer"])[-1]
        return last.removeprefix("Error: ").rstrip(".")
    return _summary(json.loads(answer.stdout))


def _summary(status: dict[str, Any]) -> str:
    age = status["age_seconds"]
    minutes = None if age is None else age // 60
    loaded = "no complete load yet" if minutes is None else f"{_span(minutes)} old"
    return f"{status['present']:,} prospects, data {loaded}"


def _span(minutes: int) -> str:
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 2880 else f"{minutes // 1440} days"


def _dashboards(paths: ProjectPaths) -> str:
    noted = rill_note.read(paths.state)
    running = noted and running_rill.of_project(paths.rill, paths.state)
    return f"dashboards at {running.url}" if running else "no dashboards running"
