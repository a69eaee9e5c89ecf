"""A threaded HTTP server on loopback that answers like Bonzo's API."""

from __future__ import annotations

import json
import socket
import threading
import time
import zlib
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from demo.account import Account
from demo.faults import Fault, Faults
from demo.limits import RateLimit
from demo.routes import (
    ROOT,
    Answer,
    Options,
    Request,
    Routes,
    missing,
)

ALL_SCOPES = ("access-authenticated", "prospects", "campaigns", "pipelines")
_HTML = (
    b"<html><head><title>Bad Gateway</title></head>"
    b"<body><h1>Something went wrong</h1></body></html>"
)


class FakeBonzo:
    """The service, served from a thread for as long as the `with` block lasts.

    `url` is the base address to give to the loader. `requests` counts what was
    asked for by kind of path ("prospects" is the list, "prospect" a single
    read, "communication" a message list), `log` keeps the targets in order.
    `account` may be replaced or changed while serving.
    """

    def __init__(
        self,
        account: Account,
        faults: Faults | None = None,
        token: str = "fake-bonzo-token",
        scopes: tuple[str, ...] = ALL_SCOPES,
        rate_limit: RateLimit | None = None,
        options: Options | None = None,
        port: int = 0,
    ) -> None:
        self.account = account
        self.faults = faults or Faults()
        self.token = token
        self.scopes = scopes
        self.rate_limit = rate_limit or RateLimit()
        self.options = options or Options()
        # Prospects of another team: in no list, and 403 when read singly.
        self.hidden: set[int] = set()
        self.requests: Counter[str] = Counter()
        self.log: list[str] = []
        self.authorizations: set[str] = set()
        self._count_lock = threading.Lock()
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.service = self
        self._thread: threading.Thread | None = None

    @property
    def address(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        """The base address of the API."""
        return self.address + ROOT

    def __enter__(self) -> FakeBonzo:
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}
        )
        self._thread.daemon = True
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def count(self, kind: str, target: str) -> None:
        """Note a request."""
        with self._count_lock:
            self.requests[kind] += 1
            self.log.append(target)

    def reset_counts(self) -> None:
        """Forget the requests noted so far."""
        with self._count_lock:
            self.requests.clear()
            self.log.clear()

    # --- answering --------------------------------------------------------

    def answer(self, method: str, target: str, authorization: str) -> Answer:
        """Return the undisturbed answer to a request."""
        parts = urlsplit(target)
        if not parts.path.startswith(ROOT + "/"):
            return missing()
        if authorization != f"Bearer {self.token}":
            return Answer(401, b'{"message":"Unauthenticated."}')
        if method == "PATCH":
            return Answer(405, b'{"message":"The PATCH method is not supported."}')
        if method != "GET":
            return missing()
        path = parts.path[len(ROOT) :]
        request = Request(path, dict(parse_qsl(parts.query)), self.address)
        return self._read(request)

    def _read(self, request: Request) -> Answer:
        tokens = [{"name": "Loader", "scopes": list(self.scopes), "revoked": False}]
        routes = Routes(self.account, self.options, tokens)
        found = routes.match(request.path)
        if found is None:
            return missing()
        kind, scope, method, ids = found
        if scope and scope not in self.scopes:
            refusal = b'{"message":"Invalid scope(s) provided."}'
            return Answer(403, refusal, kind)
        if kind in ("prospect", "communication", "notes") and ids[0] in self.hidden:
            refusal = b'{"message":"This action is unauthorized."}'
            return Answer(403, refusal, kind)
        return replace(method(request, *ids), kind=kind)


