"""The structure of a JSON answer without any of its values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

# What fields are called. Other keys, such as ids, addresses and labels, are data.
_FIELD_NAME = re.compile(r"[a-z]+(?:_[a-z]+|_?\d{1,2}(?!\d))*|[a-z]+(?:[A-Z][a-z]+)+")
LONGEST_NAME = 40
# Objects under these names may have names of people's choice for keys.
_MAPS = frozenset({"tags", "campaigns", "custom", "custom_fields", "labels", "roles"})
# An entry of such an object that is a record again, not a choice of names.
_RECORD_KEYS = frozenset({"id", "name", "type", "data"})
ANY_KEY = "{*}"
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
_TIME = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d.*)?", re.DOTALL)


@dataclass
class Shape:
    """What was met at one place: how often, as which kinds, with which fields."""

    met: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    fields: dict[str, Shape] = field(default_factory=dict)
    items: Shape | None = None


def lines(answer: Any) -> list[str]:
    """Return a line per place: path, kinds with counts, and in how many records.

    No value of the answer is in them, nor a key that may itself be a value.
    """
    shape = Shape()
    _add(shape, answer, "")
    return list(_lines(shape, "answer", 1))


def _add(shape: Shape, value: Any, name: str) -> None:
    shape.met += 1
    shape.kinds[_kind(value)] += 1
    if isinstance(value, dict):
        is_map = _is_map(value, name)
        for key, child in value.items():
            below = ANY_KEY if is_map else key
            _add(shape.fields.setdefault(below, Shape()), child, below)
    elif isinstance(value, list):
        shape.items = shape.items or Shape()
        for child in value:
            # An object in a list is a record, whatever the list is called.
            _add(shape.items, child, "")


def _is_map(value: dict[str, Any], name: str) -> bool:
    """Return whether the keys are data: if one is, the others may be, too."""
    if not all(_is_field_name(key) for key in value):
        return True
    return name in _MAPS and _RECORD_KEYS.isdisjoint(value)


def _is_field_name(key: str) -> bool:
    return len(key) <= LONGEST_NAME and _FIELD_NAME.fullmatch(key) is not None


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "integer" if isinstance(value, int) else "number"
    if isinstance(value, str):
        return _kind_of_text(value.strip())
    name = "object" if isinstance(value, dict) else "list"
    return name if value else f"empty {name}"


def _kind_of_text(text: str) -> str:
    if not text:
        return "empty text"
    if _NUMBER.fullmatch(text):
        return "number as text"
    return "time as text" if _TIME.fullmatch(text) else "text"


def _lines(shape: Shape, path: str, of: int) -> Iterator[str]:
    kinds = ", ".join(f"{kind} {n}" for kind, n in sorted(shape.kinds.items()))
    # Below {*} a place is met several times in one object.
    often = f"in {shape.met} of {of}" if shape.met <= of else f"{shape.met} times"
    yield f"{path}: {kinds or 'nothing'} ({often})"
    objects = shape.kinds["object"]
    for name, child in sorted(shape.fields.items()):
        yield from _lines(child, f"{path}.{name}", objects)
    if shape.items is not None and shape.items.met:
        yield from _lines(shape.items, f"{path}[]", shape.items.met)
