"""`refresh`: have a running Rill read the database again."""

from __future__ import annotations

import click

from loader import running_rill
from loader.errors import LoaderError
from loader.project import ProjectPaths


@click.command()
def command() -> None:
    """Have the running Rill read the database again."""
    paths = ProjectPaths.current()
    if not running_rill.refresh(paths.rill, paths.state, everything=True):
        raise LoaderError("no Rill of this project is running: `make start` starts it.")
    click.echo("dashboards are up to date")
