"""Notes that we serve a Rill, and where; and ends it."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from launcher import private_files, processes
from loader import rill_note, running_rill
from loader.errors import LoaderError

STOP_SECONDS = 20  # that a Rill has to end
LAUNCHER_SECONDS = STOP_SECONDS + 10  # it gives its Rill the first
LOCK_SECONDS = 2  # whoever looks whether it is locked holds it for a moment


@contextmanager
def serving(state_dir: Path) -> Iterator[None]:
    """Hold the lock of whoever serves, and leave no note behind.

    Raises LoaderError where another launcher serves this project already.
    """
    private_files.make_directory(state_dir)
    descriptor = private_files.open_private(state_dir / rill_note.LOCK, os.O_WRONLY)
    with os.fdopen(descriptor, "w") as lock:
        if not processes.wait_for(lambda: _taken(lock.fileno()), LOCK_SECONDS):
            raise LoaderError(
                "another `make start` serves this project and is not ready: wait for "
                "the address that it prints, or end it with `make stop`."
            )
        try:
            forget(state_dir)
            yield
        finally:
            forget(state_dir)


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def record(state_dir: Path, port: int, pid: int) -> None:
    """Note where Rill listens, for later refreshes."""
    private_files.make_directory(state_dir)
    noted = {"port": port, "pid": pid, "launcher": os.getpid()}
    private_files.write(state_dir / rill_note.FILE, json.dumps(noted) + "\n")


def forget(state_dir: Path) -> None:
    """Remove the note that `record` left."""
    (state_dir / rill_note.FILE).unlink(missing_ok=True)


def stop(rill_dir: Path, state_dir: Path) -> bool:
    """End the Rill that `record` noted; False if it does not run any more."""
    noted = rill_note.read(state_dir)
    if noted is None:
        return False
    if rill_note.is_served(state_dir):
        _stop_launcher(noted.launcher, state_dir)
        return True
    if running_rill.Runtime(noted.port).project_path() != rill_dir.resolve():
        return False
    os.kill(noted.pid, signal.SIGINT)
    deadline = time.monotonic() + STOP_SECONDS
    while running_rill.answers(noted.port):
        if time.monotonic() > deadline:
            raise LoaderError(
                f"Rill (pid {noted.pid}) did not end: run `kill -9 {noted.pid}`."
            )
        time.sleep(0.2)
    return True


def _stop_launcher(pid: int, state_dir: Path) -> None:
    """Have a launcher end its Rill and itself, whatever either is doing."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
        os.kill(pid, signal.SIGCONT)  # it may have been suspended with Ctrl-Z
    if not processes.wait_for(
        lambda: not rill_note.is_served(state_dir), LAUNCHER_SECONDS
    ):
        raise LoaderError(f"`make start` (pid {pid}) did not end: run `kill -9 {pid}`.")
