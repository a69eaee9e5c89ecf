"""`db`: the embedded PostgreSQL server."""

from __future__ import annotations

import click

from launcher.postgres import server as postgres
from loader.config import project_dir


@click.group()
def command() -> None:
    """Start, stop or show the embedded PostgreSQL server."""


@command.command()
@click.option(
    "--database", default="bonzo", show_default=True, help="Database to make."
)
def start(database: str) -> None:
    """Start the server unless it runs, and print the database's address."""
    click.echo(postgres.ensure_running(project_dir(), database))


@command.command()
def stop() -> None:
    """Stop the server; the data stays."""
    stopped = postgres.stop(project_dir() / ".data")
    click.echo("stopped" if stopped else "not running")


@command.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(yes: bool) -> None:
    """Delete the server's data, stage history included, for good."""
    if not yes:
        click.confirm("Delete the embedded database and its history?", abort=True)
    for path in postgres.remove(project_dir() / ".data"):
        click.echo(f"removed {path}")


@command.command()
def status() -> None:
    """Say whether the server runs, and where."""
    server = postgres.status(project_dir() / ".data")
    if server is None:
        click.echo("not running; start it with `python -m launcher db start`")
        raise click.exceptions.Exit(3)
    state = "running" if server.ready else server.state or "starting"
    click.echo(f"{state}, pid {server.pid}, socket in {server.socket_dir}")
