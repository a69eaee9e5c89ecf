"""Read and check the mapping file, and make it ready for look-ups."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import yaml

from loader.config import CENTURY
from loader.errors import LoaderError
from loader.mapping.parsers import (
    INT4,
    INT8,
    fold_blanks,
    fold_case,
    normalize_name,
)
from loader.mapping.places import KeyMistakeError, at, place_of
from loader.mapping.yaml_text import (
    NotUsableError,
    load_text,
    null_to_none,
    to_boolean,
)

DEFAULT = Path(__file__).resolve().parent.parent / "bonzo.yaml"
# Raise it when the code that reads messages gives other rows than before: then
# every prospect's messages are read again, some in each run.
MESSAGE_RULES_VERSION = 3
Read = TypeVar("Read")
KINDS = ("SMS", "Email", "Voicemail", "Call", "Note")
# Keys below which names are the user's own.
OWN_NAMES = frozenset(
    {("stages",), ("roles",), ("messages", "types"), ("lead_source", "tags")}
)
CONDITIONS = ("close_date_passed", "stage_not_disqualified", "rate_locked")


@dataclass(frozen=True)
class ConfiguredStep:
    """A step that the user's file describes; `delay` in minutes."""

    sequence: int
    event: int
    order: int
    kind: str
    delay: int
    content: str


@dataclass(frozen=True)
class StatusRule:
    """A loan status and the conditions under which it holds."""

    status: str
    conditions: tuple[str, ...]
    words: tuple[tuple[str, frozenset[str]], ...]


@dataclass(frozen=True)
class MappingConfig:
    """The whole file; every word is normalized."""

    stages: dict[str, str]
    pipelines: frozenset[str] | None
    source_fields: tuple[str, ...]
    technical_words: frozenset[str]
    # (tag or prefix with "*", without case) and source, in the file's order.
    source_tags: tuple[tuple[str, str], ...]
    # Fields that tell an automation's outgoing message from a person's.
    automated_by: tuple[str, ...]
    kinds: dict[str, str]
    incoming: frozenset[str]
    outgoing: frozenset[str]
    not_yet: frozenset[str]
    sent: frozenset[str]
    delivered: frozenset[str]
    opened: frozenset[str]
    answered: frozenset[str]
    attribution_days: float
    calls: bool
    opt_out_words: frozenset[str]
    touches: tuple[ConfiguredStep, ...]
    loan_type: tuple[str, ...]
    loan_status: tuple[StatusRule, ...]
    roles: dict[str, str]
    zone: ZoneInfo
    version: str


def load_rules(path: Path | None = None) -> MappingConfig:
    """Return the package's rules with the file's on top.

    Raises LoaderError naming the key that cannot be understood.
    """
    return load_rules_text(None if path is None else _read_text(path), path)


def default_aliases() -> dict[str, list[str]]:
    """Return the other names that each standard stage has by default."""
    stages = _parse(_read_text(DEFAULT), DEFAULT)["stages"]
    return {name: list(names or []) for name, names in stages.items()}


def load_rules_text(text: str | None, path: Path | None) -> MappingConfig:
    """Return the rules that the file at `path` gives, should it hold this text."""
    default = _read_text(DEFAULT)
    content = _parse(default, DEFAULT)
    try:
        if text is not None:
            overrides = _parse(text, path)
            _check_keys(content, overrides)
            content = _merge(content, overrides)
        return _build(content)
    except KeyMistakeError as error:
        place = place_of(default if text is None else text, error.path)
        raise LoaderError(f"{path or DEFAULT}: {place}: {error.message}") from None


def _check_keys(
    content: dict[str, Any], overrides: dict[str, Any], path: tuple[str, ...] = ()
) -> None:
    """Refuse keys that the defaults do not have, at every depth."""
    for key, given in overrides.items():
        place = (*path, key)
        if key not in content:
            raise KeyMistakeError(
                f"unknown key {key!r}; known: {', '.join(content)}.", *place
            )
        if not isinstance(content[key], dict):
            continue
        if not isinstance(given, dict | None):
            raise KeyMistakeError(f"{key} must hold keys and values.", *place)
        if place not in OWN_NAMES:
            _check_keys(content[key], given or {}, place)


