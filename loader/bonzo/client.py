"""Bonzo over HTTP: authentication, pacing, retries. Reads only."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import Future
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

from loader.address import (
    check_base_url,
    host_of,
    join,
    origin_of,
    same_origin,
)
from loader.bonzo.errors import (
    PASSING_STATUSES,
    AttemptError,
    BrokenAnswerError,
    ServiceError,
    SetupError,
    UnavailableError,
    WaitTooLongError,
)
from loader.bonzo.json_body import decode, message_of, unwrap
from loader.bonzo.pages import ListReader, Page, WholeList, identity, to_page
from loader.bonzo.throttle import LONG_WAIT, Throttle
from loader.bonzo.transport import Reply, Transport
from loader.config import Settings, require_token
from loader.redaction import Redactor, printable
from loader.shutdown import StopRequest

MOST_REDIRECTS = 5
# Longer than this is a refusal, not a pause: the next run tries again.
LONGEST_PAUSE = 900.0
LONGEST_BACKOFF = 60.0
LONGEST_DETAIL = 200

Parsed = TypeVar("Parsed")


class BonzoClient:
    """One account at one address; safe to use from several threads.

    `sent` counts the requests that went over the wire, each attempt and each hop
    of a redirect. `warn` is called at once with what makes a load slow; `warnings`
    keeps those sentences until `begin_run`.
    """

    def __init__(
        self,
        settings: Settings,
        stop: StopRequest | None = None,
        warn: Callable[[str], None] = lambda text: None,
    ) -> None:
        token = require_token(settings)
        check_base_url(settings.bonzo_base_url)
        self.settings = settings
        self.base_url = origin_of(settings.bonzo_base_url)
        self.stop = stop or StopRequest()
        self.throttle = Throttle(
            settings.rate_limit,
            settings.rate_window,
            wait=self.stop.wait,
            notice=self._warn_of_wait,
        )
        self.warn = warn
        self.sent = 0
        self._transport = Transport(settings, token, self.base_url, self.stop.check)
        # Not the user on whose behalf: their number or address is in many records.
        self._redactor = Redactor(token)
        self._warned: dict[str, str] = {}
        self._lock = threading.Lock()

    @property
    def origin(self) -> str:
        """Scheme, host and path of the service, without anything secret."""
        return self.base_url

    @property
    def warnings(self) -> list[str]:
        """What made the run slow, as sentences."""
        return list(self._warned.values())

    def begin_run(self) -> None:
        """Forget the warnings of the run before."""
        with self._lock:
            self._warned.clear()

    def get(self, path: str, **params: object) -> Any:
        """Return the decoded JSON of one GET, after retries.

        Raises ServiceError with the status on a refusal, UnavailableError when
        no attempt gave a usable answer.
        """
        return self._get(path, params, lambda body: body)

    def get_one(self, path: str) -> dict[str, Any]:
        """Return one record, out of its `data` wrapper."""

        def parse(body: Any) -> dict[str, Any]:
            record = unwrap(body)
            if not isinstance(record, dict):
                raise BrokenAnswerError("the answer is not a record")
            return record

        return self._get(path, {}, parse)

    def get_page(self, path: str, number: int, cursor: str | None = None) -> Page:
        """Return one page of a list, 1 being the first.

        `cursor` is the query of a link to the next page, for lists whose pages
        have no numbers.
        """
        params: dict[str, object] = {"per_page": self.settings.per_page}
        if cursor is None:
            params["page"] = number
        else:
            params |= dict(parse_qsl(cursor, keep_blank_values=True))
        url = self._url(path)
        return self._get(path, params, lambda body: to_page(body, number, url))

    def read_list(self, path: str) -> WholeList:
        """Return every item of a list that can be had, and what was wrong with it."""

        def fetch(number: int, cursor: str | None) -> Future:
            future: Future = Future()
            future.set_result(self.get_page(path, number, cursor))
            return future

        items: list[Any] = []
        met: dict[Hashable, Any] = {}
        pages: set[int] = set()
        reader = ListReader(
            fetch,
            lambda: len(met),
            identity,
            self.settings.per_page,
            usually_whole=True,
        )
        for page in reader:
            for item in page.items:
                key = identity(item)
                # A page that is read again mostly brings what it brought before.
                is_new = page.number not in pages if key is None else key not in met
                if is_new or (key is not None and met[key] != item):
                    items.append(item)
                if key is not None:
                    met[key] = item
            pages.add(page.number)
        return WholeList(items, reader.problems)

    # --- attempts ---------------------------------------------------------

    def _get(
        self, path: str, params: Mapping[str, object], parse: Callable[[Any], Parsed]
    ) -> Parsed:
        """Ask until `parse` takes the answer, or no retry is left."""
        url = self._url(path)
        attempts = self.settings.retries + 1
        for attempt in range(1, attempts + 1):
            try:
                return parse(self._decode(self._follow(url, params)))
            except SetupError as error:
                raise self._unavailable(path, attempt, str(error), None) from None
            except AttemptError as error:
                if attempt == attempts:
                    raise self._unavailable(
                        path, attempt, str(error), error.status
                    ) from None
                self._wait(error, attempt)
        raise AssertionError("the loop returns or raises")

    def _wait(self, error: AttemptError, attempt: int) -> None:
        """Wait as the service asks, and at least a growing pause."""
        asked = error.retry_after
        if asked is not None and asked > LONGEST_PAUSE:
            raise WaitTooLongError(
                f"Bonzo asks to wait {asked / 60:.0f} minutes. Nothing is lost: "
                "run the load again after that.",
                error.status,
            )
        pause = backoff_seconds(self.settings.backoff, attempt - 1)
        if asked is not None:
            pause = max(pause, asked)
        elif error.status == 429:
            pause = max(pause, self.throttle.window)
        if pause > LONG_WAIT:
            self._warn_once("wait", f"Bonzo asks to wait {pause:.0f} seconds; waiting.")
        if error.status == 429:
            # The limit is the account's: nobody else may ask meanwhile, either.
            self.throttle.pause(pause + random.uniform(0, 0.1))
        else:
            self.stop.wait(pause)

    # --- one attempt ------------------------------------------------------

    def _url(self, path: str) -> str:
        return f"{self.base_url}/{path.lstrip('/')}"

    def _follow(self, url: str, params: Mapping[str, object]) -> Reply:
        """Send, following redirects within the same host only."""
        for _ in range(MOST_REDIRECTS):
            reply = self._send(url, params)
            location = reply.redirect_to
            if location is None:
                self._refuse(reply)
                return reply
            target = join(url, location)
            if target is None:
                raise BrokenAnswerError("a redirect to an address that is not valid")
            if not same_origin(target, self.base_url):
                raise self._error(
                    f"Bonzo redirects to another host ({host_of(target)}); "
                    "the token was not sent there. Check BONZO_BASE_URL.",
                    reply.status,
                )
            url, params = target, {}
        raise self._error("Bonzo redirects in a circle. Check BONZO_BASE_URL.", None)

    def _send(self, url: str, params: Mapping[str, object]) -> Reply:
        self.throttle.acquire()
        with self._lock:
            self.sent += 1
        reply = self._transport.send(url, params)
        self.throttle.update_from_headers(reply.headers)
        self._warn_if_slow()
        return reply

    def _decode(self, reply: Reply) -> Any:
        value = decode(reply.body)
        # A service that repeats the token must not get it stored or shown. Masked
        # here, no later step can cut or escape it out of recognition.
        return (
            self._redactor.record(value) if self._redactor.is_in(reply.body) else value
        )

    # --- refusals ---------------------------------------------------------

    def _refuse(self, reply: Reply) -> None:
        """Raise what a status of 400 or more means."""
        status = reply.status
        if status < 400:
            return
        if status >= 500 or status in PASSING_STATUSES:
            raise AttemptError(f"status {status}", status, _retry_after(reply.headers))
        path = urlsplit(reply.url).path
        advice = {
            401: "Bonzo does not accept the token: it is wrong, expired or revoked. "
            "Make a new one in Bonzo and put it into BONZO_API_TOKEN.",
            403: f"The token may not read {path}.",
            404: f"Bonzo has no {path}. Check BONZO_BASE_URL.",
        }.get(status, f"Bonzo refused {path} with status {status}.")
        # Masked before it is cut: half a secret would not be recognized.
        detail = self._clean(message_of(reply.body))[:LONGEST_DETAIL]
        raise self._error(
            f"{advice} Bonzo says: {detail}" if detail else advice, status
        )

    def _unavailable(
        self, path: str, attempts: int, reason: str, status: int | None
    ) -> UnavailableError:
        tries = "1 attempt" if attempts == 1 else f"{attempts} attempts"
        reason = self._clean(reason)[:LONGEST_DETAIL]
        return UnavailableError(
            self._clean(
                f"No usable answer from {urlsplit(self.base_url).netloc} to "
                f"/{path.lstrip('/')} after {tries} ({reason}). Check the network and "
                "BONZO_BASE_URL; the next run goes on from here."
            ),
            status,
        )

    def _error(self, message: str, status: int | None) -> ServiceError:
        return ServiceError(self._clean(message), status)

    def _clean(self, text: str) -> str:
        return printable(self._redactor.text(text))

    # --- warnings ---------------------------------------------------------

    def _warn_if_slow(self) -> None:
        throttle = self.throttle
        if throttle.is_far_slower:
            self._warn_once(
                "pace",
                f"Bonzo allows only {throttle.limit} requests in {throttle.window:g} "
                "seconds, far fewer than usual: this load will take long. Ask Bonzo "
                "about the account's rate limit.",
            )

    def _warn_of_wait(self, seconds: float) -> None:
        self._warn_once(
            "wait",
            f"Waiting {seconds:.0f} seconds for Bonzo's rate limit; others may be "
            "using it up.",
        )

    def _warn_once(self, topic: str, text: str) -> None:
        with self._lock:
            if topic in self._warned:
                return
            self._warned[topic] = text
        self.warn(text)


def backoff_seconds(base: float, failures: int) -> float:
    """Return the seconds to wait after so many failures in a row, with jitter."""
    ceiling = min(LONGEST_BACKOFF, base * 2 ** min(failures, 10))
    return ceiling * random.uniform(0.5, 1.0)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of a Retry-After header; None if it cannot be read."""
    text = (headers.get("Retry-After") or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:12])
    try:
        until = parsedate_to_datetime(text)
        if until.tzinfo is None:
            until = until.replace(tzinfo=timezone.utc)
        return max((until - datetime.now(timezone.utc)).total_seconds(), 0.0)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
