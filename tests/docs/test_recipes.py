"""CONTRIBUTING's recipes are complete: followed, they work; a forgotten file is named.

Each row of its table is followed with an example in a copy of the repository.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.docs.recipes import RECIPES, Recipe

# What is not needed to run the checks, or belongs to one machine.
LEFT_OUT = (".*", "__pycache__", "tmp", "build", "dist", "images")
OPTIONS = ("-p", "no:cacheprovider", "--continue-on-collection-errors")
PARALLEL = os.cpu_count() or 1


def table() -> dict[str, str]:
    """Return each recipe's row: what to add -> the files to touch."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    section = text.partition("go?\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (.+?) \| (.+) \|$", section, re.M)
    return {what: files for what, files in rows if set(what) != {"-"}}


TABLE = {what: files for what, files in table().items() if what != "To add"}


def files(recipe: Recipe) -> set[str]:
    """Return the files that a recipe's row names, its placeholders filled."""
    found = set()
    for name in re.findall(r"`([^`]+)`", TABLE[recipe.row]):
        filled = re.sub(r"<(\w+)>", lambda m: recipe.words[m[1]], name)
        if " " not in filled and ("/" in filled or "." in filled or "Make" in filled):
            found.add(filled)
    return found


def copy_repository(folder: Path) -> Path:
    """Copy what the checks need, and return the copy."""
    root = folder / "copy"
    shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(*LEFT_OUT))
    (root / "docs" / "images").symlink_to(ROOT / "docs" / "images")
    for name in (".env.example", ".gitignore", ".ci", ".github"):
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, root / name)
    return root


def follow(recipe: Recipe, root: Path, forgotten: str | None = None) -> None:
    """Make the recipe's edits but one."""
    for name, edit in recipe.edits.items():
        if name != forgotten:
            edit(root, name)


def check(root: Path, tests: tuple[str, ...], server: str = "") -> tuple[int, str]:
    """Run tests in a copy; return pytest's exit code and the lines that matter."""
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *OPTIONS, *tests],
        cwd=root,
        env={
            **os.environ,
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            **({"TEST_DATABASE_URL": server} if server else {}),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    lines = result.stdout.splitlines()
    return result.returncode, "\n".join(x for x in lines if x.startswith(("E ", "no ")))


def test_every_row_has_an_example() -> None:
    """Each row of the table is followed below."""
    assert [recipe.row for recipe in RECIPES] == list(TABLE)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.row)
def test_row_names_every_file(recipe: Recipe) -> None:
    """The row names the files that its example touches, and no other."""
    assert files(recipe) == recipe.edits.keys()


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.row)
def test_recipe_works(recipe: Recipe, tmp_path: Path, postgres_server: str) -> None:
    """Whoever touches all files of a row has nothing to hear about."""
    root = copy_repository(tmp_path)
    follow(recipe, root)
    code, output = check(root, recipe.checks)
    assert code == 0, output
    if recipe.works:
        code, output = check(root, recipe.works, postgres_server)
        assert code == 0, output


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.row)
def test_forgotten_file_is_named(recipe: Recipe, tmp_path: Path) -> None:
    """Whoever leaves out one file of a row is told which."""

    def forget(name: str) -> tuple[str, int, str]:
        folder = tmp_path / re.sub(r"\W", "_", name)
        folder.mkdir()
        root = copy_repository(folder)
        follow(recipe, root, forgotten=name)
        return (name, *check(root, recipe.checks))

    with ThreadPoolExecutor(PARALLEL) as pool:
        for name, code, output in pool.map(forget, recipe.edits):
            assert code, f"nobody notices that {name} is missing: {output}"
            assert name in output, f"{name} is missing, but this is said:\n{output}"
