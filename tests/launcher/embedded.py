"""Servers of their own for the tests of the embedded PostgreSQL."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from launcher.postgres import server as postgres

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become others")
# An account of every system, for an ordinary user; it owns nothing of ours.
ORDINARY = 65534


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A data directory that the server's account can reach; stopped afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="bonzo-embedded-"))
    folder.chmod(0o755)
    yield folder / "data"
    for name in ("data", ".data"):
        postgres.stop(folder / name)
    shutil.rmtree(folder, ignore_errors=True)


def launch(folder: Path, options: Sequence[str] = ()) -> postgres.Server:
    """Start a server that cannot outlive the test."""
    return postgres.start(folder, options=options, die_with_parent=True)


def as_user(work: Callable[[], object], uid: int = ORDINARY) -> str:
    """Run `work` in a process of that user; return its result or error as text."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(uid)
            os.setuid(uid)
            result = str(work())
        except BaseException as error:
            result = f"{type(error).__name__}: {error}"
        os.write(writing, result.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    return text
