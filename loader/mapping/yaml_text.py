"""YAML in which names stay the text that somebody wrote."""

from __future__ import annotations

import re
from typing import Any, ClassVar

import yaml

# A file of ten thousand names has as many. What unfolds to more, by aliases of
# aliases, would not fit into memory.
MOST_NODES = 100_000
NULLS = frozenset({"~", "null", "Null", "NULL"})
TRUE = frozenset({"true", "yes", "on"})
FALSE = frozenset({"false", "no", "off"})


class _TextLoader(yaml.SafeLoader):
    """Reads every plain value as text: `No`, `0123` and `1.10` are names, too."""

    # Only merging (`<<: *other`) keeps its meaning.
    yaml_implicit_resolvers: ClassVar = {
        "<": [("tag:yaml.org,2002:merge", re.compile("^<<$"))]
    }


class NotUsableError(yaml.MarkedYAMLError):
    """YAML by the letter, and not something to read settings from; says why."""


def _construct_text(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> str | None:
    # `key:` with nothing behind it has no value.
    return None if node.style is None and node.value == "" else node.value


_TextLoader.add_constructor("tag:yaml.org,2002:str", _construct_text)


def load_text(text: str) -> Any:
    """Return the document with lists, keys and values; each value a text or None.

    Raises yaml.YAMLError; NotUsableError, one of its kinds, says what is wrong.
    """
    loader = _TextLoader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        _check(node, {})
        return loader.construct_document(node)
    except RecursionError:
        raise NotUsableError(problem="it is nested too deeply") from None
    finally:
        loader.dispose()


def _check(node: yaml.Node, sizes: dict[int, int | None]) -> int:
    """Return how many nodes a node unfolds to, and refuse what cannot be settings.

    `sizes` has those of the nodes met so far, None for one that is still open.
    """
    if isinstance(node, yaml.ScalarNode):
        _check_characters(node)
        return 1
    if id(node) in sizes:
        size = sizes[id(node)]
        if size is None:
            raise _refusal("an alias stands within what it stands for", node)
        return size
    sizes[id(node)] = None
    pairs = isinstance(node, yaml.MappingNode)
    if pairs:
        _check_keys(node)
    parts = [part for pair in node.value for part in pair] if pairs else node.value
    size = 1 + sum(_check(part, sizes) for part in parts)
    if size > MOST_NODES:
        raise _refusal(f"its aliases stand for more than {MOST_NODES:,} values", node)
    sizes[id(node)] = size
    return size


def _check_characters(node: yaml.ScalarNode) -> None:
    """Refuse what PostgreSQL cannot hold; escapes of JSON's kind become letters."""
    try:
        # JSON writes 🚀 as two escapes, which are one letter.
        halves = node.value.encode("utf-16-le", "surrogatepass")
        node.value = halves.decode("utf-16-le")
    except UnicodeDecodeError:
        raise _refusal("it holds half a character (lone surrogate)", node) from None
    if "\x00" in node.value:
        raise _refusal("it holds a NUL character", node)


def _check_keys(node: yaml.MappingNode) -> None:
    """Refuse a key that comes twice: YAML would forget what the first one says."""
    met: set[str] = set()
    for key, _ in node.value:
        if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
            if key.value in met:
                raise _refusal(f"the key {key.value!r} is there twice", key)
            met.add(key.value)


def _refusal(problem: str, node: yaml.Node) -> NotUsableError:
    return NotUsableError(problem=problem, problem_mark=node.start_mark)


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
