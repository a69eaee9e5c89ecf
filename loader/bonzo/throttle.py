"""Even pacing under the account's rate limit, shared by all workers.

Requests get slots at equal distances. Time that passes unused gives no credit,
so nothing bursts after a pause.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

# Aim just below the limit: the service's window and ours begin at other times.
TARGET_UTILIZATION = 0.98
# Replies overtake each other, so a counter may seem to go up a little.
JITTER_OF_REMAINING = 20
# Slower than this times the even pace: others are using the same limit.
NOTICEABLE = 1.5
# Slower than this times the pace of the settings: a load takes far longer than usual.
FAR_SLOWER = 10.0
# Seconds; whoever watches a load should know why it stands still for longer.
LONG_WAIT = 30.0
LONGEST_NUMBER = 12


class Throttle:
    """Hands out slots; one instance per account.

    `limit` requests per `window` seconds hold until a reply's X-RateLimit-Limit
    says otherwise. `wait` sleeps and may raise to end the waiting. `notice` is
    called with the seconds of a wait that is longer than LONG_WAIT.
    """

    def __init__(
        self,
        limit: int,
        window: float = 60.0,
        *,
        wait: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        notice: Callable[[float], None] = lambda seconds: None,
    ) -> None:
        self.limit = limit
        self.window = window
        self._usual_limit = limit
        self._wait = wait
        self._notice = notice
        self._clock = clock
        self._lock = threading.Lock()
        self._next = 0.0
        self._paused_until = 0.0
        self._remaining: int | None = None
        self._window_start: float | None = None

    def acquire(self) -> None:
        """Wait for the next slot."""
        while True:
            delay, has_slot = self._reserve()
            if delay > LONG_WAIT:
                self._notice(delay)
            if delay > 0:
                self._wait(delay)
            with self._lock:
                # A pause that began meanwhile has taken the slot back.
                paused = self._clock() < self._paused_until
            if has_slot and not paused:
                return

    def pause(self, seconds: float) -> None:
        """Let nobody pass for so many seconds, then go on at the even pace."""
        with self._lock:
            until = self._clock() + seconds
            self._paused_until = max(self._paused_until, until)
            self._next = self._paused_until

    @property
    def is_far_slower(self) -> bool:
        """Whether the service allows far fewer requests than the settings expect."""
        return self.limit * FAR_SLOWER < self._usual_limit

    def update_from_headers(self, headers: Mapping[str, str]) -> None:
        """Follow the X-RateLimit headers of a reply, if it has any."""
        limit = _whole(headers.get("X-RateLimit-Limit"))
        remaining = _whole(headers.get("X-RateLimit-Remaining"))
        with self._lock:
            if limit:
                self.limit = limit
            if remaining is None:
                return
            known = self._remaining
            if known is not None and remaining > known + JITTER_OF_REMAINING:
                self._window_start = self._clock()
            self._remaining = remaining

    def _reserve(self) -> tuple[float, bool]:
        """Return the seconds to wait, and whether a slot is then ours."""
        with self._lock:
            now = self._clock()
            if now < self._paused_until:
                return self._paused_until - now, False
            slot = max(self._next, now)
            self._next = slot + self._interval(now)
            return slot - now, True

    def _interval(self, now: float) -> float:
        """Return the seconds between slots, longer where others use the same limit."""
        even = self.window / (self.limit * TARGET_UTILIZATION)
        if self._window_start is None or self._remaining is None:
            return even
        slot = max(self._next, now)
        left = self._window_start + self.window - slot
        if left <= 0:
            # A new window has begun, and no reply has shown it yet.
            self._window_start = self._remaining = None
            return even
        # Slots that are handed out already will use up some of what remains.
        remaining = self._remaining - (slot - now) / even
        share = left if remaining < 1 else left / remaining
        return share if share > NOTICEABLE * even else even


def _whole(value: str | None) -> int | None:
    text = (value or "").strip()
    is_number = text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER
    return int(text) if is_number else None
