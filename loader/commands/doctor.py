"""`doctor`: is everything in place for a load?"""

from __future__ import annotations

import click

from loader.config import load_settings
from loader.diagnostics import checks
from loader.errors import LoaderError
from loader.project import ProjectPaths

MARKS = {"ok": "ok   ", "note": "note ", "wrong": "WRONG"}


@click.command()
def command() -> None:
    """Check token, scopes, database, schema and mapping, and name the cures.

    Exit code 1 if something is wrong. A note alone is no fault.
    """
    wrong = 0
    for finding in checks(ProjectPaths.current(), load_settings()):
        wrong += finding.state == "wrong"
        click.echo(f"{MARKS[finding.state]} {finding.subject}: {finding.text}")
    if wrong:
        raise LoaderError(f"{wrong} to cure, then run this again.")
