"""`load`: the loader's own load, or the demo's, with everything around it."""

from __future__ import annotations

import click

from launcher import prepare
from launcher.rill import extensions, serve
from launcher.rill.env_file import point_rill_at
from loader import running_rill
from loader.config import load_settings
from loader.project import ProjectPaths


@click.command()
@click.option("--again", is_flag=True, help="Reload the demo even if it is current.")
def command(again: bool) -> None:
    """Bring the data up to date and refresh a running Rill; serve nothing.

    With a token this starts the embedded database and runs the loader's `load`.
    Afterwards a bare `rill start rill` shows the new data.
    """
    paths, settings = ProjectPaths.current(), load_settings()
    data = prepare.prepare(paths, settings, _note, again=again)
    point_rill_at(paths, data.dsn, settings, demo=data.demo)
    extensions.install()
    serve.switch_telemetry_off()
    # The demo's loads are of the past, and leave no note of what they changed.
    if data.fresh and running_rill.refresh(
        paths.rill, paths.state, everything=data.demo
    ):
        _note("Rill has read the new data.")


def _note(text: str) -> None:
    click.echo(text, err=True)
