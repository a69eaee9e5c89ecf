"""Notices a Rill that hangs, ends it, and has it started again."""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from loader import running_rill
from loader.errors import LoaderError
from loader.silence import Silence

PAUSE = 5.0  # seconds between two questions
# A Rill that builds a large account answers within a fraction of a second.
HUNG_SECONDS = 60
LOG_SECONDS = 5
# After so many hangs within so many seconds another start would not help.
MOST_HANGS, HANGS_SECONDS = 3, 1800


def keep_running(run: Callable[[], int | None], say: Callable[[str], None]) -> int:
    """Call `run`, again for as long as it returns None: Rill hung and was ended.

    Return Rill's exit code otherwise. Raise LoaderError when it hangs too often.
    """
    hangs: deque[float] = deque(maxlen=MOST_HANGS)
    while True:
        code = run()
        if code is not None:
            return code
        hangs.append(time.monotonic())
        if len(hangs) == MOST_HANGS and hangs[-1] - hangs[0] < HANGS_SECONDS:
            raise LoaderError(
                f"Rill hung {MOST_HANGS} times within {HANGS_SECONDS // 60} minutes, "
                "so it is not started again: close its pages and run `make start`; "
                ".data/rill.log shows where it hung."
            )
        say(
            f"Rill has not answered for {HUNG_SECONDS} seconds: it was ended and is "
            "started again. Open pages reconnect, and nothing that was loaded is lost."
        )


class Watch:
    """Asks a Rill now and then, and ends it when it hangs."""

    def __init__(self, child: subprocess.Popen, port: int) -> None:
        self.found_hung = False
        self._child = child
        self._rill = running_rill.Runtime(port)
        self._over = threading.Event()

    def run(self) -> None:
        """Watch until `stop`, until Rill ends, or until it hangs."""
        # They are for the main thread, which waits for Rill and would sleep on.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
        while not self._rill.responds():  # it is starting
            if self._over.wait(PAUSE):
                return
        silence = Silence(most=PAUSE + running_rill.TIMEOUT)
        while not self._over.wait(PAUSE):
            silence.note(self._rill.responds())
            if silence.seconds >= HUNG_SECONDS and self._child.poll() is None:
                self.found_hung = True
                _end(self._child)
                return

    def stop(self) -> None:
        """Watch no longer, whatever was asked last."""
        self._over.set()


@contextmanager
def watching(child: subprocess.Popen, port: int) -> Iterator[Watch]:
    """Watch a Rill in the background."""
    watch = Watch(child, port)
    thread = threading.Thread(target=watch.run, daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        watch.stop()
        if watch.found_hung:
            thread.join()  # to start a process beside a thread is unsafe


def _end(child: subprocess.Popen) -> None:
    # On SIGQUIT Go's runtime writes to the log what every goroutine waits for. On
    # SIGINT, a Rill that hangs would go on to wait for itself.
    child.send_signal(signal.SIGQUIT)
    try:
        child.wait(LOG_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
