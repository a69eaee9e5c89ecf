"""The fake Bonzo's rate limit: so many requests per fixed window."""

from __future__ import annotations

import threading
import time


class RateLimit:
    """Count requests per window of `window` seconds; None means no limit."""

    def __init__(self, limit: int | None = None, window: float = 60.0) -> None:
        self.limit = limit
        self.window = window
        self.refused = 0
        self._lock = threading.Lock()
        self._start = 0.0
        self._used = 0

    def take(self) -> tuple[bool, dict[str, str]]:
        """Return whether the request may pass, and the headers to send with it."""
        if self.limit is None:
            return True, {}
        with self._lock:
            now = time.monotonic()
            if now - self._start >= self.window:
                self._start, self._used = now, 0
            allowed = self._used < self.limit
            self._used += allowed
            self.refused += not allowed
            headers = {
                "X-RateLimit-Limit": str(self.limit),
                "X-RateLimit-Remaining": str(self.limit - self._used),
            }
            if not allowed:
                wait = max(1, -(-(self._start + self.window - now) // 1))
                headers["Retry-After"] = str(int(wait))
            return allowed, headers
