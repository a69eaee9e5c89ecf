"""`stop`: end the Rill of this project."""

from __future__ import annotations

import click

from launcher.rill import process
from loader.project import ProjectPaths


@click.command()
def command() -> None:
    """End the Rill that serves this project."""
    paths = ProjectPaths.current()
    stopped = process.stop(paths.rill, paths.state)
    click.echo("Rill stopped" if stopped else "Rill was not running")
