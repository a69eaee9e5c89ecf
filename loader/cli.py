"""The loader's command line. Each command lives in its own module."""

from __future__ import annotations

import click

from loader import __version__
from loader.lazy_group import LazyGroup

COMMANDS = {
    "setup": "loader.commands.setup",
    "load": "loader.commands.load",
    "status": "loader.commands.status",
    "doctor": "loader.commands.doctor",
    "init-db": "loader.commands.init_db",
    "forget": "loader.commands.forget",
    "get": "loader.commands.get",
}

# Commands that other programs run now, for those who type them from memory.
MOVED = {
    "db": "python -m launcher db",
    "dashboards": "python -m launcher",
    "demo-server": "python -m launcher demo-server",
}


@click.group(
    cls=LazyGroup,
    modules=COMMANDS,
    moved=MOVED,
    context_settings={"max_content_width": 100},
)
@click.version_option(__version__, prog_name="bonzo-loader")
def main() -> None:
    """Load Bonzo CRM into PostgreSQL, for Rill to compute metrics from."""
