"""The environment that the tests run in: nothing of whoever runs them."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

# Settings of the product, of PostgreSQL's clients, and addresses of proxies.
PREFIXES = ("BONZO_", "DATABASE_URL", "RILL_", "PG")
NAMES = {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "NETRC"}
# Given by whoever runs the tests, so they must survive the cleaning.
KEPT = {"BONZO_POSTGRES_BIN"}
FIXED = {"TZ": "UTC", "LC_ALL": "C.UTF-8"}


def cleaned(environment: Mapping[str, str], home: str) -> dict[str, str]:
    """Return an environment without personal settings, and with that HOME.

    Files below the real HOME, such as `.pgpass`, `.netrc` or Rill's settings, are
    out of sight then; only the browsers of Playwright are still found.
    """
    browsers = Path(environment.get("HOME", "/")) / ".cache" / "ms-playwright"
    kept = {
        name: value
        for name, value in environment.items()
        if name in KEPT or not (name.startswith(PREFIXES) or name.upper() in NAMES)
    }
    if browsers.is_dir():
        kept.setdefault("PLAYWRIGHT_BROWSERS_PATH", str(browsers))
    return {**kept, **FIXED, "HOME": home}


def clean() -> None:
    """Clean this process's environment, for it and the processes it starts."""
    home = tempfile.mkdtemp(prefix="bonzo-test-home-")
    wanted = cleaned(os.environ, home)
    for name in set(os.environ) - set(wanted):
        del os.environ[name]
    os.environ.update(wanted)
    time.tzset()
