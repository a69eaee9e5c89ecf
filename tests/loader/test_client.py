"""One request: attempts are counted, answers are bounded, refusals are sentences."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from demo.faults import Fault
from demo.server import FakeBonzo
from loader.bonzo import client as client_module
from loader.bonzo.client import BonzoClient
from loader.bonzo.errors import ServiceError, UnavailableError, WaitTooLongError
from loader.config import Settings
from loader.shutdown import Stopped, StopRequest
from tests.loader.conftest import Load
from tests.loader.records import prospect
from tests.quick_settings import quick_settings

MEGABYTE = 2**20
# Faults that another attempt may mend.
PASSING = ("bad_gateway", "unavailable", "drop", "cut", "truncated", "not_json")


def client_of(server: FakeBonzo, **changes: object) -> BonzoClient:
    """A client that gives up after two retries."""
    return BonzoClient(quick_settings(server, **{"timeout": 5.0, **changes}))


@contextmanager
def raw_server(answer: Callable[[socket.socket], None]) -> Iterator[tuple[str, list]]:
    """A server that answers each connection with bytes of the test's own.

    Yields its address and the list of requests that arrived.
    """
    arrived: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=talk, args=(connection,), daemon=True).start()

    def talk(connection: socket.socket) -> None:
        with connection:
            try:
                arrived.append(connection.recv(65536))
                answer(connection)
            except OSError:
                pass

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", arrived
    finally:
        listener.close()


# --- attempts ---------------------------------------------------------------


@pytest.mark.parametrize("kind", [*PASSING, "too_many", "wrong_shape"])
def test_two_retries_are_three_requests(server: FakeBonzo, kind: str) -> None:
    """The wire, the sentence and the count of the client agree on three."""
    if kind == "wrong_shape":
        fault = Fault("edit", times=None, edit=lambda body: {"data": "no list"})
    else:
        fault = Fault(kind, times=None, retry_after="0")
    server.faults.add(fault)
    client = client_of(server)
    with pytest.raises(UnavailableError, match="after 3 attempts"):
        client.get_page("/prospects", 1)
    assert fault.hits == 3
    assert client.sent == 3
    server.faults.clear()
    client.get_page("/prospects", 1)
    assert client.sent == 4


def test_one_attempt_is_called_so(server: FakeBonzo) -> None:
    """Without retries the sentence does not speak of attempts."""
    server.faults.add(Fault("bad_gateway", times=None))
    with pytest.raises(UnavailableError, match=r"after 1 attempt \(status 502\)"):
        client_of(server, retries=0).get("/prospects")


def test_nobody_at_the_address_is_three_attempts() -> None:
    """A refused connection is retried and counted like an answer."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with FakeBonzo(account=None) as server:
        client = client_of(server, bonzo_base_url=f"http://127.0.0.1:{port}")
        with pytest.raises(UnavailableError, match=r"3 attempts .*refused"):
            client.get("/prospects")
    assert client.sent == 3


def test_a_run_counts_every_attempt(
    server: FakeBonzo, load: Load, rows: Callable[..., list[dict]]
) -> None:
    """loader.sync_runs has as many requests as the service got."""
    server.account.put_prospect(prospect(1))
    faults = [
        server.faults.add(Fault("bad_gateway", r"/prospects\?", times=2)),
        server.faults.add(Fault("not_json", "communication")),
        server.faults.add(Fault("drop", "campaigns")),
    ]
    report = load()
    assert [fault.hits for fault in faults] == [2, 1, 1]
    assert report.requests == len(server.log)
    assert rows("select requests from loader.sync_runs") == [
        {"requests": len(server.log)}
    ]


def test_a_failed_run_counts_its_attempts(
    server: FakeBonzo, load: Load, rows: Callable[..., list[dict]]
) -> None:
    """Three requests of a list that never comes, and one of the campaigns."""
    server.faults.add(Fault("bad_gateway", r"/prospects\?", times=None))
    with pytest.raises(UnavailableError, match="after 3 attempts"):
        load()
    assert rows("select requests from loader.sync_runs") == [{"requests": 4}]
    assert len(server.log) == 4


