"""`get`: one authenticated read, to see what Bonzo says."""

from __future__ import annotations

import json

import click

from loader.bonzo.client import BonzoClient
from loader.config import load_settings
from loader.errors import LoaderError
from loader.redaction import redact


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
    params = {}
    for pair in query:
        name, sign, value = pair.partition("=")
        if not sign:
            raise LoaderError(f"{pair!r} is no NAME=VALUE.")
        params[name] = value
    answer = BonzoClient(settings).get(path, **params)
    text = json.dumps(answer, indent=2)
    click.echo(redact(text, settings.bonzo_api_token))
