"""What is masked, in whatever form, and what never reaches a terminal."""

from __future__ import annotations

import base64
import html
import io
import json
import logging
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.faults import Fault
from demo.server import FakeBonzo
from loader.bonzo.client import BonzoClient
from loader.bonzo.errors import ServiceError
from loader.errors import LoaderError
from loader.output import Output
from loader.redaction import MASK, RedactingFilter, Redactor, printable, redact
from tests.loader.conftest import TOKEN, Load
from tests.loader.records import message, prospect
from tests.quick_settings import quick_settings

SECRET = "eyJ0/+a b\"c\\d'e&f<é>="
FORMS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "percent": lambda s: quote(s, safe=""),
    "percent, slashes kept": quote,
    "form": quote_plus,
    "percent, small letters": lambda s: quote(s, safe="").lower(),
    "JSON": lambda s: json.dumps(s)[1:-1],
    "JSON, readable": lambda s: json.dumps(s, ensure_ascii=False)[1:-1],
    "JSON of PHP": lambda s: json.dumps(s)[1:-1].replace("/", "\\/"),
    "repr": lambda s: repr(s)[1:-1],
    "ascii": lambda s: ascii(s)[1:-1],
    "HTML": html.escape,
}


@pytest.mark.parametrize("form", FORMS)
def test_a_secret_is_masked_in_every_form(form: str) -> None:
    """However a library escapes it before it is shown."""
    secret = SECRET.lower() if "small" in form else SECRET
    text = f"before {FORMS[form](secret)} after"
    assert redact(text, secret) == f"before {MASK} after"


@pytest.mark.parametrize("prefix", ["", "Bearer ", "user:", "x", ":"])
@pytest.mark.parametrize("suffix", ["", "\n", ":x", "  "])
def test_a_secret_is_masked_in_base64(prefix: str, suffix: str) -> None:
    """At any place within what was encoded, for headers of both kinds."""
    secret = "eyJ0eXAiOiJKV1QiLCJhbGciOi"
    encoded = base64.b64encode(f"{prefix}{secret}{suffix}".encode()).decode()
    shown = redact(f"Authorization: {encoded}", secret)
    assert MASK in shown
    hidden = base64.b64encode(secret.encode()).decode().rstrip("=")
    assert hidden[4:-4] not in shown
    # What is left of it cannot be turned back into eight characters of the secret.
    left = shown.removeprefix("Authorization: ").split(MASK)
    assert all(len(part) < 12 for part in left)


@given(st.binary(max_size=6), st.binary(max_size=6), st.text("aZ9_-.", min_size=8))
def test_base64_is_found_at_every_offset(
    before: bytes, after: bytes, secret: str
) -> None:
    """Whatever stands around the secret."""
    encoded = base64.b64encode(before + secret.encode() + after).decode()
    assert MASK in redact(encoded, secret)


def test_parts_of_a_token_over_two_lines_are_masked() -> None:
    """A library that shows one line of it shows none."""
    shown = redact("got 'abcdef1' then 'def-secret'", "abcdef1\ndef-secret")
    assert shown == f"got '{MASK}' then '{MASK}'"


def test_short_words_of_a_secret_are_no_secrets() -> None:
    """Else every output would be stars."""
    assert redact("a load of id 5", "a load of id") == f"{MASK} 5"
    assert redact("a load", "the a of load-balancer") == "a load"


def test_records_are_masked_in_keys_and_values() -> None:
    """JSON is masked before it is written, at any depth."""
    record = {f"x{SECRET}": [{"a": SECRET, "b": (1, None, SECRET)}]}
    text = json.dumps(Redactor(SECRET).record(record))
    assert json.dumps(SECRET)[1:-1] not in text
    assert text.count(MASK) == 3


# --- before anything is cut ---------------------------------------------------


@pytest.mark.parametrize("place", range(150, 205, 6))
def test_a_long_refusal_is_masked_before_it_is_cut(
    server: FakeBonzo, place: int
) -> None:
    """Wherever the cut falls, no beginning of the token is left in front of it."""
    body = json.dumps({"message": "x" * place + TOKEN + "y" * 50}).encode()
    server.faults.add(Fault("refused"))
    client = BonzoClient(quick_settings(server))
    transport = client._transport
    real = transport.send

    def send(url: str, params: dict) -> object:
        reply = real(url, params)
        return type(reply)(reply.url, 422, reply.headers, body)

    transport.send = send
    with pytest.raises(ServiceError) as caught:
        client.get("/prospects")
    assert TOKEN[:4] not in caught.value.message


