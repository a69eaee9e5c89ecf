"""The command line. Each command lives in its own module and loads on demand."""

from __future__ import annotations

from importlib import import_module

import click

from loader import __version__

# Command name -> module that holds it as `command`.
COMMANDS = {
    "db": "loader.commands.db",
    "init-db": "loader.commands.init_db",
    "load": "loader.commands.load",
    "status": "loader.commands.status",
    "doctor": "loader.commands.doctor",
    "get": "loader.commands.get",
    "demo-server": "loader.commands.demo_server",
    "dashboards": "loader.commands.dashboards",
}


class LazyGroup(click.Group):
    """A group that imports a command's module only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = COMMANDS.get(cmd_name)
        return import_module(module).command if module else None


@click.group(cls=LazyGroup, context_settings={"max_content_width": 100})
@click.version_option(__version__, prog_name="bonzo-loader")
def main() -> None:
    """Load Bonzo CRM into PostgreSQL, for Rill to compute metrics from."""
