"""Decides whether a transaction that failed is worth another attempt."""

from __future__ import annotations

import time

import psycopg

from loader.database.errors import (
    cannot_reconnect,
    is_conflict,
    is_lost,
    is_waiting_for_lock,
    lock_timed_out,
    to_loader_error,
)

# How often a transaction that collided with another session's is tried again.
CONFLICT_RETRIES = 5


class Retry:
    """The attempts at one transaction.

    `wait` is how many seconds attempts may go on after the first failure.
    """

    def __init__(self, wait: float) -> None:
        self._wait = wait
        self._deadline: float | None = None
        self._conflicts = 0
        self.waited_for_lock = False
        self.blocker: str | None = None
        self.is_new_blocker = False

    def found_blocker(self, blocker: str | None) -> None:
        """Remember who was in the way during this attempt."""
        self.is_new_blocker = blocker not in (None, self.blocker)
        self.blocker = blocker or self.blocker

    def note(self, error: psycopg.Error, dsn: str | None) -> None:
        """Take note of a failed attempt; raise LoaderError if it was the last.

        `dsn` is given where it was the connecting that failed.
        """
        if is_conflict(error):
            self._conflicts += 1
            if self._conflicts > CONFLICT_RETRIES:
                raise to_loader_error(error) from None
            return
        was_watched, self.waited_for_lock = (
            self.waited_for_lock,
            is_waiting_for_lock(error),
        )
        if not self.waited_for_lock and not is_lost(error):
            raise to_loader_error(error) from None
        if self._deadline is None:
            self._deadline = time.monotonic() + self._wait
        # At least one attempt is watched, so that the sentence can name a session.
        is_first_wait = self.waited_for_lock and not was_watched
        if is_first_wait or time.monotonic() < self._deadline:
            return
        if self.waited_for_lock:
            raise lock_timed_out(error, self.blocker, self._wait) from None
        if dsn is not None:
            raise cannot_reconnect(dsn, error) from None
        raise to_loader_error(error) from None
