"""`rill validate` over the whole project."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from loader.rill import extensions, runtime
from loader.rill.validate import validate
from tests.metrics import golden, warehouse
from tests.rill import project
from tests.rill.conftest import MARCH, variables
from tests.rill.running import write_variables

pytestmark = [pytest.mark.rill, pytest.mark.timeout(1500)]


def test_project_is_valid(
    rill_binary: str, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rill builds every resource over the ten leads and reports no error."""
    if runtime.answers(runtime.DEFAULT_PORT):
        pytest.skip(f"port {runtime.DEFAULT_PORT} is taken: `rill validate` needs it")
    data, copy = tmp_path / "data", tmp_path / "rill"
    warehouse.fill(database, data, golden.tables())
    shutil.copytree(project.RILL, copy, ignore=shutil.ignore_patterns("tmp", ".env"))
    write_variables(copy, MARCH.variables() | variables(database, data))
    monkeypatch.setenv("HOME", str(tmp_path))
    extensions.install(tmp_path)
    errors, resources = validate(Path(rill_binary), copy)
    assert errors == []
    assert resources > len(project.files())
