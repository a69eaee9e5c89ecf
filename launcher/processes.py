"""Small facts about processes and ports that servers in the background need."""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

PORTS_TO_TRY = 50
PR_SET_PDEATHSIG = 1
LOOPBACK = ((socket.AF_INET, "127.0.0.1"),)
EVERYWHERE = (*LOOPBACK, (socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::"))


def alive(pid: int) -> bool:
    """Say whether a process runs; one that ended but was not reaped does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return True
    return state != "Z"


def working_in(folder: Path) -> list[int]:
    """Return the pids whose working directory is `folder` (Linux only)."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if Path(os.readlink(entry / "cwd")) == folder:
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def wait_for(condition: Callable[[], object], seconds: float) -> bool:
    """Wait until the condition holds; False if it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    pause = 0.01
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
        pause = min(pause * 1.5, 0.2)
    return True


def follow_parent(wanted: bool = True) -> Callable[[], None] | None:
    """Return a `preexec_fn` that ends the child with its parent (Linux only)."""
    if not wanted or sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def free_ports(
    first: int,
    places: Sequence[tuple[socket.AddressFamily, str]] = LOOPBACK,
    tries: int = PORTS_TO_TRY,
) -> Iterator[int]:
    """Yield ports from `first` on that are free on all `places`."""
    for port in range(first, min(first + tries, 65536)):
        if all(_bindable(family, host, port) for family, host in places):
            yield port


def is_free(port: int) -> bool:
    """Say whether a program may listen on a port, whatever its address."""
    return any(free_ports(port, EVERYWHERE, 1))


def _bindable(family: socket.AddressFamily, host: str, port: int) -> bool:
    try:
        probe = socket.socket(family)
    except OSError:
        return True  # a machine without IPv6
    with probe:
        # As servers do: a port in TIME_WAIT counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            # IPv6 may be compiled in and switched off: no such address, then.
            return family == socket.AF_INET6 and error.errno != errno.EADDRINUSE
    return True
