"""Writes the JSON schema of `bonzo.yaml`, which editors check that file with.

Run by `python -m scripts.mapping_schema`. Its keys and words are those of the
loader's own code and defaults, and a test holds the file to them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from loader.config import CENTURY
from loader.mapping.mapping_config import CONDITIONS, DEFAULT, KINDS

TARGET = DEFAULT.with_name("bonzo.schema.json")
# Names are read as text, however YAML would type them.
WORD = {"type": ["string", "number", "boolean", "null"]}
WORDS = {"type": ["array", "null"], "items": WORD}
FIELDS = {"type": "array", "items": {"type": "string"}}
SHORT = {"type": ["string", "number", "boolean"], "minLength": 1, "maxLength": 20}
CONDITION = {
    "anyOf": [
        {"enum": list(CONDITIONS)},
        {"type": "object", "additionalProperties": WORDS},
    ]
}
STATUS_RULE = {
    "type": "object",
    "required": ["status"],
    "properties": {
        "status": SHORT,
        "when": {"type": ["array", "null"], "items": CONDITION},
    },
}
STEP = {
    "type": "object",
    "required": ["sequence", "event", "order", "type"],
    "properties": {
        "sequence": {"type": "integer", "minimum": 1},
        "event": {"type": "integer", "minimum": 1},
        "order": {"type": "integer", "minimum": 0},
        "type": {"enum": list(KINDS[:4])},
        "delay": {
            "type": "integer",
            "minimum": 0,
            "description": "minutes after the step before",
        },
        "content": {"type": ["string", "null"]},
    },
}
# What the type of a default does not tell; every other key is a list of words.
KEYS: dict[tuple[str, ...], dict[str, Any]] = {
    ("stages",): {"type": ["object", "null"], "additionalProperties": WORDS},
    ("pipelines",): {"anyOf": [{"const": "all"}, {**WORDS, "minItems": 1}]},
    ("lead_source", "fields"): FIELDS,
    ("lead_source", "tags"): {
        "type": ["object", "null"],
        "additionalProperties": {**WORD, "minLength": 1, "maxLength": 100},
    },
    ("messages", "types"): {
        "type": ["object", "null"],
        "additionalProperties": {"enum": list(KINDS)},
    },
    ("messages", "automated_by"): FIELDS,
    ("attribution_days",): {"type": "number", "minimum": 0, "maximum": CENTURY},
    ("calls",): {"type": "boolean"},
    ("touches",): {"type": ["array", "null"], "items": STEP},
    ("loan_type",): FIELDS,
    ("loan_status",): {"type": "array", "items": STATUS_RULE},
    ("roles",): {"type": ["object", "null"], "additionalProperties": SHORT},
    ("time_zone",): {"type": "string", "examples": ["America/Chicago", "UTC"]},
}


def schema() -> dict[str, Any]:
    """Return the schema of a user's file: any key may be left out."""
    defaults = yaml.safe_load(DEFAULT.read_text(encoding="utf-8"))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "How Bonzo's words become rows (loader/bonzo.yaml explains the keys)",
        **_object(defaults, ()),
    }


def _object(defaults: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    return {
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": {
            name: _key(value, (*path, name)) for name, value in defaults.items()
        },
    }


def _key(default: Any, path: tuple[str, ...]) -> dict[str, Any]:
    if path in KEYS:
        return KEYS[path]
    return _object(default, path) if isinstance(default, dict) else WORDS


def text() -> str:
    """Return the schema as the file has it."""
    return json.dumps(schema(), indent=2) + "\n"


def main(target: Path = TARGET) -> None:
    """Write the file."""
    target.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
