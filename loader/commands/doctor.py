"""`doctor`: whether everything is in place for a load."""

from __future__ import annotations

import json
from collections.abc import Iterable

import click

from loader import __version__
from loader.config import Settings, load_settings, secrets_of
from loader.diagnostics import Check, checks
from loader.errors import LoaderError
from loader.output import Output
from loader.project import ProjectPaths
from loader.redaction import redact_tracebacks

MARKS = {"ok": "ok   ", "note": "note ", "wrong": "WRONG"}


@click.command()
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print one JSON object to send to support: no secret, no name, no address.",
)
def command(as_json: bool) -> None:
    """Check token, scopes, database, schema, mapping and data, and name the fixes.

    Exit code 1 if something is wrong. A note alone is not a fault.
    """
    settings = load_settings()
    redact_tracebacks(*secrets_of(settings))
    report(checks(ProjectPaths.current(), settings), settings, as_json)


def report(found: Iterable[Check], settings: Settings, as_json: bool) -> None:
    """Print checks as they come, or all as one object; raise if one is wrong."""
    out = Output(False, *secrets_of(settings))
    done = []
    for check in found:
        done.append(check)
        if not as_json:
            out.result(f"{MARKS[check.state]} {check.subject}: {check.text}", "check")
    if as_json:
        entries = [
            {"subject": check.subject, "state": check.state, **check.facts}
            for check in done
        ]
        out.result(json.dumps({"version": __version__, "checks": entries}), "checks")
    wrong = sum(check.state == "wrong" for check in done)
    if wrong:
        problems = "1 problem" if wrong == 1 else f"{wrong} problems"
        raise LoaderError(f"{problems} found: fix them, then run this again.")
