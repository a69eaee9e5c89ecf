"""What a server notes about itself, read without a connection.

A server that has no connection left, or is starting or stopping, runs all the
same, so whether it runs is never judged by connecting.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from launcher import processes


@dataclass(frozen=True)
class Postmaster:
    """A server's main process: where it listens, and its state in its own word."""

    pid: int
    port: int
    socket_dir: str
    tcp_address: str
    state: str

    @property
    def ready(self) -> bool:
        """True once it takes connections."""
        return self.state == "ready"


def running(cluster: Path) -> Postmaster | None:
    """Return the live server of a data directory, or None."""
    noted = _read(cluster)
    if noted and processes.alive(noted.pid) and _works_in(noted.pid, cluster):
        return noted
    return None


def _read(cluster: Path) -> Postmaster | None:
    """Read `postmaster.pid`, as far as the server has written it."""
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
        pid = int(lines[0])
    except (OSError, ValueError, IndexError):
        return None
    lines += [""] * (8 - len(lines))
    port = int(lines[3]) if lines[3].isdigit() else 0
    return Postmaster(pid, port, lines[4], lines[5], lines[7].strip())


def _works_in(pid: int, cluster: Path) -> bool:
    """Say whether the process is that server and not one that got its pid since."""
    if sys.platform == "linux":
        try:
            return Path(os.readlink(f"/proc/{pid}/cwd")) == cluster.resolve()
        except PermissionError:
            return True
        except OSError:
            return False
    answer = subprocess.run(
        ["ps", "-o", "command=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    return str(cluster) in answer.stdout
