"""A stop request that wakes whoever is waiting."""

from __future__ import annotations

import threading


class Stopped(BaseException):
    """The run was asked to end by a signal; `signum` says which.

    Not an Exception, so that no "carry on after an error" clause swallows it.
    """

    def __init__(self, signum: int = 0) -> None:
        super().__init__(f"stopped by signal {signum}")
        self.signum = signum


class StopRequest:
    """Set once, from a signal handler; every wait ends with Stopped."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self.signum = 0

    def set(self, signum: int) -> None:
        """Ask everybody who waits, now or later, to stop."""
        self.signum = signum
        self._event.set()

    @property
    def is_set(self) -> bool:
        """Whether somebody asked to stop."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise Stopped if somebody asked to stop."""
        if self._event.is_set():
            raise Stopped(self.signum)

    def wait(self, seconds: float) -> None:
        """Sleep for so many seconds; raise Stopped as soon as asked to stop."""
        if self._event.wait(max(seconds, 0)):
            raise Stopped(self.signum)
