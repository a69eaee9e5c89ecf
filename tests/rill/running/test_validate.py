"""`rill validate` over the whole project."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from harness import rill_files
from harness.rill_process import write_variables
from launcher.processes import wait_for
from launcher.rill import extensions
from launcher.rill.validate import validate
from loader import running_rill
from tests.rill import fill_database, golden
from tests.rill.running.conftest import MARCH, variables

pytestmark = [pytest.mark.rill, pytest.mark.timeout(1500)]

PORT_SECONDS = 300


def test_project_is_valid(
    rill_binary: str, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rill builds every resource over the ten leads: no error, no warning."""
    port = running_rill.DEFAULT_PORT
    # Another test may have a Rill there for a while.
    if not wait_for(lambda: not running_rill.answers(port), PORT_SECONDS):
        pytest.skip(f"port {port} is taken: `rill validate` needs it")
    data, copy = tmp_path / "data", tmp_path / "rill"
    fill_database.fill(database, data, golden.tables())
    shutil.copytree(rill_files.RILL, copy, ignore=shutil.ignore_patterns("tmp", ".env"))
    write_variables(copy, MARCH.variables() | variables(database, data))
    monkeypatch.setenv("HOME", str(tmp_path))
    extensions.install(tmp_path)
    report = validate(Path(rill_binary), copy)
    assert report.errors == []
    assert report.warnings == []
    assert report.resources > len(rill_files.files())