@pytest.mark.parametrize("length", [9_980, 9_990, 9_995])
def test_an_original_is_masked_before_it_is_cut(
    server: FakeBonzo, load: Load, rows: Callable[..., list[dict]], length: int
) -> None:
    """Nor in what is stored of a value that does not fit."""
    value = "x" * length + TOKEN
    server.account.put_prospect(prospect(1, do_not_call=value))
    load()
    originals = [
        row["original"] for row in rows("select original from loader.rejected_records")
    ]
    assert originals
    assert not any(TOKEN[:4] in text for text in originals)


def test_a_token_in_a_message_is_not_stored(
    server: FakeBonzo, load: Load, rows: Callable[..., list[dict]]
) -> None:
    """A service that sends it as data does not get it into the database."""
    server.account.put_prospect(prospect(1, first_name=TOKEN, city=quote(TOKEN)))
    server.account.put_message(
        message(1, 1, direction="incoming", content=f"my token is {TOKEN}")
    )
    load()
    assert TOKEN not in str(rows("select * from touch_engagements"))
    assert TOKEN not in str(rows("select * from prospects"))
    assert rows("select first_name from prospects") == [{"first_name": MASK}]


# --- logs and terminals --------------------------------------------------------


def logged(secret: str, log: Callable[[logging.Logger], None]) -> str:
    """What a handler with the filter writes."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(RedactingFilter(secret))
    logger = logging.Logger("test")
    logger.addHandler(handler)
    log(logger)
    return stream.getvalue()


@pytest.mark.parametrize(
    "log",
    [
        lambda logger: logger.warning(f"sent {SECRET}"),
        lambda logger: logger.warning("sent %s", SECRET),
        lambda logger: logger.warning("sent %r", {"token": SECRET}),
        lambda logger: logger.warning("sent %s %s", SECRET),
        lambda logger: logger.warning("x", exc_info=ValueError(SECRET)),
        lambda logger: logger.warning("x", exc_info=KeyError(SECRET)),
        lambda logger: logger.warning(SECRET, stack_info=True),
    ],
)
def test_logs_are_masked(log: Callable[[logging.Logger], None]) -> None:
    """Message, arguments, tracebacks and stacks; wrong arguments, too."""
    text = logged(SECRET, log)
    assert text
    assert SECRET not in text
    assert repr(SECRET)[1:-1] not in text


HARMFUL = {
    "colors": "\x1b[31mred\x1b[0m",
    "cursor": "\x1b[2J\x1b[1;1H",
    "title": "\x1b]0;owned\x07",
    "link": "\x1b]8;;http://evil.example\x1b\\text\x1b]8;;\x1b\\",
    "C1": "\x9b31mred",
    "bell and backspace": "a\x07b\x08c\x7f",
    "overwriting": "error\rfine",
    "direction": "a\u202egpj.exe",
    "isolate": "\u2066x\u2069",
    "marks": "\u200e\u200f\u061c",
    "separators": "a\u2028b\u2029c",
    "invisible": "a\u200bb\ufeffc\U000e0041",
    "half a character": "a\ud83d",
}
FORBIDDEN = set("\x1b\x07\x08\r\x7f\x9b\u202e\u2066\u2069\u200e\u200f\u061c\u2028")


@pytest.mark.parametrize("kind", HARMFUL)
def test_text_of_others_is_harmless_to_show(
    kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """In results, in warnings, in JSON, in errors and in logs."""
    text = HARMFUL[kind]
    shown = [printable(text), LoaderError(text).message]
    shown.append(logged("secret-word", lambda logger: logger.warning("%s", text)))
    for as_json in (False, True):
        out = Output(as_json, "secret-word")
        out.result(text, "event", name=text)
        out.warning(text, name=text)
    captured = capsys.readouterr()
    for output in (*shown, captured.out, captured.err):
        assert not FORBIDDEN & set(output)
        output.encode("utf-8")
    assert "owned" not in printable(text)


def test_ordinary_text_is_shown_as_it_is() -> None:
    """Letters of all scripts, emoji, tabs and line ends."""
    text = "Zoë\tÅse\n李雷 👍 שלום\u00a0€ –"
    assert printable(text) == text
