"""Keeps secrets out of whatever is shown or stored, and text harmless to show."""

from __future__ import annotations

import base64
import html
import json
import logging
import re
import sys
import threading
import traceback
from functools import lru_cache
from typing import Any
from urllib.parse import quote, quote_plus

MASK = "***"
# Shorter pieces of a secret are ordinary words.
SHORTEST_PART = 6
# Shorter secrets leave too little of themselves in base64 to differ from words.
SHORTEST_ENCODED = 8

# Escape sequences of terminals: CSI, OSC (ended by BEL or ESC \), and the others.
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b\]|\x9d)[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
)
# Controls except tab and line feed, direction marks, line and paragraph separators,
# invisible joiners, and half characters, which no terminal can encode.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)


def printable(text: str) -> str:
    """Return the text without what a terminal or a log could be misled by."""
    return _UNSAFE.sub("", _ESCAPES.sub("", text.replace("\r\n", "\n")))


def redact(text: str, *secrets: str | None) -> str:
    """Return the text with every secret masked, however it is spelled.

    Masked are the secret itself, its percent-encoded, JSON-, HTML- and
    repr-escaped and base64 forms, and the parts of one that holds blanks.
    """
    for secret in secrets:
        for spelling in spellings(secret) if secret else ():
            if spelling in text:
                text = text.replace(spelling, MASK)
    return text


@lru_cache(maxsize=64)
def spellings(secret: str) -> tuple[str, ...]:
    """Return every form in which a secret may appear in a text, longest first."""
    forms: set[str] = set()
    for part in {secret, *secret.split()}:
        if part == secret or len(part) >= SHORTEST_PART:
            forms |= _escaped(part)
        if len(part) >= SHORTEST_ENCODED:
            forms |= _base64(part)
    return tuple(sorted(forms - {""}, key=len, reverse=True))


def _escaped(text: str) -> set[str]:
    as_json = json.dumps(text)[1:-1]
    readable_json = json.dumps(text, ensure_ascii=False)[1:-1]
    percent = {quote(text, safe=""), quote(text), quote_plus(text)}
    return {
        text,
        as_json,
        readable_json,
        as_json.replace("/", "\\/"),
        repr(text)[1:-1],
        ascii(text)[1:-1],
        html.escape(text),
        *percent,
        *(re.sub("%..", lambda code: code[0].lower(), spelled) for spelled in percent),
    }


def _base64(text: str) -> set[str]:
    """Return what base64 makes of the text at any place within something longer."""
    raw = text.encode("utf-8", "surrogatepass")
    forms = set()
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + raw).decode()
        # Characters at both ends also depend on what is around the secret.
        core = encoded.rstrip("=")[(0, 2, 3)[offset] :]
        core = core if (offset + len(raw)) % 3 == 0 else core[:-1]
        forms |= {core, core.replace("+", "-").replace("/", "_")}
    return forms


class Redactor:
    """Masks the same secrets in many texts and records."""

    def __init__(self, *secrets: str | None) -> None:
        self._secrets = tuple(secret for secret in secrets if secret)
        self._bytes = tuple(
            spelling.encode("utf-8", "surrogatepass")
            for secret in self._secrets
            for spelling in spellings(secret)
        )

    def text(self, text: str) -> str:
        """Return the text without the secrets."""
        return redact(text, *self._secrets)

    def is_in(self, body: bytes) -> bool:
        """Return whether a secret occurs in these bytes, in any spelling."""
        return any(spelling in body for spelling in self._bytes)

    def record(self, value: Any) -> Any:
        """Return decoded JSON without the secrets, keys included."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {
                self.text(key) if isinstance(key, str) else key: self.record(item)
                for key, item in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.record(item) for item in value]
        return value


class RedactingFilter(logging.Filter):
    """Redacts log records, whatever library writes them, and makes them harmless."""

    def __init__(self, *secrets: str | None) -> None:
        super().__init__()
        self._redactor = Redactor(*secrets)

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, without the secrets."""
        try:
            message = record.getMessage()
        except (TypeError, ValueError):
            # Arguments that do not fit; they may still hold a secret.
            message = str(record.msg)
        record.msg = self._clean(message)
        record.args = None
        if record.exc_info and record.exc_info[0] is not None:
            record.exc_text = "".join(traceback.format_exception(*record.exc_info))
        record.exc_info = None
        if record.exc_text:
            record.exc_text = self._clean(record.exc_text)
        if record.stack_info:
            record.stack_info = self._clean(record.stack_info)
        return True

    def _clean(self, text: str) -> str:
        return printable(self._redactor.text(text))


def redact_tracebacks(*secrets: str | None) -> None:
    """Mask secrets in the traceback of whatever nobody expected, in any thread."""
    redactor = Redactor(*secrets)

    def show(kind: type[BaseException], error: BaseException, trace: Any) -> None:
        lines = traceback.format_exception(kind, error, trace)
        sys.stderr.write(printable(redactor.text("".join(lines))))

    def show_of_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            show(args.exc_type, args.exc_value, args.exc_traceback)

    sys.excepthook = show
    threading.excepthook = show_of_thread