def test_each_hop_of_a_redirect_is_a_request(server: FakeBonzo) -> None:
    """A redirect within the host costs two requests, and counts as two."""
    server.account.put_prospect(prospect(1))
    target = server.url + "/prospects/1"
    server.faults.add(Fault("redirect", r"/prospects\?", location=target))
    client = client_of(server)
    client.get("/prospects", page=1)
    assert client.sent == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 418, 422, 451])
def test_a_refusal_is_not_asked_again(server: FakeBonzo, status: int) -> None:
    """What the service has decided on stays so."""
    fault = server.faults.add(Fault("refused", status=status, times=None))
    with pytest.raises(ServiceError) as caught:
        client_of(server).get("/prospects")
    assert (caught.value.status, fault.hits) == (status, 1)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 501, 502, 503, 504, 520, 529])
def test_a_passing_status_is_asked_again(server: FakeBonzo, status: int) -> None:
    """Gateways and busy services have more words than 502."""
    fault = server.faults.add(Fault("refused", status=status, times=2))
    # No Retry-After: a window, which is short here.
    client = client_of(server, rate_window=0.1)
    client.get("/prospects", page=1)
    assert (fault.hits, client.sent) == (2, 3)


@pytest.mark.parametrize(
    "text", ["soon", "-5", "²", "1e9999", "Fri, 99 Foo 2026 25:00:00 GMT", ""]
)
def test_a_retry_after_that_means_nothing_is_as_none(
    server: FakeBonzo, text: str
) -> None:
    """Any nonsense there costs a retry's pause, no traceback."""
    answer = f"HTTP/1.1 503 Busy\r\nRetry-After: {text}\r\nContent-Length: 0\r\n\r\n"
    data = answer.encode("utf-8")
    with raw_server(lambda connection: connection.sendall(data)) as (url, _):
        client = client_of(server, bonzo_base_url=url)
        with pytest.raises(UnavailableError, match="3 attempts"):
            client.get("/prospects")
    # Of those some may go to a connection that the server is just closing.
    assert client.sent == 3


@pytest.mark.parametrize("kind", ["too_many", "unavailable"])
def test_too_long_a_wait_ends_the_run(server: FakeBonzo, kind: str) -> None:
    """An hour is for the next run, which the sentence says."""
    answer = (
        f"HTTP/1.1 {429 if kind == 'too_many' else 503} Wait\r\n"
        "Retry-After: 3600\r\nContent-Length: 0\r\n\r\n"
    ).encode()
    with (
        raw_server(lambda connection: connection.sendall(answer)) as (url, arrived),
        pytest.raises(WaitTooLongError, match="wait 60 minutes"),
    ):
        client_of(server, bonzo_base_url=url).get("/prospects")
    assert len(arrived) == 1


def test_a_stop_interrupts_the_wait(server: FakeBonzo) -> None:
    """Whoever stops a load does not wait out a pause of minutes."""
    server.faults.add(Fault("too_many", times=None, retry_after="600"))
    stop = StopRequest()
    client = BonzoClient(quick_settings(server), stop)
    threading.Timer(0.3, stop.set, [15]).start()
    start = time.monotonic()
    with pytest.raises(Stopped):
        client.get("/prospects")
    assert time.monotonic() - start < 5


def test_a_stop_interrupts_a_slow_body(server: FakeBonzo) -> None:
    """Nor the end of an answer that drips."""
    server.account.put_prospect(prospect(1))
    server.faults.add(Fault("endless", times=None))
    stop = StopRequest()
    client = BonzoClient(quick_settings(server, timeout=60.0), stop)
    stop.set(15)
    with pytest.raises(Stopped):
        client._transport.send(client.base_url + "/prospects", {})


# --- bounds -----------------------------------------------------------------


@pytest.mark.parametrize("kind", ["slow_headers", "slow_body"])
def test_an_answer_is_bounded_as_a_whole(server: FakeBonzo, kind: str) -> None:
    """Bytes that come one by one do not keep the clock from running out."""
    server.account.put_prospect(prospect(1))
    fault = server.faults.add(Fault(kind, times=1, seconds=0.2))
    client = client_of(server, timeout=1.0)
    start = time.monotonic()
    page = client.get_page("/prospects", 1)
    assert time.monotonic() - start < 3
    assert (len(page.items), fault.hits, client.sent) == (1, 1, 2)


