"""`init-db`: create the tables, or add what an older database lacks."""

from __future__ import annotations

import click

from loader.config import load_settings
from loader.database.connection import connect
from loader.database.runs import check_project
from loader.database.schema import init_db
from loader.project import ProjectPaths, database_url, owner_of


@click.command()
def command() -> None:
    """Create the tables, or add what an older database lacks.

    Whatever is there already stays as it is; running it again is harmless.
    """
    paths = ProjectPaths.current()
    dsn = database_url(paths, load_settings())
    with connect(dsn) as connection:
        check_project(connection, owner_of(paths, dsn))
        added = init_db(connection)
    if not added:
        click.echo("The schema is up to date.")
        return
    tables = sorted({name.rpartition(".")[0] for name in added if "." in name})
    click.echo(f"Added to {len(tables)} tables: {', '.join(tables)}.")
