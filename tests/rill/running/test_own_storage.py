"""Rill's own storage, which serves where no DuckDB file is named, as on Rill Cloud."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest

from harness import rill_files
from harness.rill_process import started
from launcher.rill import env_file
from tests.rill import fill_database, golden
from tests.rill.running.conftest import MARCH, variables
from tests.rill.running.counted_by_hand import wrong_numbers

pytestmark = [pytest.mark.rill, pytest.mark.timeout(1500)]


def test_numbers_counted_by_hand(rill_binary: str, database: str) -> None:
    """Everything builds there, too, with the same numbers."""
    home = Path(tempfile.mkdtemp(prefix="bonzo-storage-"))
    fill_database.fill(database, home / "data", golden.tables())
    settings = MARCH.variables() | variables(database, home / "data")
    with started(rill_binary, home, settings | {"duckdb_path": ""}) as rill:
        assert rill.wait() == []
        assert not env_file.duckdb_file(rill.folder).exists()
        wrong = [
            line
            for view in rill_files.VIEWS
            for line in wrong_numbers(rill, "march", view)
        ]
        assert wrong == []
    shutil.rmtree(home, ignore_errors=True)