def test_a_slow_status_line_is_bounded(server: FakeBonzo) -> None:
    """The clock runs from the first byte of the head."""

    def drip(connection: socket.socket) -> None:
        for byte in b"HTTP/1.1 200 OK\r\n" * 100:
            connection.sendall(bytes([byte]))
            time.sleep(0.1)

    with raw_server(drip) as (url, arrived):
        client = client_of(server, bonzo_base_url=url, timeout=0.5, retries=1)
        start = time.monotonic()
        with pytest.raises(UnavailableError, match="after 2 attempts"):
            client.get("/prospects")
        assert time.monotonic() - start < 4
    assert len(arrived) == 2


@pytest.mark.parametrize("kind", ["bomb", "endless"])
def test_an_answer_is_bounded_in_size(server: FakeBonzo, kind: str) -> None:
    """What unpacks to more than the limit is broken, and memory stays flat."""
    server.account.put_prospect(prospect(1))
    fault = server.faults.add(Fault(kind, times=2, megabytes=600))
    client = client_of(server, timeout=60.0)
    tracemalloc.start()
    try:
        page = client.get_page("/prospects", 1)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (len(page.items), fault.hits, client.sent) == (1, 2, 3)
    assert peak < 150 * MEGABYTE


def test_an_answer_just_below_the_limit_is_read(
    server: FakeBonzo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bound refuses what is larger, and nothing else."""
    server.account.put_prospect(prospect(1))
    body = len(server.account.prospect_json(1))
    monkeypatch.setattr("loader.bonzo.transport.LARGEST_ANSWER", body + 1000)
    client = client_of(server, retries=0)
    assert client.get_page("/prospects", 1).items
    monkeypatch.setattr("loader.bonzo.transport.LARGEST_ANSWER", body)
    with pytest.raises(UnavailableError, match="larger than"):
        client.get_page("/prospects", 1)


def test_the_body_of_a_refusal_is_bounded_too(server: FakeBonzo) -> None:
    """A 404 without end is a 404."""
    head = b"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n"

    def pour(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")

    with raw_server(pour) as (url, arrived):
        client = client_of(server, bonzo_base_url=url)
        with pytest.raises(ServiceError, match="has no /prospects"):
            client.get("/prospects")
    assert len(arrived) == 1


# --- over TLS -------------------------------------------------------------------


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A key and a certificate for 127.0.0.1 that nobody trusts."""
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 "
        f"-addext subjectAltName=IP:127.0.0.1 -keyout {key} -out {cert}"
    )
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate with")
    subprocess.run(command.split(), check=True, capture_output=True)
    return key, cert


