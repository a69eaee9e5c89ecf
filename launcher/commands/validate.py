"""`validate`: have Rill check the whole project."""

from __future__ import annotations

from collections.abc import Iterator

import click

from launcher import prepare
from launcher.rill import annotations, binary, extensions, own_sources, validate
from loader.config import load_settings
from loader.errors import LoaderError
from loader.project import ProjectPaths


@click.command()
@click.option(
    "--format",
    "output",
    type=click.Choice(["text", "github"]),
    default="text",
    help="github: annotations of a pull request.",
)
def command(output: str) -> None:
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
    # Rill, which stages no changes here, does not notice them.
    report.errors[:0] = own_sources.findings(paths.rill)
    for line in annotations.lines(report) if output == "github" else _text(report):
        click.echo(line)
    counts = f"{len(report.errors)} errors, {len(report.warnings)} warnings"
    if report.errors or report.warnings:
        raise LoaderError(f"{counts} in {report.resources} resources.")
    click.echo(f"{report.resources} resources, {counts}")


def _text(report: validate.Report) -> Iterator[str]:
    yield from (f"error: {finding}" for finding in report.errors)
    yield from (f"warning: {finding}" for finding in report.warnings)
