"""Notes where the Rill that we started listens, and stops it."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

from launcher import private_files
from loader import running_rill
from loader.errors import LoaderError

STOP_SECONDS = 20


def record(state_dir: Path, port: int, pid: int) -> None:
    """Note where Rill listens, for later refreshes."""
    private_files.make_directory(state_dir)
    (state_dir / "rill.json").write_text(json.dumps({"port": port, "pid": pid}) + "\n")


def forget(state_dir: Path) -> None:
    """Remove the note that `record` left."""
    (state_dir / "rill.json").unlink(missing_ok=True)


def stop(rill_dir: Path, state_dir: Path) -> bool:
    """End the Rill that `record` noted; False if it does not run any more."""
    noted = running_rill.recorded(state_dir)
    if (
        noted is None
        or running_rill.Runtime(noted[0]).project_path() != rill_dir.resolve()
    ):
        return False
    port, pid = noted
    os.kill(pid, signal.SIGINT)
    deadline = time.monotonic() + STOP_SECONDS
    while running_rill.answers(port):
        if time.monotonic() > deadline:
            raise LoaderError(f"Rill (pid {pid}) did not end: run `kill -9 {pid}`.")
        time.sleep(0.2)
    return True
