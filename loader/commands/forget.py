"""`forget`: remove one person's rows, and keep them out from now on."""

from __future__ import annotations

import getpass
from dataclasses import replace

import click

from loader import unread_data
from loader.config import load_settings, secrets_of
from loader.database import forgotten, people
from loader.database.connection import Database
from loader.database.errors import loader_errors
from loader.database.runs import check_project
from loader.database.schema import require_schema
from loader.errors import LoaderError
from loader.mapping.parsers import clean
from loader.project import ProjectPaths, database_url, owner_of
from loader.redaction import printable, redact_tracebacks
from loader.running_rill import refresh_after

LARGEST_ID = 2_147_483_647
# Leading zeros included. Python reads no number of thousands of digits.
LONGEST_ID = 20


@click.command()
@click.argument("prospect")
@click.option("-y", "--yes", is_flag=True, help="Do not ask for confirmation.")
@click.option("--by", metavar="NAME", help="Who asks; default: your account's name.")
def command(prospect: str, yes: bool, by: str | None) -> None:
    """Remove a person's rows from every table, and keep them out.

    PROSPECT is the number of the prospect in Bonzo, or the email address. Later
    loads leave the person out, also where Bonzo merges them with others. What
    Bonzo, backups and exports hold stays: see docs/operations.md.
    """
    asked = prospect.strip()
    if clean(asked) != asked:
        raise LoaderError("The prospect is not named in UTF-8 text: write it again.")
    is_number = asked.isascii() and asked.isdigit()
    if is_number and (len(asked) > LONGEST_ID or int(asked) > LARGEST_ID):
        raise LoaderError(f"{asked[:20]} is not a valid id of a prospect.")
    settings = load_settings()
    redact_tracebacks(*secrets_of(settings))
    paths = ProjectPaths.current()
    dsn = database_url(paths, settings)
    with loader_errors(), Database(dsn, wait=settings.database_wait) as database:
        database.lock()
        database.transaction(require_schema)
        database.transaction(lambda c: check_project(c, owner_of(paths, dsn)))
        ids = database.transaction(lambda c: people.find(c, asked))
        if not ids:
            _explain_absence(database, asked)
            return
        if not yes:
            _confirm(database, ids)
        # Should Rill not be told below, the next refresh reads everything.
        unread = unread_data.find(paths.state)
        unread_data.note(paths.state, replace(unread, tables=None))
        removed = database.transaction(
            lambda c: forgotten.forget(c, ids, (by or _account()).strip()[:100])
        )
    click.echo(f"Removed {sum(removed.values()):,} rows:")
    for name, count in sorted(removed.items()):
        click.echo(f"  {name.removeprefix('public.')}: {count:,}")
    click.echo("Later loads leave this person out. Delete them in Bonzo, too.")
    if refresh_after("The rows are removed", paths.rill, paths.state):
        click.echo("Rill has read the data without them.")


def _explain_absence(database: Database, asked: str) -> None:
    """Say that there is nothing to remove; an error unless it was removed before."""
    if asked.isascii() and asked.isdigit():
        earlier = database.transaction(
            lambda c: forgotten.when_forgotten(c, int(asked))
        )
        if earlier is not None:
            at, by = earlier
            click.echo(
                f"This prospect was forgotten on {at:%Y-%m-%d} by {by}; nothing of "
                "them is left."
            )
            return
    raise LoaderError(
        "The database holds no such prospect, so nothing was removed. Give the number "
        "at the end of the prospect's address in Bonzo, or their email address."
    )


def _confirm(database: Database, ids: list[int]) -> None:
    """Show whom this is about, and stop unless the answer is yes."""
    for person in database.transaction(lambda c: people.describe(c, ids)):
        shown = ", ".join(text for text in person[1:] if text)
        click.echo(printable(f"Prospect {person.prospect_id}: {shown}"))
    others = database.transaction(lambda c: people.same_contacts(c, ids))
    if others:
        numbers = ", ".join(map(str, others[:10]))
        click.echo(
            f"The same email address or phone is also on: {numbers}. If that is the "
            "same person, forget them afterwards, too."
        )
    click.confirm("Remove all rows about this person for good?", abort=True)


def _account() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