@contextmanager
def over_tls(server: FakeBonzo, certificate: tuple[Path, Path]) -> Iterator[str]:
    """Have the fake Bonzo speak TLS; yields its address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate[1], certificate[0])
    listener = server._server.socket
    server._server.socket = context.wrap_socket(listener, server_side=True)
    yield server.url.replace("http://", "https://")


def test_tls_is_bounded_and_kept_open(
    server: FakeBonzo, certificate: tuple[Path, Path]
) -> None:
    """Over TLS, too: answers arrive, drip no longer than allowed, and are retried."""
    server.account.put_prospect(prospect(1))
    with over_tls(server, certificate) as url:
        client = client_of(server, bonzo_base_url=url, timeout=1.0)
        client._transport.session().verify = str(certificate[1])
        for _ in range(3):
            assert client.get_page("/prospects", 1).items
        for kind in ("slow_body", "slow_headers", "endless"):
            server.faults.add(Fault(kind, times=1, seconds=0.2))
            start = time.monotonic()
            assert client.get_page("/prospects", 1).items
            assert time.monotonic() - start < 10
    assert client.sent == 9


def test_a_certificate_that_nobody_trusts_is_not_asked_again(
    server: FakeBonzo, certificate: tuple[Path, Path]
) -> None:
    """No retry makes it valid, and the token is not sent."""
    with over_tls(server, certificate) as url:
        client = client_of(server, bonzo_base_url=url)
        with pytest.raises(UnavailableError, match=r"1 attempt \(.*certificate"):
            client.get("/prospects")
    assert server.authorizations == set()


# --- answers that are odd ---------------------------------------------------


def answer_with(body: bytes, *headers: str) -> Callable[[socket.socket], None]:
    """Answer every connection with a 200 and this body."""
    lines = [
        "HTTP/1.1 200 OK",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *headers,
    ]
    head = "\r\n".join(lines) + "\r\n\r\n"
    return lambda connection: connection.sendall(head.encode("latin-1") + body)


@pytest.mark.parametrize("location", ["http://[::1", "http://h:99999999/", "//[", ""])
def test_a_redirect_to_nowhere_is_a_sentence(server: FakeBonzo, location: str) -> None:
    """An address that cannot be read is a broken answer, no traceback."""
    server.faults.add(Fault("redirect", location=location, times=None))
    with pytest.raises(ServiceError):
        client_of(server).get("/prospects")


@pytest.mark.parametrize(
    "header",
    [
        "X-RateLimit-Limit: \xb2",
        "X-RateLimit-Limit: " + "9" * 400,
        "X-RateLimit-Remaining: \xb3\xb9",
        "X-RateLimit-Remaining: -1",
        "X-RateLimit-Limit: 0",
    ],
)
def test_a_limit_that_is_no_number_is_left_alone(
    server: FakeBonzo, header: str
) -> None:
    """Digits of other kinds, and too many, change nothing."""
    with raw_server(answer_with(b"[]", header)) as (url, _):
        client = client_of(server, bonzo_base_url=url)
        before = client.throttle.limit
        assert client.get("/prospects") == []
        assert client.throttle.limit == before


def test_counts_that_are_no_numbers_are_unknown(server: FakeBonzo) -> None:
    """`²` is a digit for Python and no count."""
    body = (
        '{"data": [], "meta": {"total": "²", "last_page": "１", "current_page": "-"}}'
    )
    with raw_server(answer_with(body.encode())) as (url, _):
        page = client_of(server, bonzo_base_url=url).get_page("/prospects", 1)
    assert (page.total, page.last, page.current) == (None, None, None)


@pytest.mark.parametrize("depth", [60, 980, 5_000, 200_000])
def test_deep_nesting_costs_its_value_alone(server: FakeBonzo, depth: int) -> None:
    """However deep a value goes, the record around it can be read."""
    deep = "[" * depth + "]" * depth
    body = f'{{"data": [{{"id": 1, "opt_outs": {deep}, "email": "a]b"}}, {{"id": 2}}]}}'
    with raw_server(answer_with(body.encode())) as (url, _):
        items = client_of(server, bonzo_base_url=url).get_page("/prospects", 1).items
    assert [item["id"] for item in items] == [1, 2]
    assert items[0]["email"] == "a]b"
    assert "nested too deeply" in str(items[0]["opt_outs"])


def test_a_record_that_nests_too_deeply_is_stored_without_the_field(
    server: FakeBonzo, load: Load, rows: Callable[..., list[dict]]
) -> None:
    """The load completes, and what was too deep is noted."""
    deep: list = []
    for _ in range(400):
        deep = [deep]
    server.account.put_prospect(prospect(1, opt_outs=deep, do_not_call=deep))
    server.account.put_prospect(prospect(2))
    assert load().outcome == "complete"
    assert len(rows("select 1 from prospects")) == 2
    fields = rows("select distinct id, field from loader.rejected_records")
    assert {"id": "1", "field": "do_not_call"} in fields


@pytest.mark.parametrize(
    "body",
    [
        b'[{"id": 1, "name": "na\xefve"}]',
        b'[{"id": 1, "name": "a\nb\tc"}]',
        '[{"id": 1, "name": "x"}]'.encode("utf-16"),
        b'\xef\xbb\xbf[{"id": 1, "name": "x"}]',
        b'[{"id": 1, "name": "x", "n": ' + b"9" * 5000 + b"}]",
    ],
)
def test_odd_bytes_cost_their_characters_alone(server: FakeBonzo, body: bytes) -> None:
    """One letter of another encoding does not make a page unreadable for ever."""
    with raw_server(answer_with(body)) as (url, _):
        items = client_of(server, bonzo_base_url=url).get("/prospects")
    assert items[0]["id"] == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\r\n",
        b"garbage\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd",
        b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500 + b"\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\n\r\n",
    ],
)
def test_what_is_no_http_is_a_sentence(server: FakeBonzo, answer: bytes) -> None:
    """Any bytes at all end in three attempts and one sentence."""
    with raw_server(lambda connection: connection.sendall(answer)) as (url, _):
        client = client_of(server, bonzo_base_url=url, timeout=1.0)
        with pytest.raises(UnavailableError, match="after 3 attempts"):
            client.get("/prospects")
    assert client.sent == 3


# --- waits that somebody should know of --------------------------------------


def test_interim_answers_are_not_the_answer() -> None:
    """Each request has its own answer, whatever a proxy says before it.

    An interim answer taken for the real one shifts all that follow on the connection.
    """

    def answer(connection: socket.socket) -> None:
        number = 0
        while True:
            number += 1
            for interim in (b"100 Continue", b"103 Early Hints", b"102 Processing"):
                connection.sendall(b"HTTP/1.1 %s\r\nLink: <x>\r\n\r\n" % interim)
            time.sleep(0.02)
            body = b'{"data": {"id": %d}}' % number
            head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
            connection.sendall(head + body)
            if not connection.recv(65536):
                return

    with raw_server(answer) as (url, _):
        settings = Settings(bonzo_api_token="token", bonzo_base_url=url, timeout=5.0)
        client = BonzoClient(settings)
        for number in range(1, 5):
            assert client.get_one(f"/prospects/{number}") == {"id": number}
        assert client.sent == 4


def test_a_switch_of_protocols_is_no_answer() -> None:
    """What follows it is not HTTP, so the connection is given up."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n")
        time.sleep(0.2)

    with raw_server(answer) as (url, _):
        settings = Settings(
            bonzo_api_token="token", bonzo_base_url=url, retries=1, backoff=0.001
        )
        with pytest.raises(UnavailableError, match="after 2 attempts"):
            BonzoClient(settings).get_page("/prospects", 1)


