"""Runs `rill validate` on a copy of the project."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path

from launcher.rill.serve import switch_telemetry_off
from loader import running_rill
from loader.errors import LoaderError


def validate(rill: Path, rill_dir: Path) -> tuple[list[str], int]:
    """Return the errors, one line each, and the number of resources.

    A copy is checked, since Rill holds the project's own state while it serves.
    """
    if running_rill.answers(running_rill.DEFAULT_PORT):
        raise LoaderError(
            f"`rill validate` needs port {running_rill.DEFAULT_PORT}, where a Rill is "
            "running: end it (Ctrl-C in its terminal) and run this again."
        )
    if not (rill_dir / ".env").exists():
        raise LoaderError(
            f"{rill_dir / '.env'} is missing: run `python -m launcher env`."
        )
    switch_telemetry_off()
    with tempfile.TemporaryDirectory(prefix="rill-validate-") as folder:
        copy = Path(folder) / "rill"
        shutil.copytree(rill_dir, copy, ignore=shutil.ignore_patterns("tmp"))
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
        try:
            report = json.loads(result.read_text())
        except (OSError, ValueError):
            last = (answer.stderr or answer.stdout).strip().splitlines()[-1:]
            raise LoaderError(
                f"`rill validate` gave no result ({' '.join(last)}): check that "
                "`rill version` works."
            ) from None
    return _errors(report), report["summary"]["total_resources"]


def _errors(report: dict) -> list[str]:
    lines = [
        f"{error.get('file_path', '')}: {error['message']}"
        for error in report.get("parse_errors") or []
    ]
    for resource in report.get("resources") or []:
        if resource.get("error") or resource.get("timeout"):
            reason = resource.get("error") or "took too long"
            lines.append(f"{resource['kind']} {resource['name']}: {reason}")
    return lines
