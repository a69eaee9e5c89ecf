"""`doctor`: whether everything is in place for a load."""

from __future__ import annotations

import click

from loader.config import load_settings, secrets_of
from loader.diagnostics import checks
from loader.errors import LoaderError
from loader.output import Output
from loader.project import ProjectPaths
from loader.redaction import redact_tracebacks

MARKS = {"ok": "ok   ", "note": "note ", "wrong": "WRONG"}


@click.command()
def command() -> None:
    """Check token, scopes, database, schema and mapping, and name the fixes.

    Exit code 1 if something is wrong. A note alone is not a fault.
    """
    settings = load_settings()
    redact_tracebacks(*secrets_of(settings))
    out = Output(False, *secrets_of(settings))
    wrong = 0
    for check in checks(ProjectPaths.current(), settings):
        wrong += check.state == "wrong"
        out.result(f"{MARKS[check.state]} {check.subject}: {check.text}", "check")
    if wrong:
        problems = "1 problem" if wrong == 1 else f"{wrong} problems"
        raise LoaderError(f"{problems} found: fix them, then run this again.")
