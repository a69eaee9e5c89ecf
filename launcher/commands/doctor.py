"""`doctor`: the loader's own checks, those of the CSV files, and those of Rill."""

from __future__ import annotations

from itertools import chain

import click

from launcher.duckdb import csv_faults
from launcher.rill import diagnostics as rill_diagnostics
from loader import diagnostics
from loader.commands.doctor import report
from loader.config import load_settings, secrets_of
from loader.project import ProjectPaths
from loader.redaction import redact_tracebacks


@click.command()
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print one JSON object to send to support: no secret, no name, no address.",
)
def command(as_json: bool) -> None:
    """Check everything from the token to Rill's port, and name the fixes.

    Exit code 1 if something is wrong. A note alone is not a fault.
    """
    paths, settings = ProjectPaths.current(), load_settings()
    redact_tracebacks(*secrets_of(settings))
    found = chain(
        diagnostics.checks(paths, settings),
        csv_faults.checks(paths.rill),
        rill_diagnostics.checks(paths),
    )
    report(found, settings, as_json)
