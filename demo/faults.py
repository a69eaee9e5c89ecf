"""What can go wrong between the loader and the service, switched on by tests."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

# What a fault does to the requests that it hits.
KINDS = (
    "too_many",  # 429; `retry_after` as given, or no such header
    "bad_gateway",  # 502 with an HTML page
    "unavailable",  # 503 with an HTML page
    "slow",  # the right answer, `seconds` late
    "drop",  # the connection is closed without an answer
    "cut",  # half of the body, then the connection is closed
    "truncated",  # 200 whose JSON ends in the middle
    "not_json",  # 200 with an HTML page
    "empty_page",  # a page of the list without rows, `meta` as it should be
    "shrink",  # `meta.last_page` says 1
    "repeat",  # the page before comes again under this number
    "unauthorized",  # 401, as with an expired token
    "forbidden",  # 403
    "not_found",  # 404
    "redirect",  # 302 to `location`
    "refused",  # `status`, with a message
    "slow_headers",  # header lines one by one, one in `seconds`, without end
    "slow_body",  # the body byte by byte, one in `seconds`
    "bomb",  # gzip that unpacks to `megabytes`
    "endless",  # chunks of a body without end
    "edit",  # the right answer, changed by `edit`
)


@dataclass
class Fault:
    """One thing that goes wrong.

    It hits requests whose path and query match the regular expression `path`,
    leaves the first `after` of them alone, and hits `times` of them (None: all
    that follow).
    """

    kind: str
    path: str = ""
    after: int = 0
    times: int | None = 1
    retry_after: str | None = None
    seconds: float = 0.0
    location: str = ""
    status: int = 422
    megabytes: int = 80
    edit: Callable[[Any], Any] = lambda body: body
    hits: int = field(default=0, init=False)
    _seen: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"Unknown fault {self.kind!r}; one of {', '.join(KINDS)}.")

    def matches(self, target: str) -> bool:
        """Tell whether this fault hits the request, and count it."""
        if not re.search(self.path, target):
            return False
        self._seen += 1
        if self._seen <= self.after:
            return False
        if self.times is not None and self.hits >= self.times:
            return False
        self.hits += 1
        return True


class Faults:
    """The faults of one fake Bonzo, and actions to run between two requests."""

    def __init__(self, *faults: Fault) -> None:
        self._lock = threading.Lock()
        self.faults = list(faults)
        self._actions: list[tuple[re.Pattern[str], Callable[[], None]]] = []

    def add(self, fault: Fault) -> Fault:
        """Switch a fault on and return it, for its `hits`."""
        with self._lock:
            self.faults.append(fault)
        return fault

    def clear(self) -> None:
        """Switch everything off."""
        with self._lock:
            self.faults.clear()
            self._actions.clear()

    def before(self, path: str, action: Callable[[], None]) -> None:
        """Run `action` once, just before the first request that matches `path`."""
        with self._lock:
            self._actions.append((re.compile(path), action))

    def apply(self, target: str) -> Fault | None:
        """Run what is due before this request; return the fault that hits it."""
        with self._lock:
            due = [pair for pair in self._actions if pair[0].search(target)]
            for pair in due:
                self._actions.remove(pair)
            hit = next((fault for fault in self.faults if fault.matches(target)), None)
        for _, action in due:
            action()
        return hit

    @property
    def hits(self) -> int:
        """How many requests went wrong so far."""
        return sum(fault.hits for fault in self.faults)
