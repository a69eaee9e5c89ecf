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
    """Have Rill build the whole project in a copy; no error, no warning is allowed."""
    paths = ProjectPaths.current()
    rill = binary.find(paths.shared)
    if rill is None:
        raise LoaderError(
            "`rill` is neither on PATH nor in .bin: run `make start` once to fetch "
            "it, or install it (https://docs.rilldata.com/get-started/install)."
        )
    extensions.prepare_for(rill, lambda text: click.echo(text, err=True))
    prepare.database(paths, load_settings())
    report = validate.validate(rill, paths.rill)
    for line in report.errors:
        click.echo(f"error: {line}")
    for line in report.warnings:
        click.echo(f"warning: {line}")
    counts = f"{len(report.errors)} errors, {len(report.warnings)} warnings"
    if report.errors or report.warnings:
        raise LoaderError(f"{counts} in {report.resources} resources.")
    click.echo(f"{report.resources} resources, {counts}")
