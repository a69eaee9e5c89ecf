"""`fetch`: where `rill` is."""

from __future__ import annotations

import click

from launcher.rill import binary
from loader.project import ProjectPaths


@click.command()
def command() -> None:
    """Print where `rill` is, fetching the official release if there is none."""
    click.echo(binary.find_or_fetch(ProjectPaths.current().shared))
