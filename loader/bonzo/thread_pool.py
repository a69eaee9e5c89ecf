"""A small pool of daemon threads.

Unlike concurrent.futures it never keeps the process alive: after Ctrl-C a
worker may still sit in a slow read, and nobody needs its answer.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any


class Workers:
    """`count` threads that work off jobs in the order of submission."""

    def __init__(self, count: int) -> None:
        self._jobs: queue.SimpleQueue = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._work, name=f"bonzo-{i}", daemon=True)
            for i in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, job: Callable[..., Any], *args: Any) -> Future:
        """Queue a job; the future holds its result or its exception."""
        future: Future = Future()
        self._jobs.put((future, job, args))
        return future

    def close(self) -> None:
        """Drop what has not begun and let the threads end."""
        try:
            while True:
                self._jobs.get_nowait()[0].cancel()
        except queue.Empty:
            pass
        for _ in self._threads:
            self._jobs.put(None)

    def _work(self) -> None:
        while (item := self._jobs.get()) is not None:
            future, job, args = item
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(job(*args))
            except BaseException as error:
                future.set_exception(error)
