"""`dashboards`: everything around Rill."""

from __future__ import annotations

import sys

import click

from loader import quickstart
from loader.config import load_settings
from loader.errors import LoaderError
from loader.rill import binary, extensions, headlines, refresh, runtime, serve, validate
from loader.rill.place import Place, point_rill_at


@click.group()
def command() -> None:
    """Start, refresh or check the Rill dashboards."""


def _note(text: str) -> None:
    click.echo(text, err=True)


@command.command()
@click.option("--demo", is_flag=True, help="Use the demo data even with a token.")
def start(demo: bool) -> None:
    """Load the data, start Rill and print its address; Ctrl-C ends it.

    Without Rill the headline numbers are printed instead.
    """
    place, settings = Place.current(), load_settings()
    data = quickstart.prepare(place, settings, _note, demo=demo)
    point_rill_at(place, data.dsn, settings, demo=data.demo)
    running = runtime.of_project(place.rill, place.state)
    if running:
        _note("Rill is running already.")
        if data.fresh:
            refresh.refresh(place.rill, place.state)
        click.echo(f"Dashboards: {running.url}{serve.FIRST_PAGE}")
        return
    try:
        rill = binary.find_or_fetch(place.project)
    except binary.RillUnavailable as error:
        _note(f"No dashboards: {error.message}")
        _print_headlines(place)
        return
    extensions.install()
    sys.exit(serve.serve(rill, place.rill, place.state, click.echo))


@command.command()
@click.option("--again", is_flag=True, help="Load the demo even if it is of today.")
def load(again: bool) -> None:
    """Bring the data up to date and tell a running Rill; serve nothing.

    Afterwards a bare `rill start rill` shows the new data.
    """
    place, settings = Place.current(), load_settings()
    data = quickstart.prepare(place, settings, _note, again=again)
    point_rill_at(place, data.dsn, settings, demo=data.demo)
    extensions.install()
    serve.switch_telemetry_off()
    if data.fresh and refresh.refresh(place.rill, place.state):
        _note("Rill has read the new data.")


@command.command()
def stop() -> None:
    """End the Rill that serves this project."""
    place = Place.current()
    stopped = runtime.stop(place.rill, place.state)
    click.echo("Rill stopped" if stopped else "Rill was not running")


@command.command("refresh")
def refresh_command() -> None:
    """Tell the running Rill to read the database again."""
    place = Place.current()
    if not refresh.refresh(place.rill, place.state):
        raise LoaderError("no Rill of this project is running: `make start` starts it.")
    click.echo("dashboards are up to date")


@command.command()
@click.option("--demo", is_flag=True, help="Point Rill at the demo database.")
def env(demo: bool) -> None:
    """Write rill/.env and DuckDB's extensions, so that `rill start rill` works."""
    place, settings = Place.current(), load_settings()
    find = quickstart.demo_database if demo else quickstart.database
    path = point_rill_at(place, find(place, settings), settings, demo=demo)
    extensions.install()
    serve.switch_telemetry_off()
    click.echo(path)


@command.command()
def fetch() -> None:
    """Print where `rill` is, fetching the official release if there is none."""
    click.echo(binary.find_or_fetch(Place.current().project))


@command.command("headlines")
def headlines_command() -> None:
    """Print the headline numbers, computed without Rill."""
    place = Place.current()
    quickstart.database(place, load_settings())
    _print_headlines(place)


def _print_headlines(place: Place) -> None:
    for line in headlines.lines(place.rill):
        click.echo(line)


@command.command("validate")
def validate_command() -> None:
    """Have Rill build the whole project in a copy and report every error."""
    place = Place.current()
    rill = binary.find(place.project)
    if rill is None:
        raise LoaderError(
            "`rill` is neither on PATH nor in .bin: run `make start` once to fetch "
            "it, or install it (https://docs.rilldata.com/get-started/install)."
        )
    quickstart.database(place, load_settings())
    extensions.install()
    errors, count = validate.validate(rill, place.rill)
    for line in errors:
        click.echo(line)
    if errors:
        raise LoaderError(f"{len(errors)} of {count} resources are in error.")
    click.echo(f"{count} resources, no errors")
