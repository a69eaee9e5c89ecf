"""`get`: one authenticated read, to see what Bonzo says."""

from __future__ import annotations

import json

import click

from loader import answer_shape
from loader.bonzo.client import BonzoClient
from loader.config import load_settings, secrets_of
from loader.errors import LoaderError
from loader.redaction import Redactor, printable, redact_tracebacks


@click.command()
@click.argument("path")
@click.argument("query", nargs=-1, metavar="[NAME=VALUE]...")
@click.option(
    "--shape",
    is_flag=True,
    help="Print keys, types and how often each occurs, and none of the values.",
)
def command(path: str, query: tuple[str, ...], shape: bool) -> None:
    """Print Bonzo's answer to PATH as JSON, or its structure alone.

    The structure can be sent to whoever helps you: keys that may be data, such as
    ids, are {*}. Look through it once before you do.

    \b
    Examples:
        bonzo-loader get /prospects page=2 per_page=5
        bonzo-loader get /prospects/123/communication
        bonzo-loader get --shape /prospects
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
    if shape:
        click.echo(printable("\n".join(answer_shape.lines(masked))))
        return
    click.echo(printable(json.dumps(masked, indent=2)))


def _warn(text: str) -> None:
    click.echo(text, err=True)
