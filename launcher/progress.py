"""Shows how far something is: a bar on a terminal, else a line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import click

Item = TypeVar("Item")
# Seconds between two lines where there is no terminal.
PAUSE = 5.0


class Progress:
    """Shows "label: 3 of 44", on stderr; call it with each new state."""

    def __init__(self, label: str, say: Callable[[str], None] | None = None) -> None:
        self._label = label
        self._say = say or (lambda text: click.echo(text, err=True))
        self._on_terminal = say is None and sys.stderr.isatty()
        self._said: tuple[int, int] | None = None
        self._next = 0.0

    def __call__(self, done: int, total: int) -> None:
        """Show a state, unless it is shown already or the last was a moment ago."""
        state = (done, total)
        if not total or state == self._said:
            return
        text = f"{self._label}: {done} of {total}"
        if self._on_terminal:
            # Over the line before it, whose end a shorter text would leave.
            click.echo(f"\r{text:<60}", err=True, nl=False)
        elif time.monotonic() >= self._next or done == total:
            self._say(text)
            self._next = time.monotonic() + PAUSE
        self._said = state

    def end(self) -> None:
        """Leave the line for what is printed next."""
        if self._on_terminal and self._said:
            click.echo(err=True)


def each(label: str, items: Sequence[Item]) -> Iterator[Item]:
    """Yield the items and show, before each, how many are done."""
    progress = Progress(label)
    try:
        for number, item in enumerate(items):
            progress(number, len(items))
            yield item
        progress(len(items), len(items))
    finally:
        progress.end()
