"""Adds up for how long somebody who is asked again and again has not answered."""

from __future__ import annotations

import time


class Silence:
    """Counts seconds without an answer.

    No more than `most` seconds are counted between two questions: a machine that
    slept, or a program that was suspended, learns nothing from the time it missed.
    """

    def __init__(self, most: float) -> None:
        self._most = most
        self._since = time.monotonic()
        self.seconds = 0.0

    def note(self, answered: bool) -> None:
        """Note the outcome of a question, right after it."""
        now = time.monotonic()
        passed = min(now - self._since, self._most)
        self.seconds = 0.0 if answered else self.seconds + passed
        self._since = now
