"""`start`: dashboards with data in them, until Ctrl-C."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from launcher import prepare
from launcher.commands.headlines import print_headlines
from launcher.rill import binary, extensions, own_sources, serve
from launcher.rill.env_file import point_rill_at
from loader import running_rill
from loader.config import load_settings
from loader.project import ProjectPaths


@click.command()
@click.option("--demo", is_flag=True, help="Use the demo data even with a token.")
def command(demo: bool) -> None:
    """Load the data, start Rill and print its address; Ctrl-C ends it.

    Without Rill the headline numbers are printed instead.
    """
    paths, settings = ProjectPaths.current(), load_settings()
    running = running_rill.of_project(paths.rill, paths.state)
    # Before the data is loaded, so that what is missing is reported at once.
    rill = None if running else _find_rill(paths)
    data = prepare.prepare(paths, settings, _note, demo=demo)
    point_rill_at(paths, data.dsn, settings, demo=data.demo)
    for finding in own_sources.findings(paths.rill):
        _note(str(finding))
    if running:
        _note("Rill is already running.")
        if data.fresh:
            running_rill.refresh(paths.rill, paths.state, everything=data.demo)
        click.echo(f"Dashboards: {running.url}{serve.FIRST_PAGE}")
        for line in _next_steps(data.demo):
            click.echo(line)
        return
    if rill is None:
        print_headlines(paths)
        return
    code = serve.serve(
        rill, paths.rill, paths.state, click.echo, _next_steps(data.demo)
    )
    sys.exit(code)


def _next_steps(demo: bool) -> list[str]:
    """Return what to look at first, and what to do then."""
    if demo:
        return [
            "Look first at the page Today: whom to call now, and why. "
            "Everybody in it is made up.",
            "Next, with your own data: README.md, Connect Bonzo.",
        ]
    return [
        "Look first at the page Trust: what to fix before you believe the rest; "
        "then at Today.",
        "Next: `make load`, in another terminal, brings the data up to date.",
    ]


def _find_rill(paths: ProjectPaths) -> Path | None:
    """Return a `rill` that has what it needs; None if there is none to be had."""
    try:
        rill = binary.find_or_fetch(paths.shared)
    except binary.RillUnavailable as error:
        _note(f"No dashboards: {error.message}")
        return None
    extensions.prepare_for(rill, _note)
    return rill


def _note(text: str) -> None:
    click.echo(text, err=True)
