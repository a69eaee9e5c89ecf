"""Settings of a load from a fake Bonzo that waits for nothing."""

from __future__ import annotations

from typing import Any

from demo.server import FakeBonzo
from loader.config import Settings

# Fast where waiting would prove nothing. Times are in seconds.
QUICK = {
    "rate_limit": 10_000_000,
    "backoff": 0.001,
    "retries": 2,
    "workers": 4,
}


def quick_settings(server: FakeBonzo, **changes: Any) -> Settings:
    """Return settings to read `server` with; `changes` win over QUICK."""
    own = {"bonzo_api_token": server.token, "bonzo_base_url": server.url}
    return Settings(**{**QUICK, **own, **changes})
