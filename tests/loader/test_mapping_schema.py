"""The schema that editors check `bonzo.yaml` with says what the loader says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from loader.errors import LoaderError
from loader.mapping.mapping_config import DEFAULT, load_rules_text
from scripts import mapping_schema
from tests.conftest import ROOT

SCHEMA = mapping_schema.schema()


def mistakes(document: Any) -> list[str]:
    """What an editor would underline."""
    return [e.message for e in Draft202012Validator(SCHEMA).iter_errors(document)]


def test_the_file_is_what_the_code_makes() -> None:
    """Made anew by `python -m scripts.mapping_schema` after a change."""
    assert mapping_schema.TARGET.read_text() == mapping_schema.text()
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"].keys() == yaml.safe_load(DEFAULT.read_text()).keys()


def test_both_shipped_files_follow_it() -> None:
    """The defaults, and every example in the comments of the user's file."""
    assert mistakes(yaml.safe_load(DEFAULT.read_text())) == []
    text = (ROOT / "bonzo.yaml").read_text()
    assert mistakes(yaml.safe_load(text)) == []
    examples = "\n".join(re.findall(r"^# (  .*|[a-z_]+:.*)$", text, re.M))
    assert mistakes(yaml.safe_load(examples)) == []


@pytest.mark.parametrize("path", [DEFAULT, ROOT / "bonzo.yaml"], ids=lambda p: p.name)
def test_editors_find_it(path: Path) -> None:
    """The first line names the schema, relative to the file."""
    first = path.read_text().splitlines()[0]
    name = first.removeprefix("# yaml-language-server: $schema=")
    assert (path.parent / name).resolve() == mapping_schema.TARGET


@pytest.mark.parametrize(
    "text",
    [
        "stagse: {}",
        "stages: [a]",
        "stages: {Working: Busy}",
        "messages: {types: {sms: Fax}}",
        "messages: {sent: now}",
        "calls: often",
        "attribution_days: soon",
        "opt_out_words: stop",
        "touches: [{sequence: 1, event: 2}]",
        "loan_status: [{status: Closed, when: [paid]}]",
        "loan_status: [{when: []}]",
        "roles: {default: abcdefghijklmnopqrstuvwxyz}",
        "lead_source: {tags: {a: ''}}",
        "lead_source: {tag: {a: B}}",
        "messages: {received: [in]}",
        "pipelines: []",
        "attribution_days: -1",
        "roles: {ann@example.com: }",
        "loan_status: [{status: , when: []}]",
        "loan_status: [{status: A, when: rate_locked}]",
        "touches: [{sequence: -1, event: 2, order: 1, type: SMS}]",
    ],
)
def test_what_the_loader_refuses_is_underlined(text: str) -> None:
    """The same mistakes, in both."""
    assert mistakes(yaml.safe_load(text))
    with pytest.raises(LoaderError):
        load_rules_text(text, Path("bonzo.yaml"))


@pytest.mark.parametrize(
    "text",
    [
        "stages: {Staging: [No, 0123, 1.10], Working: }",
        "pipelines: [12, Main]",
        "pipelines: all",
        "messages:",
        "touches: [{sequence: 1, event: 2, order: 1, type: SMS}]",
        "loan_status: [{status: Lost, when: [{stage: [Working]}, rate_locked]}]",
    ],
)
def test_what_the_loader_takes_is_not_underlined(text: str) -> None:
    """Names may look like numbers, and keys may be empty."""
    assert mistakes(yaml.safe_load(text)) == []
    load_rules_text(text, Path("bonzo.yaml"))
