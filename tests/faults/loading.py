"""Runs the loader against a fake Bonzo, in this process or in one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from demo.server import FakeBonzo
from loader.config import Settings
from tests.quick_settings import QUICK, quick_settings

ROOT = Path(__file__).parent.parent.parent
PER_PAGE = 8
# Small pages, so that a small account has several; times are in seconds.
FAULTY = {
    **QUICK,
    "per_page": PER_PAGE,
    "rate_window": 0.2,
    "timeout": 5.0,
    "retries": 3,
    "backoff": 0.01,
    "database_wait": 20.0,
}


def settings(dsn: str, server: FakeBonzo, **changes: Any) -> Settings:
    """Return settings for one load of a fake Bonzo into a database."""
    return quick_settings(server, database_url=dsn, **{**FAULTY, **changes})


def load(
    dsn: str,
    server: FakeBonzo,
    clock: Callable[[], datetime] | None = None,
    accept_vanished: bool = False,
    notify: Callable[[str], None] | None = None,
    **changes: Any,
) -> Any:
    """Load in this process and return the report; errors come through."""
    from loader.bonzo.client import BonzoClient
    from loader.sync import run

    chosen = settings(dsn, server, **changes)
    client = BonzoClient(chosen)
    return run(
        chosen,
        client,
        dsn,
        now=clock,
        accept_vanished=accept_vanished,
        notify=notify,
    )


def environment(dsn: str, server: FakeBonzo, **changes: Any) -> dict[str, str]:
    """Return the environment of a loader in a process of its own."""
    names = {
        name: str(setting)
        for name, setting in {**FAULTY, **changes}.items()
        if name != "database_wait"
    }
    given = {f"BONZO_{name.upper()}": value for name, value in names.items()}
    return {
        **os.environ,
        **given,
        "DATABASE_URL": dsn,
        "BONZO_API_TOKEN": server.token,
        "BONZO_BASE_URL": server.url,
        "PYTHONUNBUFFERED": "1",
    }


def start(dsn: str, server: FakeBonzo, *arguments: str, **changes: Any) -> Any:
    """Start `load` in a process of its own, its output piped."""
    return subprocess.Popen(
        [sys.executable, "-m", "loader", "load", *arguments],
        cwd=ROOT,
        env=environment(dsn, server, **changes),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Its own group: an interrupt meant for it must not reach the tests.
        start_new_session=True,
    )
