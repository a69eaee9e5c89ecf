"""The launcher's command line: what the make targets run around a load."""

from __future__ import annotations

import click

from launcher import clients
from loader import __version__
from loader.lazy_group import LazyGroup

COMMANDS = {
    "setup": "launcher.commands.setup",
    "start": "launcher.commands.start",
    "load": "launcher.commands.load",
    "stop": "launcher.commands.stop",
    "status": "launcher.commands.status",
    "doctor": "launcher.commands.doctor",
    "refresh": "launcher.commands.refresh",
    "validate": "launcher.commands.validate",
    "env": "launcher.commands.env",
    "fetch": "launcher.commands.fetch",
    "headlines": "launcher.commands.headlines",
    "db": "launcher.commands.db",
    "demo-server": "launcher.commands.demo_server",
}

# Commands that make a client that is not there yet; a misspelled name is an error
# to all others.
MAKES_CLIENT = ("start", "setup")


@click.group(
    cls=LazyGroup, modules=COMMANDS, context_settings={"max_content_width": 100}
)
@click.version_option(__version__, prog_name="bonzo-dashboards")
@click.pass_context
def main(context: click.Context) -> None:
    """Take this machine to dashboards: database, demo data, Rill."""
    clients.prepare(create=context.invoked_subcommand in MAKES_CLIENT)