def test_a_tiny_rate_limit_is_warned_about(server: FakeBonzo) -> None:
    """Far below the usual pace: said at once and once, and kept for the report."""
    with raw_server(answer_with(b"[]", "X-RateLimit-Limit: 60")) as (url, _):
        said: list[str] = []
        settings = quick_settings(server, bonzo_base_url=url, rate_limit=2500)
        client = BonzoClient(settings, warn=said.append)
        client.get("/prospects")
        client.get("/prospects")
    assert len(said) == 1
    assert "only 60 requests in 60 seconds" in said[0]
    assert client.warnings == said


def test_a_limit_near_the_usual_one_is_not_worth_a_word(server: FakeBonzo) -> None:
    """A service that allows half of what was expected is no reason to worry."""
    with raw_server(answer_with(b"[]", "X-RateLimit-Limit: 1200")) as (url, _):
        settings = quick_settings(server, bonzo_base_url=url, rate_limit=2500)
        client = BonzoClient(settings)
        client.get("/prospects")
    assert client.warnings == []


def test_a_long_pause_is_announced(
    server: FakeBonzo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who watches a load learns why nothing happens for minutes."""
    server.faults.add(Fault("too_many", retry_after="45"))
    said: list[str] = []
    client = BonzoClient(quick_settings(server), warn=said.append)
    monkeypatch.setattr(client.throttle, "pause", lambda seconds: None)
    client.get("/prospects")
    assert said == ["Bonzo asks to wait 45 seconds; waiting."]


def test_the_slow_pace_is_in_the_report(server: FakeBonzo, load: Load) -> None:
    """A run without a terminal has the warning in loader.sync_runs."""
    server.account.put_prospect(prospect(1))
    server.rate_limit.limit = 40
    server.rate_limit.window = 0.1
    report = load(rate_limit=2500, rate_window=0.1)
    assert any("far fewer than usual" in text for text in report.warnings)


def test_backoff_grows_and_is_bounded() -> None:
    """Doubled each time, with jitter, and never over a minute."""
    for failures in range(30):
        pause = client_module.backoff_seconds(1.0, failures)
        assert 0.5 * min(60, 2**failures) <= pause <= min(60, 2**failures)
