"""DuckDB's extension files for Rill."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from launcher.rill import extensions
from loader.errors import LoaderError


def test_empty_home_gets_all_nine(tmp_path: Path) -> None:
    """After installing, DuckDB loads each extension from that home, offline."""
    assert extensions.install(tmp_path) == list(extensions.NAMES)
    folder = tmp_path / ".duckdb" / "extensions"
    with duckdb.connect(config={"extension_directory": str(folder)}) as connection:
        connection.execute("set autoinstall_known_extensions = false")
        for name in extensions.NAMES:
            connection.execute(f"load {name}")


def test_present_files_are_left_alone(tmp_path: Path) -> None:
    """A file that Rill put there itself is not replaced."""
    extensions.install(tmp_path)
    file = next(tmp_path.rglob("icu.duckdb_extension"))
    file.unlink()
    file.write_bytes(b"own")
    assert extensions.install(tmp_path) == []
    assert file.read_bytes() == b"own"
    assert not list(tmp_path.rglob("*.partial*"))


def test_unwritable_home_is_a_sentence(tmp_path: Path) -> None:
    """A home that takes no files is named together with the fix."""
    (tmp_path / ".duckdb").write_text("a file where a directory must be")
    with pytest.raises(LoaderError, match="set HOME"):
        extensions.install(tmp_path)
