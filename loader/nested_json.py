"""Reads JSON of any depth without ending whoever walks through it by recursion."""

from __future__ import annotations

import json
import re
from typing import Any

# Python refuses to read longer whole numbers; such a field costs itself alone.
LONGEST_NUMBER = 400
# Bonzo's records are five levels deep. What is much deeper is cut off there.
DEEPEST = 50
TOO_DEEP = "(nested too deeply)"

_CONTAINERS = {dict, list}  # of exactly these types are those that `json` makes
_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)


def parse(text: str) -> Any:
    """Return the text as JSON; raises ValueError if it is none.

    Values nested deeper than DEEPEST come as the text TOO_DEEP.
    """
    try:
        value = _parse(text)
    except RecursionError:
        value = _parse(_shallow_text(text))
    return _cut_off(value)


def _parse(text: str) -> Any:
    # Raw line breaks within a string are wrong, and harmless.
    return json.loads(text, parse_int=_whole_number, strict=False)


def _whole_number(text: str) -> int | str:
    return int(text) if len(text) <= LONGEST_NUMBER else text


def _shallow_text(text: str) -> str:
    """Replace what is nested too deeply, in the text itself."""
    kept: list[str] = []
    depth, begin = 0, 0
    for token in _TOKENS.finditer(text):
        sign = token[0]
        if sign in "[{":
            depth += 1
            if depth == DEEPEST + 1:
                kept += [text[begin : token.start()], json.dumps(TOO_DEEP)]
        elif sign in "]}":
            depth -= 1
            if depth == DEEPEST:
                begin = token.end()
    # Within a part that was cut off nothing is kept, so a truncated text stays broken.
    return "".join([*kept, text[begin:]]) if depth <= DEEPEST else ""


def _cut_off(value: Any) -> Any:
    """Replace containers below DEEPEST levels; the value itself is changed."""
    level = [value] if type(value) in _CONTAINERS else []
    for _ in range(DEEPEST):
        level = [
            child
            for node in level
            for child in (node.values() if type(node) is dict else node)
            if type(child) in _CONTAINERS
        ]
        if not level:
            return value
    for node in level:
        for key, child in node.items() if type(node) is dict else enumerate(node):
            if type(child) in _CONTAINERS:
                node[key] = TOO_DEEP
    return value
