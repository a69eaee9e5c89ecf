"""`get`: one authenticated read, to see what Bonzo says."""

from __future__ import annotations

import json

import click

from loader.bonzo.client import BonzoClient
from loader.config import load_settings, secrets_of
from loader.errors import LoaderError
from loader.redaction import Redactor, printable, redact_tracebacks


@click.command()
@click.argument("path")
@click.argument("query", nargs=-1, metavar="[NAME=VALUE]...")
def command(path: str, query: tuple[str, ...]) -> None:
    """Print Bonzo's answer to PATH as JSON.

    \b
    Examples:
        bonzo-loader get /prospects page=2 per_page=5
        bonzo-loader get /prospects/123/communication
    """
    settings = load_settings()
    redact_tracebacks(*secrets_of(settings))
    params = {}
    for pair in query:
        name, sign, value = pair.partition("=")
        if not sign:
            raise LoaderError(f"{pair!r} is not a valid NAME=VALUE.")
        params[name] = value
    answer = BonzoClient(settings, warn=_warn).get(path, **params)
    # Masked before JSON escapes a part of the token.
    masked = Redactor(*secrets_of(settings)).record(answer)
    click.echo(printable(json.dumps(masked, indent=2)))


def _warn(text: str) -> None:
    click.echo(text, err=True)
