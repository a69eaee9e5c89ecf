"""A body as JSON: broken bytes, numbers and depths cost little, never the page."""

from __future__ import annotations

import json
from typing import Any

from loader import nested_json
from loader.bonzo.errors import BrokenAnswerError


def decode(body: bytes) -> Any:
    """Return the body as JSON; raises BrokenAnswerError if it is none.

    Values that are nested too deeply are cut off.
    """
    try:
        text = body.decode(json.detect_encoding(body))
    except UnicodeDecodeError:
        # One bad byte costs its character.
        text = body.decode("utf-8", "replace")
    try:
        return nested_json.parse(text)
    except ValueError:
        raise BrokenAnswerError("the answer is not JSON") from None


def unwrap(body: Any) -> Any:
    """Return what is under `data`, or the body itself where nothing is."""
    return body["data"] if isinstance(body, dict) and "data" in body else body


def message_of(body: bytes) -> str:
    """Return what the service says about a refusal, as the body has it."""
    try:
        value = decode(body)
    except BrokenAnswerError:
        return ""
    if not isinstance(value, dict):
        return ""
    return str(value.get("message") or value.get("error") or value.get("errors") or "")
