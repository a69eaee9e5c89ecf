"""urllib3's Retry, waiting in step with the throttle and with a stop request."""

from __future__ import annotations

import random
from typing import Any

from urllib3.exceptions import InvalidHeader
from urllib3.response import BaseHTTPResponse
from urllib3.util.retry import Retry

from loader.bonzo.throttle import Throttle
from loader.errors import LoaderError
from loader.shutdown import StopRequest

# Longer than this is a refusal, not a pause: the next run tries again.
LONGEST_PAUSE = 900.0
LONGEST_BACKOFF = 60.0
STATUSES = frozenset({429, 500, 502, 503, 504, 520, 521, 522, 523, 524})


def backoff_seconds(base: float, failures: int) -> float:
    """Seconds to wait after so many failures in a row, with jitter."""
    ceiling = min(LONGEST_BACKOFF, base * 2 ** min(failures, 10))
    return ceiling * random.uniform(0.5, 1.0)


class PacedRetry(Retry):
    """Retries GET on 429, 5xx and connection errors; build it with `paced`."""

    throttle: Throttle
    stop: StopRequest

    @classmethod
    def paced(
        cls, throttle: Throttle, stop: StopRequest, retries: int, backoff: float
    ) -> PacedRetry:
        """A fresh allowance of `retries` for every request."""
        retry = cls(
            total=retries,
            allowed_methods=frozenset({"GET"}),
            status_forcelist=STATUSES,
            backoff_factor=backoff,
            redirect=False,
        )
        retry.throttle, retry.stop = throttle, stop
        return retry

    def new(self, **changes: Any) -> PacedRetry:
        """Carry the throttle and the stop request over to the next attempt."""
        retry = super().new(**changes)
        retry.throttle, retry.stop = self.throttle, self.stop
        return retry

    def sleep(self, response: BaseHTTPResponse | None = None) -> None:
        """Wait as the service asks, else back off; then take a slot."""
        asked = self._asked(response)
        if asked is not None and asked > LONGEST_PAUSE:
            raise LoaderError(
                f"Bonzo asks to wait {asked / 60:.0f} minutes. Nothing is lost: "
                "run the load again after that."
            )
        if response is not None and response.status == 429:
            self.throttle.update_from_headers(response.headers)
            pause = self.throttle.window if asked is None else asked
            self.throttle.pause(pause + random.uniform(0, 0.1))
        elif asked is not None:
            self.stop.wait(asked)
        else:
            self.stop.wait(backoff_seconds(self.backoff_factor, len(self.history) - 1))
        self.throttle.acquire()

    def _asked(self, response: BaseHTTPResponse | None) -> float | None:
        try:
            return self.get_retry_after(response) if response is not None else None
        except (InvalidHeader, ValueError, OverflowError):
            return None
