"""Errors that reach the user as one sentence."""

from __future__ import annotations

import click

from loader.redaction import printable


class LoaderError(click.ClickException):
    """Something the user can fix; the message says how. Exit code 1.

    Parts of a message may come from Bonzo, so what a terminal would obey is left
    out.
    """

    exit_code = 1

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))