class _Server(ThreadingHTTPServer):
    """Keeps connections open between requests and threads out of the way."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 128
    service: FakeBonzo

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that hang up are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "FakeBonzo"
    disable_nagle_algorithm = True
    # Head and body leave in one packet.
    wbufsize = -1

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""

    def do_GET(self) -> None:
        """Answer a read, with what goes wrong on the way."""
        service = self.server.service
        authorization = self.headers.get("Authorization", "")
        service.authorizations.add(authorization)
        fault = service.faults.apply(self.path)
        allowed, headers = service.rate_limit.take()
        if not allowed:
            service.count("refused", self.path)
            self._send(_too_many(), headers)
            return
        answer = service.answer(self.command, self.path, authorization)
        service.count(answer.kind, self.path)
        if fault is None:
            self._send(answer, headers)
        else:
            self._send_fault(fault, answer, headers)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def _send(self, answer: Answer, headers: dict[str, str]) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length:
            self.rfile.read(length)
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        for name, value in {**headers, **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)
        self.wfile.flush()

    def _send_fault(
        self, fault: Fault, answer: Answer, headers: dict[str, str]
    ) -> None:
        if fault.kind == "slow":
            time.sleep(fault.seconds)
            self._send(answer, headers)
        elif fault.kind == "drop":
            self._hang_up()
        elif fault.kind == "cut":
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body[: len(answer.body) // 2])
            self.wfile.flush()
            self._hang_up()
        elif fault.kind in _DRIPS:
            # The reader hangs up when it has had enough.
            with suppress(OSError):
                _DRIPS[fault.kind](self, fault, answer)
            self.close_connection = True
        else:
            self._send(self._changed(fault, answer), headers)

    def _send_slow_headers(self, fault: Fault, answer: Answer) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            self.wfile.write(b"X-Filler: x\r\n")
            self.wfile.flush()
            time.sleep(fault.seconds)

    def _send_slow_body(self, fault: Fault, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        for byte in answer.body:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            time.sleep(fault.seconds)

    def _send_bomb(self, fault: Fault, answer: Answer) -> None:
        body = _packed_blanks(fault.megabytes)
        self.send_response(200)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def _send_endless(self, fault: Fault, answer: Answer) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        chunk = b" " * 2**20
        while True:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
            self.wfile.flush()

    def _changed(self, fault: Fault, answer: Answer) -> Answer:
        """Return what is sent instead of the right answer."""
        if fault.kind in _REPLACED:
            return _REPLACED[fault.kind]
        if fault.kind == "too_many":
            after = {"Retry-After": fault.retry_after} if fault.retry_after else {}
            return replace(_too_many(), headers=after)
        if fault.kind == "refused":
            return Answer(fault.status, b'{"message":"Not now."}')
        if fault.kind == "edit":
            edited = fault.edit(json.loads(answer.body))
            return replace(answer, body=json.dumps(edited).encode())
        if fault.kind == "redirect":
            return Answer(302, b"", headers={"Location": fault.location})
        if fault.kind == "truncated":
            return replace(answer, body=answer.body[: len(answer.body) // 2])
        if fault.kind == "repeat":
            return self._page_before()
        return _changed_page(fault.kind, answer)

    def _page_before(self) -> Answer:
        service = self.server.service
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query))
        page = max(1, int(query.get("page", "1")) - 1)
        query["page"] = str(page)
        request = Request(parts.path[len(ROOT) :], query, service.address)
        return service._read(request)

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)


_DRIPS = {
    "slow_headers": _Handler._send_slow_headers,
    "slow_body": _Handler._send_slow_body,
    "bomb": _Handler._send_bomb,
    "endless": _Handler._send_endless,
}


@cache
def _packed_blanks(megabytes: int) -> bytes:
    packer = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
    parts = [packer.compress(b" " * 2**20) for _ in range(megabytes)]
    return b"".join([*parts, packer.flush()])


_REPLACED = {
    "bad_gateway": Answer(502, _HTML, content_type="text/html"),
    "unavailable": Answer(503, _HTML, content_type="text/html"),
    "not_json": Answer(200, _HTML, content_type="text/html"),
    "unauthorized": Answer(401, b'{"message":"Unauthenticated."}'),
    "forbidden": Answer(403, b'{"message":"This action is unauthorized."}'),
    "not_found": missing(),
}


def _too_many() -> Answer:
    return Answer(429, b'{"message":"Too Many Attempts."}')


def _changed_page(kind: str, answer: Answer) -> Answer:
    """Return a page of a list without its rows, or with a wrong `last_page`."""
    page = json.loads(answer.body)
    if kind == "empty_page":
        page["data"] = []
    else:
        page["meta"]["last_page"] = 1
    return replace(answer, body=json.dumps(page).encode())
