"""`headlines`: the headline numbers without Rill."""

from __future__ import annotations

import click

from launcher import prepare
from launcher.duckdb import headlines
from loader.config import load_settings
from loader.project import ProjectPaths


@click.command()
def command() -> None:
    """Print the headline numbers, computed without Rill."""
    paths = ProjectPaths.current()
    prepare.database(paths, load_settings())
    print_headlines(paths)


def print_headlines(paths: ProjectPaths) -> None:
    """Print the headline numbers of the database that `rill/.env` names."""
    for line in headlines.lines(paths.rill):
        click.echo(line)
