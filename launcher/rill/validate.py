"""Runs `rill validate` on a copy of the project."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dotenv import set_key

from launcher.rill import env_file
from launcher.rill.serve import switch_telemetry_off
from loader import running_rill
from loader.errors import LoaderError


@dataclass(frozen=True)
class Finding:
    """What is wrong in one place.

    `file` is its path within the Rill project and `line` a number from 1, None
    where Rill names none.
    """

    text: str
    file: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Report:
    """What Rill found in the project, and how many resources it looked at."""

    errors: list[Finding]
    warnings: list[Finding]
    resources: int


def validate(rill: Path, rill_dir: Path) -> Report:
    """Have Rill build the whole project and return what it reports.

    A copy is checked, since Rill holds the project's own state while it serves.
    """
    if running_rill.answers(running_rill.DEFAULT_PORT):
        raise LoaderError(
            f"`rill validate` needs port {running_rill.DEFAULT_PORT}, where a Rill is "
            "running: end it (`make stop`, or Ctrl-C in its terminal) and run this "
            "again."
        )
    if not (rill_dir / ".env").exists():
        raise LoaderError(
            f"{rill_dir / '.env'} is missing: `make load` loads data and writes it."
        )
    switch_telemetry_off()
    with tempfile.TemporaryDirectory(prefix="rill-validate-") as folder:
        copy = Path(folder) / "rill"
        shutil.copytree(rill_dir, copy, ignore=shutil.ignore_patterns("tmp"))
        set_key(copy / ".env", "duckdb_path", str(env_file.duckdb_file(copy)))
        result = Path(folder) / "result.json"
        options = ["--reset", "--silent", "--pull-env=false", "--interactive=false"]
        options += ["--model-timeout-seconds=600", "--format=json", f"-o={result}"]
        answer = subprocess.run(
            [rill, "validate", copy, *options],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        last = " ".join((answer.stderr or answer.stdout).strip().splitlines()[-1:])
        try:
            report = _report(json.loads(result.read_text()))
        except (OSError, ValueError, KeyError):
            raise LoaderError(
                f"`rill validate` gave no result ({last}): check that "
                "`rill version` works."
            ) from None
    if answer.returncode and not report.errors:
        text = f"`rill validate` exited with {answer.returncode}: {last}"
        report.errors.append(Finding(text))
    return report


def _report(result: dict) -> Report:
    """Sort Rill's result; what it only counts is reported as well."""
    errors, warnings = [], []
    for found in result.get("parse_errors") or []:
        lines = warnings if found.get("level") == "warning" else errors
        text = f"{found.get('file_path', '')}: {found['message']}"
        lines.append(_finding(text, found))
    for resource in result.get("resources") or []:
        name = f"{resource['kind']} {resource['name']}"
        if resource.get("error") or resource.get("timeout"):
            text = f"{name}: {resource.get('error') or 'took too long'}"
            errors.append(_finding(text, resource))
        if resource.get("warning"):
            text = f"{name}: {resource['warning']}"
            warnings.append(_finding(text, resource))
    summary = result["summary"]
    # Rill counts a warning of the parser among its errors, too.
    counted = summary.get("parse_warnings", 0) + summary.get("reconcile_warnings", 0)
    warnings += _unnamed("warnings", counted - len(warnings))
    counted = summary.get("reconcile_errors", 0) + summary.get("parse_errors", 0)
    counted -= summary.get("parse_warnings", 0)
    errors += _unnamed("errors", counted - len(errors))
    return Report(errors, warnings, summary["total_resources"])


def _finding(text: str, found: dict) -> Finding:
    file = (found.get("file_path") or "").lstrip("/")
    return Finding(text, file or None, found.get("start_line") or None)


def _unnamed(kind: str, count: int) -> Iterator[Finding]:
    if count > 0:
        yield Finding(f"{count} more {kind}, which Rill counts but does not list")
