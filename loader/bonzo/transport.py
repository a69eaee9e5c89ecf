"""One GET over the wire, bounded in time and in size."""

from __future__ import annotations

import io
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import BadStatusLine, HTTPResponse, parse_headers
from typing import Any
from urllib.parse import urlsplit

import requests
from requests import exceptions
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from loader import __version__
from loader.address import is_loopback
from loader.bonzo.errors import AttemptError, BrokenAnswerError, SetupError
from loader.config import Settings

MEGABYTE = 2**20
# Unpacked. A hundred prospects are one megabyte.
LARGEST_ANSWER = 64 * MEGABYTE
# Of a refusal only its sentence matters.
LARGEST_REFUSAL = 64 * 1024
CHUNK = 64 * 1024


@dataclass(frozen=True)
class Reply:
    """An answer of the service, whole."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def redirect_to(self) -> str | None:
        """Where the answer sends us on to, None if it does not."""
        if self.status not in (301, 302, 303, 307, 308):
            return None
        return self.headers.get("Location")


class Transport:
    """Sends requests with the account's headers; safe to use from several threads.

    `check` is called between chunks of a body and may raise to end the reading.
    """

    def __init__(
        self, settings: Settings, token: str, base_url: str, check: Callable[[], None]
    ) -> None:
        self._settings = settings
        self._token = token
        # A proxy of the environment must not see what stays on this machine.
        self._trust_env = not is_loopback(urlsplit(base_url).hostname)
        self._check = check
        self._local = threading.local()

    def send(self, url: str, params: Mapping[str, object]) -> Reply:
        """Send one request; redirects are not followed.

        Raises AttemptError where another attempt may help, SetupError where it
        cannot.
        """
        try:
            with self.session().get(
                url,
                params=params,
                timeout=self._settings.timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                body = self._body(response)
        except (exceptions.RequestException, HTTPError) as error:
            if _is_lasting(error):
                raise SetupError(_reason(error)) from None
            raise AttemptError(_reason(error)) from None
        except (OSError, ValueError) as error:
            # For instance a file of certificates that is not there.
            raise SetupError(_reason(error)) from None
        return Reply(response.url, response.status_code, response.headers, body)

    def session(self) -> requests.Session:
        """Return this thread's session: requests' sessions are not shared safely."""
        session = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = self._new_session()
        return session

    def _new_session(self) -> requests.Session:
        session = requests.Session()
        session.trust_env = self._trust_env
        session.auth = self._authorize
        session.headers.update(
            {"Accept": "application/json", "User-Agent": f"bonzo-loader/{__version__}"}
        )
        if self._settings.bonzo_on_behalf_of:
            session.headers["On-Behalf-Of"] = self._settings.bonzo_on_behalf_of
        # Attempts are counted in one place, the client; none are hidden here.
        adapter = _BoundedAdapter(max_retries=0, pool_connections=1, pool_maxsize=1)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        return session

    def _authorize(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        # As an auth hook it also wins over a ~/.netrc entry for the host.
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request

    def _body(self, response: requests.Response) -> bytes:
        """Read the body up to its limit."""
        if response.status_code >= 400:
            return self._refusal(response)
        body = bytearray()
        for chunk in response.iter_content(CHUNK):
            self._check()
            body += chunk
            if len(body) > LARGEST_ANSWER:
                limit = LARGEST_ANSWER // MEGABYTE
                raise BrokenAnswerError(
                    f"the answer is larger than {limit} MB; with a smaller "
                    "BONZO_PER_PAGE it may not be"
                )
        return bytes(body)

    def _refusal(self, response: requests.Response) -> bytes:
        """Read the beginning of a refusal; its status counts, whatever follows."""
        body = bytearray()
        try:
            for chunk in response.iter_content(CHUNK):
                self._check()
                body += chunk
                if len(body) > LARGEST_REFUSAL:
                    break
        except (exceptions.RequestException, HTTPError):
            return b""
        return bytes(body[:LARGEST_REFUSAL])


# --- a deadline for the whole answer ----------------------------------------


class _DeadlineReader(io.RawIOBase):
    """Reads from a socket until a deadline, however little comes at a time.

    A socket's own time-out restarts with every byte.
    """

    def __init__(self, sock: socket.socket, seconds: float | None) -> None:
        super().__init__()
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._deadline = None if seconds is None else time.monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._deadline is not None:
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("timed out")
            self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


class _DeadlineSocket:
    """A connected socket; its time-out bounds the whole answer read from it."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def makefile(self, *_: object, **__: object) -> io.BufferedReader:
        """Open the answer for reading; the time-out set now begins to run."""
        reader = _DeadlineReader(self._sock, self._sock.gettimeout())
        return io.BufferedReader(reader, CHUNK)


class _FinalResponse(HTTPResponse):
    """An answer without the interim ones before it, such as 103 Early Hints.

    Python's own takes an interim answer but 100 for the answer itself. The real one
    would then be read as the answer to the next request, and each after it likewise.
    """

    def _read_status(self) -> tuple[str, int, str]:
        while True:
            version, status, reason = super()._read_status()
            if status == 101:
                raise BadStatusLine("a switch to another protocol")
            if not 100 < status < 200:
                return version, status, reason
            parse_headers(self.fp)


class _PlainConnection(HTTPConnection):
    response_class = _FinalResponse

    def connect(self) -> None:
        super().connect()
        self.sock = _DeadlineSocket(self.sock)


class _TlsConnection(HTTPSConnection):
    response_class = _FinalResponse

    def connect(self) -> None:
        super().connect()
        self.sock = _DeadlineSocket(self.sock)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


_POOLS = {"http": _PlainPool, "https": _TlsPool}


class _BoundedAdapter(HTTPAdapter):
    """requests' adapter over connections with a deadline."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **options)
        manager.pool_classes_by_scheme = _POOLS
        return manager


# --- what failed ------------------------------------------------------------

_LASTING = (
    exceptions.InvalidURL,
    exceptions.MissingSchema,
    exceptions.InvalidSchema,
    exceptions.InvalidHeader,
    exceptions.InvalidProxyURL,
)


def _is_lasting(error: Exception) -> bool:
    """Return whether no further attempt can help."""
    causes = list(_causes(error))
    return isinstance(error, _LASTING) or any(
        isinstance(cause, ssl.SSLCertVerificationError) for cause in causes
    )


def _causes(error: BaseException) -> list[BaseException]:
    """Return an error and what it was made from, outermost first."""
    causes: list[BaseException] = []
    following: list[object] = [error]
    while following:
        cause = following.pop(0)
        if isinstance(cause, BaseException) and cause not in causes:
            causes.append(cause)
            following += [getattr(cause, "reason", None), *cause.args]
    return causes


def _reason(error: Exception) -> str:
    """Return what happened, without the address that was asked."""
    if isinstance(error, exceptions.RequestException | HTTPError):
        text = str(_causes(error)[-1]).rpartition(": ")[2]
    else:
        text = str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
