"""The lock files."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from launcher.rill import release
from scripts import lock as locking
from tests.conftest import ROOT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+) \\$", re.M)
LOCKS = {"requirements.txt": (), "requirements-dev.txt": ("dev",)}
TOOLS = [f"requirements-{tool}.txt" for tool in locking.TOOLS]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def pins(lock: str) -> dict[str, str]:
    """Package -> version of a lock file."""
    found = PIN.findall((ROOT / lock).read_text())
    return {canonicalize_name(name): version for name, version in found}


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_holds_what_the_project_asks(lock: str) -> None:
    """Every declared dependency is locked, at a version that is allowed."""
    locked = pins(lock)
    wanted = list(PROJECT["dependencies"])
    for extra in LOCKS[lock]:
        wanted += PROJECT["optional-dependencies"][extra]
    for text in wanted:
        requirement = Requirement(text)
        version = locked[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(Version(version)), text


@pytest.mark.parametrize("lock", [*LOCKS, *TOOLS])
def test_every_package_has_hashes(lock: str) -> None:
    """Each pin is followed by at least one SHA-256, and nothing else is there."""
    for block in re.split(r"\n(?=\S)", (ROOT / lock).read_text().strip()):
        if not block.startswith("#"):
            assert re.fullmatch(
                r"\S+==\S+( \\\n    --hash=sha256:[0-9a-f]{64})+", block.strip()
            ), block[:80]


def test_locks_agree() -> None:
    """What runs in production is what was tested."""
    tested = pins("requirements-dev.txt")
    for name, version in pins("requirements.txt").items():
        assert tested[name] == version


def test_lock_pins_duckdb_of_rill(tmp_path: Path) -> None:
    """A new release of Rill needs one edit: the lock pins DuckDB accordingly."""
    project = tmp_path / "pyproject.toml"
    project.write_text((ROOT / "pyproject.toml").read_text())
    locking.pin_duckdb(project, "9.8.7")
    pinned = re.findall(r'"duckdb[a-z-]*==([\d.]+)"', project.read_text())
    assert set(pinned) == {"9.8.7"}
    assert len(pinned) == 10
    locking.pin_duckdb(project, release.duckdb())
    assert project.read_text() == (ROOT / "pyproject.toml").read_text()


@pytest.fixture
def no_version_manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with nothing but what a test puts into the folder."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    return tmp_path


def program(path: Path, text: str) -> Path:
    """Write an executable."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_oldest_python_that_runs_is_used(no_version_manager: Path) -> None:
    """The oldest supported Python on PATH is taken to lock with."""
    python = program(no_version_manager / "python3.10", "echo 3.10")
    assert locking.oldest_python() == str(python)


def test_shim_that_does_not_run_is_passed_over(
    no_version_manager: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A version manager's name for a Python that is not chosen is not a Python."""
    program(no_version_manager / "python3.10", "echo 'command not found' >&2; exit 127")
    assert locking.oldest_python() == sys.executable
    assert "No python3.10 runs here" in capsys.readouterr().err
    managed = "pyenv/versions/3.10.13/bin/python3.10"
    python = program(no_version_manager / managed, "echo 3.10")
    assert locking.oldest_python() == str(python)
