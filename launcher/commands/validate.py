"""`validate`: have Rill check the whole project."""

from __future__ import annotations

import click

from launcher import prepare
from launcher.rill import binary, extensions, validate
from loader.config import load_settings
from loader.errors import LoaderError
from loader.project import ProjectPaths


@click.command()
def command() -> None:
    """Have Rill build the whole project in a copy and report every error."""
    paths = ProjectPaths.current()
    rill = binary.find(paths.project)
    if rill is None:
        raise LoaderError(
            "`rill` is neither on PATH nor in .bin: run `make start` once to fetch "
            "it, or install it (https://docs.rilldata.com/get-started/install)."
        )
    prepare.database(paths, load_settings())
    extensions.install()
    errors, count = validate.validate(rill, paths.rill)
    for line in errors:
        click.echo(line)
    if errors:
        raise LoaderError(f"{len(errors)} of {count} resources are in error.")
    click.echo(f"{count} resources, no errors")
