"""Directories and files that other accounts of the machine cannot read."""

from __future__ import annotations

import os
import stat
from pathlib import Path

# A directory that root shares with its database server's account.
SHARED = 0o710


def make_directory(path: Path) -> Path:
    """Create a directory that its owner alone enters; close it if it is open."""
    if not path.is_dir():
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(0o700)
        return path
    info = path.stat()
    mode = stat.S_IMODE(info.st_mode)
    if mode & 0o077 and mode != SHARED and info.st_uid == os.geteuid():
        path.chmod(mode & 0o700)
    return path


def open_private(path: Path, flags: int) -> int:
    """Open a file with mode 600, whatever its mode was, and return its descriptor.

    `flags` are those of `os.open`. A file that root creates in somebody's directory
    belongs to that directory's owner, who works with it afterwards.
    """
    descriptor = os.open(path, flags | os.O_CREAT | os.O_CLOEXEC, 0o600)
    os.fchmod(descriptor, 0o600)
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.fchown(descriptor, owner.st_uid, -1)
    return descriptor


def write(path: Path, text: str) -> None:
    """Replace a file in one step; nobody else can read it at any moment."""
    partial = path.with_name(f"{path.name}.partial-{os.getpid()}")
    try:
        descriptor = open_private(partial, os.O_WRONLY | os.O_TRUNC)
        with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
            handle.write(text)
        partial.replace(path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise
