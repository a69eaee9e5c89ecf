"""A stop request that wakes whoever is waiting."""

from __future__ import annotations

import signal
import threading
from types import FrameType


class Stopped(KeyboardInterrupt):
    """The run was asked to end by a signal; `signum` says which.

    No Exception, so that no "carry on after an error" clause swallows it, and a
    KeyboardInterrupt, on which psycopg cancels the statement in hand.
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

    def listen(self) -> None:
        """Stop on SIGINT and SIGTERM; call it in the main thread.

        The signal also interrupts the main thread where it stands, so that a
        slow answer does not delay the end.
        """
        for signum in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signum, self._on_signal)

    def _on_signal(self, signum: int, frame: FrameType | None) -> None:
        self.set(signum)
        raise Stopped(signum)
