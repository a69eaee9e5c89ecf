"""Waits until a Rill has built everything, and says what it could not build."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import requests

from launcher import processes
from launcher.progress import Progress
from loader import running_rill
from loader.errors import LoaderError

# A hang is noticed by others; a very large account takes a quarter of an hour.
READY_SECONDS = 3600
LISTEN_SECONDS = 60  # that a Rill has to take its port


def is_listening(
    serving: running_rill.Runtime, child: subprocess.Popen, rill_dir: Path
) -> bool:
    """Wait for this Rill to answer, and return False if it ended.

    Where another program took the port first, another Rill may answer until then.
    """

    def is_decided() -> bool:
        return child.poll() is not None or serving.project_path() == rill_dir.resolve()

    processes.wait_for(is_decided, LISTEN_SECONDS)
    return child.poll() is None


def is_ready(
    serving: running_rill.Runtime, child: subprocess.Popen, say: Callable[[str], None]
) -> bool:
    """Wait for Rill, say what is not built, and return whether all of it is."""
    progress = Progress("Rill is building the dashboards")
    try:
        errors = serving.wait_until_idle(
            READY_SECONDS, lambda: child.poll() is None, progress
        )
    except LoaderError:
        if child.poll() is not None:
            return False  # its exit code says why
        raise
    finally:
        progress.end()
    if errors and not _is_anything_built(serving):
        raise LoaderError(
            f"Rill could build no dashboard ({len(errors)} errors, the first: "
            f"{errors[0][:300]}): see .data/rill.log."
        )
    for line in errors:
        say(f"  not built: {line}")
    return not errors


def _is_anything_built(serving: running_rill.Runtime) -> bool:
    try:
        return any(_is_built(found) for found in serving.resources())
    except requests.RequestException:
        return True  # it has ended or hangs, which others notice


def _is_built(resource: dict) -> bool:
    """Say whether this is a metrics view that can be asked: pages are made of them."""
    return "validSpec" in resource.get("metricsView", {}).get("state", {})
