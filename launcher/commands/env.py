"""`env`: what a bare `rill start rill` needs."""

from __future__ import annotations

import click

from launcher import prepare
from launcher.rill import binary, extensions, serve
from launcher.rill.env_file import point_rill_at
from loader.config import load_settings
from loader.project import ProjectPaths


@click.command()
@click.option("--demo", is_flag=True, help="Point Rill at the demo database.")
def command(demo: bool) -> None:
    """Write rill/.env and DuckDB's extensions, so that `rill start rill` works."""
    paths, settings = ProjectPaths.current(), load_settings()
    find = prepare.demo_database if demo else prepare.database
    path = point_rill_at(paths, find(paths, settings), settings, demo=demo)
    rill = binary.find(paths.shared)
    if rill:
        extensions.prepare_for(rill, lambda text: click.echo(text, err=True))
    else:
        extensions.install()
    serve.switch_telemetry_off()
    click.echo(path)
