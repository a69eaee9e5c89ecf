"""Bonzo over HTTP: authentication, pacing, retries, paging. Reads only."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import MaxRetryError

from loader import __version__
from loader.bonzo.retry import PacedRetry, backoff_seconds
from loader.bonzo.throttle import Throttle
from loader.config import Settings, check_base_url, is_loopback, require_token
from loader.errors import LoaderError
from loader.redaction import redact
from loader.shutdown import StopRequest

MOST_PAGES = 100_000
MOST_REDIRECTS = 5
# Python refuses to read longer whole numbers; such a field costs itself alone.
LONGEST_NUMBER = 400


class ServiceError(LoaderError):
    """Bonzo refused a request or cannot be understood; `status` is HTTP's."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class UnavailableError(ServiceError):
    """Bonzo gave no usable answer after every retry."""


@dataclass(frozen=True)
class Page:
    """One page of a list; `last` and `total` are None where Bonzo is silent.

    `has_next` says whether the answer links to another page.
    """

    number: int
    items: list[Any]
    last: int | None = None
    total: int | None = None
    current: int | None = None
    has_next: bool = False


class BonzoClient:
    """One account at one address; safe to use from several threads."""

    def __init__(self, settings: Settings, stop: StopRequest | None = None) -> None:
        self._token = require_token(settings)
        check_base_url(settings.bonzo_base_url)
        self.settings = settings
        self.base_url = settings.bonzo_base_url.rstrip("/")
        self.stop = stop or StopRequest()
        self.throttle = Throttle(
            settings.rate_limit, settings.rate_window, wait=self.stop.wait
        )
        self.sent = 0
        self._count_lock = threading.Lock()
        self._local = threading.local()

    @property
    def origin(self) -> str:
        """Scheme, host and path of the service, without anything secret."""
        return self.base_url

    def get(self, path: str, **params: object) -> Any:
        """The decoded JSON of one GET, after retries.

        Raises ServiceError with the status on a refusal, UnavailableError when
        no attempt gave a usable answer.
        """
        url = f"{self.base_url}/{path.lstrip('/')}"
        for attempt in range(self.settings.retries + 1):
            try:
                response = self._follow(url, params)
                return decode(response)
            except (_BrokenBodyError, requests.RequestException) as error:
                gave_up = attempt == self.settings.retries or _is_final(error)
                if gave_up:
                    raise self._unavailable(path, error) from None
            self.stop.wait(backoff_seconds(self.settings.backoff, attempt))
        raise AssertionError("the loop returns or raises")

    def get_one(self, path: str) -> dict[str, Any]:
        """One record, out of its `data` wrapper."""
        record = unwrap(self.get(path))
        if not isinstance(record, dict):
            raise UnavailableError(f"Bonzo's answer to {path} is not a record.")
        return record

    def get_page(self, path: str, number: int) -> Page:
        """One page of a list, 1 being the first."""
        body = self.get(path, page=number, per_page=self.settings.per_page)
        return to_page(body, number, path)

    def get_all(self, path: str) -> Iterator[Any]:
        """Every item of a list, whether the service pages it or not."""
        for number in range(1, MOST_PAGES + 1):
            page = self.get_page(path, number)
            yield from page.items
            more = page.has_next if page.last is None else number < page.last
            if not page.items or not more:
                return
        raise ServiceError(f"{path} has more than {MOST_PAGES} pages.")

    # --- one request ------------------------------------------------------

    def _follow(self, url: str, params: dict[str, object]) -> requests.Response:
        """Send, following redirects within the same host only."""
        for _ in range(MOST_REDIRECTS):
            response = self._send(url, params)
            if not response.is_redirect:
                self._refuse(response)
                return response
            target = urljoin(url, response.headers["Location"])
            if not _same_origin(target, self.base_url):
                raise ServiceError(
                    f"Bonzo redirects to another host ({urlsplit(target).hostname}); "
                    "the token was not sent there. Check BONZO_BASE_URL.",
                    response.status_code,
                )
            url, params = target, {}
        raise ServiceError("Bonzo redirects in a circle. Check BONZO_BASE_URL.")

    def _send(self, url: str, params: dict[str, object]) -> requests.Response:
        self.throttle.acquire()
        with self._count_lock:
            self.sent += 1
        response = self._session().get(
            url,
            params=params,
            timeout=self.settings.timeout,
            allow_redirects=False,
        )
        self.throttle.update_from_headers(response.headers)
        return response

    def _session(self) -> requests.Session:
        """This thread's session: requests' sessions are not shared safely."""
        session = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = self._new_session()
        return session

    def _new_session(self) -> requests.Session:
        session = requests.Session()
        # A proxy of the environment must not see what stays on this machine.
        session.trust_env = not is_loopback(urlsplit(self.base_url).hostname)
        session.auth = self._authorize
        session.headers.update(
            {"Accept": "application/json", "User-Agent": f"bonzo-loader/{__version__}"}
        )
        if self.settings.bonzo_on_behalf_of:
            session.headers["On-Behalf-Of"] = self.settings.bonzo_on_behalf_of
        retry = PacedRetry.paced(
            self.throttle, self.stop, self.settings.retries, self.settings.backoff
        )
        adapter = HTTPAdapter(max_retries=retry, pool_connections=1, pool_maxsize=1)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        return session

    def _authorize(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        # As an auth hook it also wins over a ~/.netrc entry for the host.
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request

    # --- refusals ---------------------------------------------------------

    def _refuse(self, response: requests.Response) -> None:
        if response.status_code < 400:
            return
        status = response.status_code
        said = redact(_message(response), self._token)
        path = urlsplit(response.url).path
        cure = {
            401: "Bonzo does not accept the token: it is wrong, expired or revoked. "
            "Make a new one in Bonzo and put it into BONZO_API_TOKEN.",
            403: f"The token may not read {path}.",
            404: f"Bonzo has no {path}. Check BONZO_BASE_URL.",
        }.get(status, f"Bonzo refused {path} with status {status}.")
        raise ServiceError(f"{cure} Bonzo says: {said}" if said else cure, status)

    def _unavailable(self, path: str, error: Exception) -> UnavailableError:
        host = urlsplit(self.base_url).netloc
        reason = redact(_reason(error), self._token)
        return UnavailableError(
            f"No usable answer from {host} to /{path.lstrip('/')} after "
            f"{self.settings.retries + 1} attempts ({reason}). Check the network and "
            "BONZO_BASE_URL; the next run goes on from here."
        )


class _BrokenBodyError(Exception):
    """A 200 whose body is not the JSON that it should be."""


def decode(response: requests.Response) -> Any:
    """The body as JSON; odd numbers stay readable rather than fatal."""
    try:
        return json.loads(response.content, parse_int=_whole_number)
    except (ValueError, RecursionError):
        raise _BrokenBodyError("the answer is not JSON") from None


def unwrap(body: Any) -> Any:
    """What is under `data`, or the body itself where nothing is."""
    return body["data"] if isinstance(body, dict) and "data" in body else body


def to_page(body: Any, number: int, path: str) -> Page:
    """A list's answer as a Page; raises UnavailableError if it is no list."""
    items = unwrap(body)
    if isinstance(items, dict) and isinstance(items.get("data"), list):
        body, items = items, items["data"]
    if not isinstance(items, list):
        raise UnavailableError(f"Bonzo's answer to {path} is not a list.")
    outer = body if isinstance(body, dict) else {}
    # Laravel puts the numbers under `meta`, or with plain paginators beside `data`.
    meta = outer["meta"] if isinstance(outer.get("meta"), dict) else outer
    links = outer["links"] if isinstance(outer.get("links"), dict) else {}
    following = links.get("next") or outer.get("next_page_url")
    numbers = (_count(meta.get(k)) for k in ("last_page", "total", "current_page"))
    return Page(number, items, *numbers, has_next=bool(following))


def _whole_number(text: str) -> int | str:
    return int(text) if len(text) <= LONGEST_NUMBER else text


def _count(value: object) -> int | None:
    text = str(value).strip()
    return int(text) if text.isdigit() and len(text) < 12 else None


def _same_origin(one: str, other: str) -> bool:
    left, right = urlsplit(one), urlsplit(other)
    return (left.scheme, left.netloc) == (right.scheme, right.netloc)


def _is_final(error: Exception) -> bool:
    """Whether urllib3 has already retried, or retrying cannot help."""
    cause = error.args[0] if error.args else None
    if isinstance(error, requests.exceptions.SSLError):
        return True
    if isinstance(cause, MaxRetryError):
        return True
    return isinstance(
        error,
        requests.exceptions.InvalidURL
        | requests.exceptions.MissingSchema
        | requests.exceptions.InvalidSchema,
    )


def _reason(error: Exception) -> str:
    cause = error.args[0] if error.args else error
    cause = getattr(cause, "reason", None) or cause
    name = type(error).__name__
    return f"{name}: {str(cause).rpartition(': ')[2]}"[:200]


def _message(response: requests.Response) -> str:
    try:
        body = json.loads(response.content)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(body, dict):
        return ""
    said = body.get("message") or body.get("error") or body.get("errors") or ""
    return str(said)[:200]
