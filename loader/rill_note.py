"""What the launcher notes in `.data/` about the Rill that it serves.

`rill.json` says where Rill listens. `rill.lock` is locked for as long as a launcher
serves, also while it starts its Rill again; a note that outlived its launcher, which
was killed, is not.
"""

from __future__ import annotations

import fcntl
import json
from dataclasses import dataclass
from pathlib import Path

FILE = "rill.json"
LOCK = "rill.lock"


@dataclass(frozen=True)
class Note:
    """Rill's HTTP port, its pid, and that of the launcher that serves it."""

    port: int
    pid: int
    launcher: int


def read(state_dir: Path) -> Note | None:
    """Return what is noted, or None."""
    try:
        noted = json.loads((state_dir / FILE).read_text())
        return Note(*(int(noted[name]) for name in ("port", "pid", "launcher")))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def is_served(state_dir: Path) -> bool:
    """Say whether a launcher serves this project at the moment."""
    try:
        with (state_dir / LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
