"""Finds sources that users have added and that cannot work in the one DuckDB file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from launcher.rill.validate import Finding
from loader.diagnostics import Check

FOLDERS = ("sources", "models")
# Rill takes settings of a model from comments such as `-- @connector: postgres`.
COMMENT = re.compile(r"^--[ \t]*@(\w+)[ \t]*:[ \t]*(.+?)[ \t]*$", re.MULTILINE)
# Rill attaches the database by itself and, as changes are staged, a second time under
# the same name.
CONNECTOR = (
    "`connector: {name}` does not work in Rill's one DuckDB file: replace it by the "
    "line `pre_exec: attach …` of rill/sources/bonzo_loans.yaml, and put the query "
    "into `from postgres_query('bonzo', $$ … $$)` as there"
)
WRITABLE = (
    "it attaches PostgreSQL for writing: write `(type postgres, read_only)`, so that "
    "nothing in Rill can change the database"
)


def findings(rill_dir: Path) -> Iterator[Finding]:
    """Yield what is wrong with each such file, with the fix."""
    connectors = _postgres_connectors(rill_dir)
    for folder in FOLDERS:
        for path in sorted((rill_dir / folder).rglob("*")):
            if path.suffix not in {".yaml", ".yml", ".sql"}:
                continue
            text = path.read_text(encoding="utf-8", errors="replace")
            settings = _settings(path, text)
            name = settings.get("connector")
            if name in connectors:
                sentence = CONNECTOR.format(name=name)
                yield _finding(rill_dir, path, sentence, _line(text, "connector"))
            elif _attaches_for_writing(str(settings.get("pre_exec", ""))):
                yield _finding(rill_dir, path, WRITABLE, _line(text, "pre_exec"))


def checks(rill_dir: Path) -> Iterator[Check]:
    """Say for `doctor` which files are wrong, or that none is."""
    found = list(findings(rill_dir))
    for finding in found:
        yield Check("sources", "wrong", finding.text, {"faulty": len(found)})
    if not found:
        text = "each reads PostgreSQL in a way that works"
        yield Check("sources", "ok", text, {"faulty": 0})


def _postgres_connectors(rill_dir: Path) -> set[str]:
    """Return the names of Rill's own connector, and of those that users defined."""
    found = {"postgres"}
    for path in (rill_dir / "connectors").glob("*.y*ml"):
        text = path.read_text(encoding="utf-8", errors="replace")
        if _settings(path, text).get("driver") == "postgres":
            found.add(path.stem)
    return found


def _settings(path: Path, text: str) -> dict[str, Any]:
    if path.suffix == ".sql":
        return dict(COMMENT.findall(text))
    try:
        body = yaml.safe_load(text)
    except yaml.YAMLError:
        return {}  # Rill names it
    return body if isinstance(body, dict) else {}


def _attaches_for_writing(statement: str) -> bool:
    words = statement.lower()
    return "attach" in words and "type postgres" in words and "read_only" not in words


def _line(text: str, key: str) -> int:
    """Return the number of the line that sets `key`, from 1."""
    found = re.search(rf"^(?:--[ \t]*@)?{key}[ \t]*:", text, re.MULTILINE)
    return text.count("\n", 0, found.start()) + 1 if found else 1


def _finding(rill_dir: Path, path: Path, text: str, line: int) -> Finding:
    file = path.relative_to(rill_dir).as_posix()
    return Finding(f"{rill_dir.name}/{file}: {text}", file, line)
