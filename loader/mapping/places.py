"""Where in the mapping file a key is, for whoever has to correct it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import yaml

from loader.errors import LoaderError
from loader.mapping.yaml_text import compose

KeyPath = tuple[str | int, ...]


class KeyMistakeError(LoaderError):
    """A mistake at a key: `path` leads to it, list entries by number from 0."""

    def __init__(self, message: str, *path: str | int) -> None:
        super().__init__(message)
        self.path: KeyPath = path


@contextmanager
def at(*path: str | int) -> Iterator[None]:
    """Have whatever is wrong within become a mistake at this key."""
    try:
        yield
    except KeyMistakeError as error:
        raise KeyMistakeError(error.message, *path, *error.path) from None
    except LoaderError as error:
        raise KeyMistakeError(error.message, *path) from None
    # An OSError comes from a time zone's name that is a directory's.
    except (TypeError, ValueError, KeyError, AttributeError, OSError) as error:
        what = f"{type(error).__name__}: {error}"
        raise KeyMistakeError(
            f"this is not shaped as its comments say ({what}). Compare it with "
            "loader/bonzo.yaml.",
            *path,
        ) from None


def place_of(text: str, path: KeyPath) -> str:
    """Return "line 4, column 3, stages.Working"; without a line if it is not there."""
    name = dotted(path)
    mark = _mark(compose(text), path)
    return f"line {mark.line + 1}, column {mark.column + 1}, {name}" if mark else name


def dotted(path: KeyPath) -> str:
    """Return a path as people write it: loan_status[1].when."""
    name = ""
    for part in path:
        name += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    return name.removeprefix(".")


def _mark(node: yaml.Node | None, path: KeyPath) -> yaml.Mark | None:
    """Return the place of the deepest key of the path that the text has."""
    mark = None
    for part in path:
        if isinstance(node, yaml.MappingNode):
            keys = [(key, value) for key, value in node.value if key.value == str(part)]
            if not keys:
                return mark
            key, node = keys[-1]
            mark = key.start_mark
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            if part >= len(node.value):
                return mark
            node = node.value[part]
            mark = node.start_mark
        else:
            return mark
    return mark
