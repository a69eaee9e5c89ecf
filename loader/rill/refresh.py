"""Tells a running Rill that the database has new data."""

from __future__ import annotations

import time
from pathlib import Path

import requests

from loader.errors import LoaderError
from loader.rill import runtime

ATTEMPTS = 5
WAIT_SECONDS = 600


def refresh(rill_dir: Path, state_dir: Path) -> bool:
    """Have the Rill of this project re-read its sources and wait for the end.

    False if none runs. LoaderError if it refuses or something fails to build;
    with staged changes, which is how we start it, the old data is then kept.
    """
    running = runtime.of_project(rill_dir, state_dir)
    if running is None:
        return False
    _trigger(running)
    errors = running.wait_until_idle(WAIT_SECONDS)
    if errors:
        raise LoaderError(
            "Rill re-read the data with errors and serves what it had before "
            "where it can: " + "; ".join(errors[:5])
        )
    return True


def _trigger(running: runtime.Runtime) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            running.trigger_all()
            return
        except requests.RequestException as error:
            # Right after a start or an edit Rill refuses for about a second.
            if attempt == ATTEMPTS:
                raise LoaderError(
                    f"Rill on {running.url} did not take the request to re-read "
                    f"({type(error).__name__}): restart it with `make start`."
                ) from None
            time.sleep(attempt)
