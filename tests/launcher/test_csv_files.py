"""The user's CSV files: there when needed, and the user's alone."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from launcher.rill.csv_files import create_missing
from launcher.rill.env_file import point_rill_at
from loader.config import Settings
from loader.errors import LoaderError
from loader.project import ProjectPaths
from tests.conftest import ROOT
from tests.rill.reference.tables import FILES


def examples(folder: Path) -> None:
    """Put the project's examples into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in (ROOT / "rill" / "data").glob("*.example.csv"):
        (folder / path.name).write_bytes(path.read_bytes())


def test_missing_files_are_made_once(tmp_path: Path) -> None:
    """Each example becomes a file; a file that is there keeps what it says."""
    examples(tmp_path)
    made = create_missing(tmp_path)
    assert {path.stem for path in made} == FILES.keys()
    for path in made:
        path.write_text("mine\n")
    assert create_missing(tmp_path) == []
    assert {path.read_text() for path in made} == {"mine\n"}


def test_whatever_points_rill_somewhere_makes_them(tmp_path: Path) -> None:
    """`start`, `load` and `env` leave a project whose files are all there."""
    paths = ProjectPaths(tmp_path)
    examples(paths.rill / "data")
    point_rill_at(paths, "postgresql://u@h/d", Settings(), demo=False)
    assert (paths.rill / "data" / "loan_officers.csv").is_file()


def test_a_closed_folder_is_a_sentence(tmp_path: Path) -> None:
    """A folder that cannot be made is an error that names it."""
    (tmp_path / "file").write_text("")
    with pytest.raises(LoaderError, match="write permission"):
        create_missing(tmp_path / "file" / "data")


def test_what_rill_cannot_read_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Rill would wait for a pipe without end, and fail over another account's file."""
    examples(tmp_path)
    pipe = tmp_path / "loan_officers.csv"
    os.mkfifo(pipe)
    with pytest.raises(LoaderError, match=r"loan_officers\.csv cannot be read"):
        create_missing(tmp_path)
    pipe.unlink()
    pipe.write_text("")
    monkeypatch.setattr(os, "access", lambda path, mode: path != pipe)
    with pytest.raises(LoaderError, match=r"loan_officers\.csv cannot be read"):
        create_missing(tmp_path)


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    """A share that is not mounted stays as it is; the file counts as empty."""
    examples(tmp_path / "data")
    share = tmp_path / "share"
    share.mkdir()
    link = tmp_path / "data" / "loan_officers.csv"
    link.symlink_to(share / "officers.csv")
    create_missing(tmp_path / "data")
    assert list(share.iterdir()) == []
    assert link.is_symlink()


def test_editing_them_leaves_the_checkout_clean() -> None:
    """Git ignores the user's files and keeps the examples."""

    def ignored(path: str) -> bool:
        command = ["git", "check-ignore", "--quiet", "--no-index", path]
        return subprocess.run(command, cwd=ROOT, check=False).returncode == 0

    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    for path in (ROOT / "rill" / "data").glob("*.example.csv"):
        example = path.relative_to(ROOT).as_posix()
        assert not ignored(example)
        assert ignored(example.replace(".example", ""))
