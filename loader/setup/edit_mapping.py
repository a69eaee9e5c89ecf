"""Edits a mapping file and leaves every other character as it is.

The places are those of PyYAML's nodes, so comments, quotes and order stay.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import yaml

from loader.errors import LoaderError
from loader.mapping.yaml_text import compose, load_text


def add_aliases(
    text: str, added: Mapping[str, list[str]], defaults: Mapping[str, list[str]]
) -> str:
    """Return the file with these other names added under `stages`.

    A stage that the file does not name begins with its `defaults`, which its list
    would otherwise replace. Raises LoaderError where the file is written so that
    names cannot be added safely.
    """
    before = _stages(text)
    for stage, names in added.items():
        own = before.get(stage) or []
        text = _add(text, stage, names if own else [*defaults.get(stage, []), *names])
    _check(text, before, added)
    return text


def set_pipelines(text: str, names: list[str]) -> str:
    """Return the file with these pipelines, all of them if there are no names.

    Raises LoaderError where the file is written so that this is not safe.
    """
    root = compose(text)
    value = _list(names) if names else "all"
    if root is None:
        return _append(text, f"pipelines: {value}")
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        raise _unsafe("`pipelines`", f"pipelines: {value}")
    key, node = _entry(root, "pipelines")
    if key is None:
        return _append(text, f"pipelines: {value}")
    end = _end_of(node)
    edited = f"{text[: key.end_mark.index]}: {value}{text[end:]}"
    try:
        content = load_text(edited)
    except yaml.YAMLError:
        content = {}
    others = {k: v for k, v in load_text(text).items() if k != "pipelines"}
    if content != {**others, "pipelines": names or "all"}:
        raise _unsafe("`pipelines`", f"pipelines: {value}")
    return edited


def _end_of(node: yaml.Node) -> int:
    """Return where a value ends; a block list's own end is after its comments."""
    if isinstance(node, yaml.SequenceNode) and not node.flow_style and node.value:
        return node.value[-1].end_mark.index
    return node.end_mark.index


def _add(text: str, stage: str, names: list[str]) -> str:
    root = compose(text)
    if root is None:
        return _append(text, f"stages:\n  {_line(stage, names)}")
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        raise _by_hand({stage: names})
    key, stages = _entry(root, "stages")
    if key is None:
        return _append(text, f"stages:\n  {_line(stage, names)}")
    if not isinstance(stages, yaml.MappingNode):  # `stages:` with nothing behind it
        at, end = stages.start_mark.index, stages.end_mark.index
        return f"{text[:at].rstrip(' ')}\n  {_line(stage, names)}{text[end:]}"
    key, value = _entry(stages, stage)
    if key is not None:
        return _extend(text, value, names)
    if stages.flow_style or not stages.value:
        return _into_brackets(text, stages, _line(stage, names))
    first = stages.value[0][0].start_mark
    return (
        f"{text[: first.index]}{_line(stage, names)}\n{' ' * first.column}"
        + (text[first.index :])
    )


def _append(text: str, entry: str) -> str:
    text = text if not text or text.endswith("\n") else text + "\n"
    return f"{text}\n{entry}\n"


def _extend(text: str, value: yaml.Node, names: list[str]) -> str:
    """Add names to the list of a stage that the file has."""
    if isinstance(value, yaml.SequenceNode) and value.value and not value.flow_style:
        last = value.value[-1].end_mark.index
        end = text.find("\n", last)
        end = len(text) if end < 0 else end
        dash = " " * value.start_mark.column + "- "
        return text[:end] + "".join(f"\n{dash}{_quoted(n)}" for n in names) + text[end:]
    if isinstance(value, yaml.SequenceNode):
        return _into_brackets(text, value, ", ".join(map(_quoted, names)))
    at, end = value.start_mark.index, value.end_mark.index
    return f"{text[:at].rstrip(' ')} {_list(names)}{text[end:]}"


def _into_brackets(text: str, node: yaml.CollectionNode, more: str) -> str:
    """Add an entry before the bracket that closes a list or mapping."""
    close = node.end_mark.index - 1
    head = text[:close].rstrip()
    comma = ", " if node.value and not head.endswith(",") else ""
    return f"{head}{comma}{more}{text[close:]}"


def _entry(
    node: yaml.MappingNode, name: str
) -> tuple[yaml.Node, yaml.Node] | tuple[None, None]:
    for key, value in node.value:
        if key.value == name:
            return key, value
    return None, None


def _stages(text: str) -> dict[str, list[str]]:
    content = load_text(text) or {}
    stages = content.get("stages") if isinstance(content, dict) else None
    return stages if isinstance(stages, dict) else {}


def _check(
    text: str, before: dict[str, list[str]], added: Mapping[str, list[str]]
) -> None:
    """Refuse an edit that the file does not say afterwards."""
    try:
        after = _stages(text)
    except yaml.YAMLError:
        raise _by_hand(added) from None
    for stage in {*before, *added}:
        wanted = [*(before.get(stage) or []), *added.get(stage, [])]
        if not set(wanted) <= set(after.get(stage) or []):
            raise _by_hand(added)


def _by_hand(added: Mapping[str, list[str]]) -> LoaderError:
    entries = "; ".join(_line(stage, names) for stage, names in added.items())
    return _unsafe("`stages`", entries)


def _unsafe(place: str, entries: str) -> LoaderError:
    return LoaderError(
        f"The mapping file is written so that {place} cannot be changed safely: "
        f"write it by hand ({entries})."
    )


def _line(stage: str, names: list[str]) -> str:
    plain = all(letter.isalnum() or letter in " -/" for letter in stage)
    return f"{stage if plain else _quoted(stage)}: {_list(names)}"


def _list(names: list[str]) -> str:
    return f"[{', '.join(map(_quoted, names))}]"


def _quoted(name: str) -> str:
    # JSON's strings are YAML's, too; YAML takes fewer signs as they are.
    return json.dumps(name, ensure_ascii=not name.isprintable())
