"""The virtual environment that `make` works with."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished environment to copy: making one takes seconds."""
    folder = fill(tmp_path_factory.mktemp("first"))
    answer = make(folder, "install")
    assert answer.returncode == 0, answer.stderr
    return folder / ".venv"


@pytest.fixture
def installed(checkout: Path, environment: Path) -> Path:
    """A checkout whose environment is complete, with a marker file in it."""
    shutil.copytree(environment, checkout / ".venv", symlinks=True)
    (checkout / ".venv" / "marker").touch()
    return checkout


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the Makefile, the bootstrap and a lock without packages."""
    return fill(tmp_path)


def fill(folder: Path) -> Path:
    """Put in the folder what `make install` needs."""
    shutil.copy(ROOT / "Makefile", folder)
    shutil.copytree(ROOT / "scripts", folder / "scripts")
    (folder / "requirements.txt").write_text("# nothing\n")
    return folder


def make(checkout: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess:
    """Run `make` with nothing but make, Python and coreutils on PATH."""
    path = f"{Path(sys.executable).resolve().parent}:/usr/bin:/bin"
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=checkout,
        env={"PATH": path, "HOME": str(checkout), **more},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_second_install_does_nothing(installed: Path) -> None:
    """An environment that is complete is neither made nor filled again."""
    answer = make(installed, "install")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert (installed / ".venv" / "marker").exists()


def test_changed_lock_is_installed(installed: Path) -> None:
    """A new lock is installed into the environment that is there."""
    (installed / "requirements.txt").write_text("# nothing else\n")
    answer = make(installed, "install")
    assert "Installing requirements.txt" in answer.stderr
    assert "Making" not in answer.stderr
    assert (installed / ".venv" / "marker").exists()


@pytest.mark.parametrize("damage", ["interrupted", "broken python"])
def test_half_made_environment_is_redone(installed: Path, damage: str) -> None:
    """What an interruption left is thrown away; no person has to step in."""
    venv = installed / ".venv"
    if damage == "interrupted":
        (venv / ".unfinished").touch()
    else:
        (venv / "bin" / "python").unlink()
    answer = make(installed, "install")
    assert answer.returncode == 0, answer.stderr
    assert "Making .venv" in answer.stderr
    assert not (venv / "marker").exists()
    subprocess.run([venv / "bin" / "python", "-m", "pip", "-V"], check=True)


def test_failed_install_is_not_taken_for_done(installed: Path) -> None:
    """After packages could not be had, the environment counts as incomplete."""
    lock = f"no-such-package-here==1 --hash=sha256:{'0' * 64}\n"
    (installed / "requirements.txt").write_text(lock)
    answer = make(installed, "install", PIP_NO_INDEX="1")
    assert answer.returncode != 0
    assert "could not be installed" in answer.stderr
    assert "run this again" in answer.stderr
    assert (installed / ".venv" / ".unfinished").exists()


def test_old_python_is_a_sentence(checkout: Path) -> None:
    """A Python below 3.10 is named with its version, and nothing is made."""
    old = checkout / "oldpython"
    old.write_text('#!/bin/sh\ncase "$2" in *exit*) exit 1;; *) echo 3.8.18;; esac\n')
    old.chmod(0o755)
    answer = make(checkout, "install", f"PYTHON={old}")
    assert answer.returncode != 0
    assert f"Python 3.10 or newer is needed and {old} is 3.8.18" in answer.stderr
    assert "make PYTHON=" in answer.stderr
    assert not (checkout / ".venv").exists()


def test_missing_python_is_a_sentence(checkout: Path) -> None:
    """Without any Python the fix is named too."""
    answer = make(checkout, "install", "PYTHON=python-of-nowhere")
    assert answer.returncode != 0
    assert "python-of-nowhere was not found: install it" in answer.stderr


def test_no_write_permission_is_a_sentence(checkout: Path) -> None:
    """Where nothing can be written the sentence names the folder and the fix."""
    # A file in the way stops root as well as anybody else.
    (checkout / "venvs").write_text("")
    answer = make(checkout, "install", "VENV=venvs/here")
    assert answer.returncode != 0
    assert f"cannot write in {checkout}" in answer.stderr
    assert "write permission" in answer.stderr


def test_help_is_the_default_and_complete(checkout: Path) -> None:
    """A bare `make` lists every target."""
    answer = make(checkout)
    assert answer.returncode == 0
    for line in (ROOT / "Makefile").read_text().splitlines():
        if ":" in line and "##" in line and not line.startswith("\t"):
            assert f"make {line.partition(':')[0]}" in answer.stdout
    assert answer.stdout.count("\n") >= 15