def _merge(defaults: dict[str, Any], overrides: dict[str, Any]) -> dict[str, Any]:
    """Return the defaults with the overrides on top, key by key at every depth.

    A list replaces the default's list. A key with nothing behind it where the
    default holds keys changes nothing.
    """
    merged = {**defaults, **overrides}
    for key, default in defaults.items():
        given = overrides.get(key)
        if isinstance(default, dict) and isinstance(given, dict | None):
            merged[key] = _merge(default, given or {})
    return merged


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LoaderError(f"Cannot read the mapping file {path}: {error}.") from None


def _parse(text: str, path: Path | None) -> dict[str, Any]:
    try:
        content = load_text(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        if isinstance(error, NotUsableError):
            raise LoaderError(
                f"{path}: {place}{': ' if place else ''}{error.problem}."
            ) from None
        near = f" near {place}" if place else ""
        raise LoaderError(f"{path} is not valid YAML{near}.") from None
    if content is not None and not isinstance(content, dict):
        raise LoaderError(f"{path} must hold keys and values.")
    return _with_nulls(content or {})


def _with_nulls(content: dict[str, Any]) -> dict[str, Any]:
    """Return the content with None for null, but in lists: there it is a name."""
    content = null_to_none(content)
    for key in ("stages", "messages", "lead_source"):
        if isinstance(content.get(key), dict):
            content[key] = null_to_none(content[key])
    if isinstance(content.get("touches"), list):
        content["touches"] = [
            null_to_none(entry) if isinstance(entry, dict) else entry
            for entry in content["touches"]
        ]
    return content


def _build(content: dict[str, Any]) -> MappingConfig:
    with at("messages"):
        kinds = _kinds(content["messages"]["types"])
        words = {name: _words(content["messages"], name) for name in _WORD_LISTS}
        with at("automated_by"):
            automated_by = _field_names(content["messages"]["automated_by"])
    with at("lead_source"):
        sources = content["lead_source"]
        technical_words = _words(sources, "technical_words")
        with at("fields"):
            source_fields = _field_names(sources["fields"])
        with at("tags"):
            source_tags = _source_tags(sources.get("tags"))
    return MappingConfig(
        stages=_value(content, "stages", _stages),
        pipelines=_value(content, "pipelines", _pipelines),
        source_fields=source_fields,
        technical_words=technical_words,
        source_tags=source_tags,
        automated_by=automated_by,
        kinds=kinds,
        **words,
        attribution_days=_value(content, "attribution_days", _days),
        calls=_value(content, "calls", _boolean),
        # An answer of punctuation alone never opts out.
        opt_out_words=_words(content, "opt_out_words") - {""},
        touches=tuple(_entries(content, "touches", _touch)),
        loan_type=_value(content, "loan_type", _field_names),
        loan_status=tuple(_entries(content, "loan_status", _status_rule)),
        roles=_value(content, "roles", _roles),
        zone=_value(content, "time_zone", lambda name: ZoneInfo(str(name))),
        version=_version(content),
    )


def _value(content: dict[str, Any], key: str, read: Callable[[Any], Read]) -> Read:
    """Return what `read` makes of a key's value; a mistake in it names the key."""
    with at(key):
        return read(content[key])


def _words(content: dict[str, Any], key: str) -> frozenset[str]:
    with at(key):
        return _normalized(content.get(key))


def _entries(
    content: dict[str, Any], key: str, read: Callable[[Any], Read]
) -> Iterator[Read]:
    """Yield what `read` makes of each entry of a list; a mistake names the entry."""
    entries = content[key] or []
    if not isinstance(entries, list):
        raise KeyMistakeError("it must be a list.", key)
    for number, entry in enumerate(entries):
        with at(key, number):
            if not isinstance(entry, dict):
                raise LoaderError(f"{entry!r} must hold keys and values.")
            value = read(entry)
        yield value


def _kinds(types: dict[str, str]) -> dict[str, str]:
    kinds = {}
    for name, kind in types.items():
        with at("types", name):
            kinds[normalize_name(name)] = _one_of(kind, KINDS)
    return kinds


_WORD_LISTS = (
    "incoming",
    "outgoing",
    "not_yet",
    "sent",
    "delivered",
    "opened",
    "answered",
)


def _pipelines(names: object) -> frozenset[str] | None:
    """Return the normalized pipelines that count, None for all.

    None counting is never meant: it would take every prospect's stage.
    """
    if names is None or names == "all":
        return None
    if not names:
        raise LoaderError("it names no pipeline: write all, or a list of names.")
    return _normalized(names)


def _days(value: object) -> float:
    days = float(value)
    if not 0 <= days <= CENTURY:
        raise LoaderError(f"it must be from 0 to {CENTURY:,.0f}, not {value!r}.")
    return days


def _stages(entries: dict[str, list[str] | None]) -> dict[str, str]:
    """Return normalized name or alias -> the stage's name in the database."""
    names: dict[str, str] = {}
    for name, aliases in entries.items():
        with at(name):
            if aliases is not None and not isinstance(aliases, list):
                raise LoaderError(f"the other names of {name!r} must be a list.")
            _take(names, name, name)
            for number, alias in enumerate(aliases or []):
                with at(number):
                    _take(names, alias, name)
    return names


def _take(names: dict[str, str], word: object, stage: str) -> None:
    other = names.setdefault(normalize_name(str(word)), str(stage))
    if other != stage:
        raise LoaderError(f"{word!r} is listed for {other!r} and {stage!r}.")


def _source_tags(entries: dict[Any, Any] | None) -> tuple[tuple[str, str], ...]:
    tags = []
    for tag, source in (entries or {}).items():
        with at(tag):
            tags.append((fold_case(fold_blanks(str(tag))), _source_name(source)))
    return tuple(tags)


def _source_name(source: object) -> str:
    name = fold_blanks("" if source is None else str(source))
    if not 0 < len(name) <= 100:
        raise LoaderError(f"{name!r} does not have 1 to 100 characters.")
    return name


def _field_names(names: object) -> tuple[str, ...]:
    if not isinstance(names, list) or not all(isinstance(n, str) for n in names):
        raise LoaderError("it must be a list of field names.")
    return tuple(name.strip() for name in names)


def _touch(entry: dict[str, Any]) -> ConfiguredStep:
    kind = _one_of(entry["type"], KINDS[:4])
    return ConfiguredStep(
        sequence=_whole(entry, "sequence", 1, INT8),
        event=_whole(entry, "event", 1, INT8),
        order=_whole(entry, "order", 0, INT4),
        kind=kind,
        delay=_whole({"delay": 0, **entry}, "delay", 0, INT4),
        content=str(entry.get("content") or "") or placeholder(kind),
    )


def _whole(entry: dict[str, Any], key: str, low: int, high: int) -> int:
    number = int(entry[key])
    if not low <= number <= high:
        raise KeyMistakeError(f"it must be from {low} to {high}, not {number}.", key)
    return number


def placeholder(kind: str) -> str:
    """Return a placeholder for a step's text, which Bonzo does not show."""
    return f"({kind}; Bonzo does not show the text of its steps)"


def _status_rule(rule: dict[str, Any]) -> StatusRule:
    conditions, words = [], []
    when = rule.get("when") or []
    if not isinstance(when, list):
        raise KeyMistakeError("it must be a list of conditions.", "when")
    for condition in when:
        if isinstance(condition, dict):
            words += [
                (str(name), _normalized(those)) for name, those in condition.items()
            ]
        else:
            conditions.append(_one_of(condition, CONDITIONS))
    return StatusRule(_short(rule["status"]), tuple(conditions), tuple(words))


def _roles(entries: dict[str, Any]) -> dict[str, str]:
    """Return email address (or "default") -> role."""
    roles = {}
    for who, role in entries.items():
        with at(who):
            roles[str(who).strip().lower()] = _short(role)
    return roles


def _short(value: object) -> str:
    """Return a text for a column of 20 characters."""
    text = "" if value is None else str(value)
    if not text.strip():
        raise LoaderError("it has no value.")
    if len(text) > 20:
        raise LoaderError(f"{text!r} is longer than 20 characters.")
    return text


def _one_of(value: object, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise LoaderError(f"{value!r} is not one of {', '.join(allowed)}.")
    return str(value)


def _boolean(value: object) -> bool:
    flag = to_boolean(value)
    if flag is None:
        raise LoaderError(f"it must be true or false, not {value!r}.")
    return flag


def _normalized(words: list[Any] | None) -> frozenset[str]:
    if words is not None and not isinstance(words, list):
        raise LoaderError(f"{words!r} must be a list.")
    return frozenset(normalize_name(str(word)) for word in words or [])


def _version(content: dict[str, Any]) -> str:
    """Return a hash of everything that decides what messages become."""
    names = ("messages", "attribution_days", "calls", "opt_out_words", "touches")
    parts = [MESSAGE_RULES_VERSION, *(content[name] for name in names)]
    text = json.dumps([*parts, content["time_zone"]], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
