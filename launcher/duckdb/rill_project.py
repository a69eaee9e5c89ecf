"""Reads a Rill project: variables and resources, as Rill itself resolves them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from loader.config import read_env_file
from loader.errors import LoaderError

# The safe loader written in C where it was built: eight times as fast.
_YAML = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
IGNORED_FOLDERS = {"tmp", ".git", "node_modules", ".rillcloud"}
# Rill takes settings of a model from comments such as `-- @materialize: true`.
MATERIALIZE = re.compile(r"^--[ \t]*@materialize[ \t]*:[ \t]*true[ \t]*$", re.M)
VARIABLE = re.compile(r"\{\{\s*\.env\.([A-Za-z0-9_.]+)\s*\}\}")


@dataclass(frozen=True)
class Resource:
    """One file, or one pair of files with the same stem, of the project."""

    kind: str
    name: str
    path: Path
    body: dict[str, Any] = field(default_factory=dict)
    sql: str | None = None

    @property
    def materialized(self) -> bool:
        """True where Rill makes a table rather than a view."""
        return (
            self.connector != "duckdb"
            or bool(self.body.get("materialize"))
            or MATERIALIZE.search(self.sql or "") is not None
        )

    @property
    def connector(self) -> str:
        """Where the query runs; "duckdb" unless the file says otherwise."""
        return self.body.get("connector", "duckdb")


@dataclass(frozen=True)
class Project:
    """All resources of a Rill project and the variables they may use."""

    folder: Path
    variables: dict[str, str]
    resources: list[Resource]

    def of_kind(self, kind: str) -> dict[str, Resource]:
        """Resources of one kind, by name."""
        return {r.name: r for r in self.resources if r.kind == kind}

    def render(self, text: str) -> str:
        """Put variables into `{{ .env.name }}`; other templates are refused."""

        def value(match: re.Match[str]) -> str:
            name = match.group(1)
            if name not in self.variables:
                raise LoaderError(
                    f"The Rill project uses the variable {name}, which has no value: "
                    f"add a default to env: in {self.folder / 'rill.yaml'}."
                )
            return self.variables[name]

        rendered = VARIABLE.sub(value, text)
        if "{{" in rendered:
            raise LoaderError(f"Only {{{{ .env.name }}}} can be filled in, not: {text}")
        return rendered


def read_project(folder: Path, overrides: dict[str, str] | None = None) -> Project:
    """Read the project in `folder`.

    Variables come from `overrides`, then `.env`, then `env:` of `rill.yaml`, the
    order in which Rill itself looks. Raises LoaderError for a folder without
    `rill.yaml` and for a file that is not YAML or names no type.
    """
    manifest = folder / "rill.yaml"
    if not manifest.is_file():
        raise LoaderError(f"{folder} is not a Rill project: it has no rill.yaml.")
    variables = {k: _text(v) for k, v in (_load(manifest).get("env") or {}).items()}
    variables |= {k: v or "" for k, v in read_env_file(folder / ".env").items()}
    variables |= overrides or {}
    return Project(folder, variables, _resources(folder))


def _text(value: object) -> str:
    """Return a variable's default as text, spelled as Rill spells it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _load(path: Path) -> dict[str, Any]:
    try:
        return _parse(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise LoaderError(f"{path} is not valid YAML: {error}") from error


@cache
def _parse(text: str) -> dict[str, Any]:
    """Return the content of a file, which nobody changes, so that it is parsed once."""
    return yaml.load(text, Loader=_YAML) or {}


def _resources(folder: Path) -> list[Resource]:
    stems: dict[Path, dict[str, Path]] = {}
    for path in sorted(_files(folder)):
        parts = path.relative_to(folder).parts
        if path.suffix not in {".yaml", ".yml", ".sql"} or parts == ("rill.yaml",):
            continue
        if IGNORED_FOLDERS.isdisjoint(parts):
            stems.setdefault(path.with_suffix(""), {})[path.suffix] = path
    return [_resource(stem, files) for stem, files in stems.items()]


def _files(folder: Path) -> Iterator[Path]:
    """Yield every file below a folder, through links, as Rill follows them."""
    for parent, _, names in os.walk(folder, followlinks=True):
        yield from (Path(parent) / name for name in names)


def _resource(stem: Path, files: dict[str, Path]) -> Resource:
    """Return one resource out of a YAML file, an SQL file, or both."""
    yaml_file = files.get(".yaml") or files.get(".yml")
    body = _load(yaml_file) if yaml_file else {}
    sql_file = files.get(".sql")
    kind = body.get("type") or ("model" if sql_file else None)
    if kind is None:
        raise LoaderError(f"{yaml_file} names no type: add a line such as type: model.")
    sql = sql_file.read_text(encoding="utf-8") if sql_file else body.get("sql")
    name = body.get("name", stem.name)
    return Resource(kind, name, yaml_file or stem.with_suffix(".sql"), body, sql)
