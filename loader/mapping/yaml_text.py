"""YAML in which names stay the text that somebody wrote."""

from __future__ import annotations

import re
from typing import Any, ClassVar

import yaml

NULLS = frozenset({"~", "null", "Null", "NULL"})
TRUE = frozenset({"true", "yes", "on"})
FALSE = frozenset({"false", "no", "off"})


class _TextLoader(yaml.SafeLoader):
    """Reads every plain value as text: `No`, `0123` and `1.10` are names, too."""

    # Only merging (`<<: *other`) keeps its meaning.
    yaml_implicit_resolvers: ClassVar = {
        "<": [("tag:yaml.org,2002:merge", re.compile("^<<$"))]
    }


def _construct_text(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> str | None:
    # `key:` with nothing behind it has no value.
    return None if node.style is None and node.value == "" else node.value


_TextLoader.add_constructor("tag:yaml.org,2002:str", _construct_text)


def load_text(text: str) -> Any:
    """Return the document with lists, keys and values; each value a text or None.

    Raises yaml.YAMLError.
    """
    return yaml.load(text, Loader=_TextLoader)


def null_to_none(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values with None for null, where no value is a name."""
    return {
        key: None if isinstance(value, str) and value in NULLS else value
        for key, value in values.items()
    }


def to_boolean(text: object) -> bool | None:
    """Return what YAML means by a text, None if it is neither yes nor no."""
    word = str(text).lower()
    if word in TRUE or word in FALSE:
        return word in TRUE
    return None


def compose(text: str) -> yaml.Node | None:
    """Return the document's nodes, which know their places; None if it is empty.

    Raises yaml.YAMLError.
    """
    return yaml.compose(text, Loader=_TextLoader)
