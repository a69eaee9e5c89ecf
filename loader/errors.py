"""Errors that reach the user as one sentence."""

from __future__ import annotations

import click


class LoaderError(click.ClickException):
    """Something the user can cure; the message says how. Exit code 1."""

    exit_code = 1
