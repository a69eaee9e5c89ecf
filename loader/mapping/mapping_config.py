"""Read and check the mapping file, and make it ready for look-ups."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from loader.errors import LoaderError
from loader.mapping.parsers import fold_blanks, normalize_name
from loader.mapping.yaml_text import load_text, null_to_none, to_boolean

DEFAULT = Path(__file__).resolve().parent.parent / "bonzo.yaml"
# Raise it when the code that reads messages gives other rows than before: then
# every prospect's messages are read again, some in each run.
MESSAGE_RULES_VERSION = 2
KINDS = ("SMS", "Email", "Voicemail", "Call", "Note")
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
    content = _parse(_read_text(DEFAULT), DEFAULT)
    if text is not None:
        overrides = _parse(text, path)
        unknown = sorted(set(overrides) - set(content))
        if unknown:
            raise LoaderError(
                f"{path}: unknown key {unknown[0]!r}; known: {', '.join(content)}."
            )
        for key, given in overrides.items():
            if isinstance(content[key], dict) and not isinstance(given, dict | None):
                raise LoaderError(f"{path}: {key} must hold keys and values.")
        content = _merge(content, overrides)
    try:
        return _build(content)
    except LoaderError as error:
        raise LoaderError(f"{path or DEFAULT}: {error.message}") from None
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise LoaderError(
            f"{path or DEFAULT} is not shaped as its comments say "
            f"({type(error).__name__}: {error}). Compare it with {DEFAULT.name} of "
            "the package."
        ) from None


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
        place = getattr(error, "problem_mark", None)
        line = f" near line {place.line + 1}" if place else ""
        raise LoaderError(f"{path} is not valid YAML{line}.") from None
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
    words = content["messages"]
    kinds = {normalize_name(k): _one_of(v, KINDS) for k, v in words["types"].items()}
    pipelines = content["pipelines"]
    return MappingConfig(
        stages=_stages(content["stages"]),
        pipelines=None if pipelines == "all" else _normalized(pipelines),
        source_fields=tuple(map(str, content["lead_source"]["fields"])),
        technical_words=_normalized(content["lead_source"].get("technical_words")),
        source_tags=_source_tags(content["lead_source"].get("tags")),
        automated_by=_field_names("messages.automated_by", words["automated_by"]),
        kinds=kinds,
        **{name: _normalized(words.get(name)) for name in _WORD_LISTS},
        attribution_days=float(content["attribution_days"]),
        calls=_boolean("calls", content["calls"]),
        opt_out_words=_normalized(content["opt_out_words"]),
        touches=tuple(_touch(entry) for entry in content["touches"] or []),
        loan_type=tuple(map(str, content["loan_type"])),
        loan_status=tuple(_status_rule(rule) for rule in content["loan_status"]),
        roles=_roles(content["roles"]),
        zone=ZoneInfo(str(content["time_zone"])),
        version=_version(content),
    )


_WORD_LISTS = (
    "incoming",
    "outgoing",
    "not_yet",
    "sent",
    "delivered",
    "opened",
    "answered",
)


def _stages(entries: dict[str, list[str] | None]) -> dict[str, str]:
    """Return normalized name or alias -> the stage's name in the database."""
    names: dict[str, str] = {}
    for name, aliases in entries.items():
        if aliases is not None and not isinstance(aliases, list):
            raise LoaderError(f"stages: the other names of {name!r} must be a list.")
        for word in (name, *(aliases or [])):
            other = names.setdefault(normalize_name(str(word)), str(name))
            if other != name:
                raise LoaderError(f"{word!r} is listed for {other!r} and {name!r}.")
    return names


def _source_tags(entries: dict[Any, Any] | None) -> tuple[tuple[str, str], ...]:
    if entries is not None and not isinstance(entries, dict):
        raise LoaderError("lead_source.tags must hold tags and their sources.")
    return tuple(
        (fold_blanks(str(tag)).casefold(), _source_name(source))
        for tag, source in (entries or {}).items()
    )


def _source_name(source: object) -> str:
    name = fold_blanks("" if source is None else str(source))
    if not 0 < len(name) <= 100:
        raise LoaderError(
            f"lead_source.tags: {name!r} does not have 1 to 100 characters."
        )
    return name


def _field_names(key: str, names: object) -> tuple[str, ...]:
    if not isinstance(names, list) or not all(isinstance(n, str) for n in names):
        raise LoaderError(f"{key} must be a list of field names.")
    return tuple(name.strip() for name in names)


def _touch(entry: dict[str, Any]) -> ConfiguredStep:
    kind = _one_of(entry["type"], KINDS[:4])
    return ConfiguredStep(
        sequence=int(entry["sequence"]),
        event=int(entry["event"]),
        order=int(entry["order"]),
        kind=kind,
        delay=int(entry.get("delay", 0)),
        content=str(entry.get("content") or "") or placeholder(kind),
    )


def placeholder(kind: str) -> str:
    """Return a placeholder for a step's text, which Bonzo does not show."""
    return f"({kind}; Bonzo does not show the text of its steps)"


def _status_rule(rule: dict[str, Any]) -> StatusRule:
    conditions, words = [], []
    for condition in rule.get("when") or []:
        if isinstance(condition, dict):
            words += [
                (str(name), _normalized(those)) for name, those in condition.items()
            ]
        else:
            conditions.append(_one_of(condition, CONDITIONS))
    status = str(rule["status"])
    if len(status) > 20:
        raise LoaderError(f"loan_status: {status!r} is longer than 20 characters.")
    return StatusRule(status, tuple(conditions), tuple(words))


def _roles(entries: dict[str, Any]) -> dict[str, str]:
    """Return email address (or "default") -> role."""
    for role in entries.values():
        if len(str(role)) > 20:
            raise LoaderError(f"roles: {role!r} is longer than 20 characters.")
    return {str(who).strip().lower(): str(role) for who, role in entries.items()}


def _one_of(value: object, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise LoaderError(f"{value!r} is not one of {', '.join(allowed)}.")
    return str(value)


def _boolean(name: str, value: object) -> bool:
    flag = to_boolean(value)
    if flag is None:
        raise LoaderError(f"{name} must be true or false.")
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
