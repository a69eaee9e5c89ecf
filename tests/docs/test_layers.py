"""Imports go one way: as CONTRIBUTING draws them, and not otherwise.

The drawing is the rule. A package's first line names the packages it imports
from; below it are its modules, each of which imports from lower lines only.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGES = ("launcher", "demo", "loader")
# What only development needs, lowest first; nothing above imports it.
DEVELOPMENT = ("harness", "bench", "tests")


@dataclass(frozen=True)
class Drawing:
    """What CONTRIBUTING draws."""

    # Package -> what its arrow points at: packages, or single modules of them.
    arrows: dict[str, set[str]]
    # "package.module" -> number of its line, from the top.
    lines: dict[str, int]


def drawing() -> Drawing:
    """Read the drawing from CONTRIBUTING's only block of text."""
    [block] = re.findall(
        r"^```text\n(.+?)^```", (ROOT / "CONTRIBUTING.md").read_text(), re.M | re.S
    )
    arrows: dict[str, set[str]] = {}
    lines: dict[str, int] = {}
    package = ""
    without_remarks = (line.partition("#")[0] for line in block.splitlines())
    for number, line in enumerate(filter(str.strip, without_remarks)):
        if line.startswith(" "):
            for name in line.split():
                assert f"{package}.{name}" not in lines, f"{name} is drawn twice"
                lines[f"{package}.{name}"] = number
        else:
            package, *targets = re.findall(r"[\w.]+", line)
            arrows[package] = set(targets)
    return Drawing(arrows, lines)


DRAWING = drawing()


def modules() -> dict[str, list[Path]]:
    """Files by the name that the drawing has: "package.module"."""
    found: dict[str, list[Path]] = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            first = path.relative_to(ROOT / package).parts[0].removesuffix(".py")
            # A package's own version and entry point are no layers.
            if not first.startswith("__"):
                found.setdefault(f"{package}.{first}", []).append(path)
    return found


MODULES = modules()


@cache
def import_statements(path: Path) -> list[ast.Import | ast.ImportFrom]:
    """Return the imports of a file, wherever in the file."""
    nodes = ast.walk(ast.parse(path.read_text()))
    return [node for node in nodes if isinstance(node, (ast.Import, ast.ImportFrom))]


def imports(path: Path) -> Iterator[str]:
    """Yield what a file imports of the three packages, wherever in the file."""
    for node in import_statements(path):
        if isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: relative import"
            # `from loader import config` imports loader.config.
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            names = [alias.name for alias in node.names]
        for name in names:
            if name.partition(".")[0] in PACKAGES:
                yield ".".join(name.split(".")[:2])


def edges() -> Iterator[tuple[str, str, Path]]:
    """Yield importing module, imported module and the file that imports."""
    for module, paths in MODULES.items():
        for path in paths:
            for name in imports(path):
                if name != module:
                    yield module, name, path.relative_to(ROOT)


def test_every_module_is_drawn() -> None:
    """The drawing has each module and sub-package once, and none that is gone."""
    assert DRAWING.lines.keys() == MODULES.keys()
    assert set(DRAWING.arrows) == set(PACKAGES)


@pytest.mark.parametrize("package", PACKAGES)
def test_arrows_are_the_imports(package: str) -> None:
    """A package imports from the packages its arrow names, from all of them."""
    used = {
        (name, path)
        for module, name, path in edges()
        if module.startswith(f"{package}.") and not name.startswith(f"{package}.")
    }
    arrows = DRAWING.arrows[package]
    undrawn = [
        f"{path} imports {name}"
        for name, path in used
        if arrows.isdisjoint({name, name.partition(".")[0]})
    ]
    assert undrawn == []
    names = {name for name, _ in used} | {name.partition(".")[0] for name, _ in used}
    assert arrows - names == set(), "drawn, but not imported"


def test_modules_import_from_below() -> None:
    """Within a package no file imports from its module's line or a higher one."""
    upward = [
        f"{path} imports {name}"
        for module, name, path in edges()
        if name in DRAWING.lines
        and module in DRAWING.lines
        and name.partition(".")[0] == module.partition(".")[0]
        and DRAWING.lines[name] <= DRAWING.lines[module]
    ]
    assert upward == []


@pytest.mark.parametrize("folder", ["", *DEVELOPMENT])
def test_development_is_imported_by_what_is_above(folder: str) -> None:
    """Bench and tests use the harness, tests use the benches; nobody imports tests."""
    above = DEVELOPMENT[DEVELOPMENT.index(folder) + 1 :] if folder else DEVELOPMENT
    importing = [
        f"{path} imports {module}"
        for place in ([folder] if folder else PACKAGES)
        for path in (ROOT / place).rglob("*.py")
        for module, _ in own_imports(path)
        if module.partition(".")[0] in above
    ]
    assert importing == []


def own_imports(path: Path) -> Iterator[tuple[str, str]]:
    """Yield module and name of each `from module import name` of our own."""
    own = {*PACKAGES, *DEVELOPMENT}
    for node in import_statements(path):
        if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] in own:
            for alias in node.names:
                yield node.module, alias.name


def test_every_import_exists() -> None:
    """Each module that a file imports is there; the missing file is named."""
    missing = []
    for folder in (*PACKAGES, *DEVELOPMENT):
        for path in (ROOT / folder).rglob("*.py"):
            for module, name in own_imports(path):
                base = ROOT.joinpath(*module.split("."))
                init = base / "__init__.py"
                if not init.exists() and not base.with_suffix(".py").exists():
                    missing.append(f"{base.relative_to(ROOT)}.py, which {path} imports")
                elif init.exists() and not (base / f"{name}.py").exists():
                    inside = (base / name).is_dir() or name in defined(init)
                    if not inside:
                        missing.append(f"{(base / name).relative_to(ROOT)}.py")
    assert missing == [], "\n".join(missing)


@cache
def defined(path: Path) -> set[str]:
    """Return the names that a file defines or imports itself at the top level."""
    names: set[str] = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.ImportFrom):
            # What a package imports of itself must be a file.
            package = ".".join(path.parent.relative_to(ROOT).parts)
            names |= {a.name for a in node.names if node.module != package}
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {t.id for t in targets if isinstance(t, ast.Name)}
    return names


def test_every_module_is_used() -> None:
    """No module of the loader is there for nobody."""
    pairs = {
        pair
        for folder in PACKAGES
        for path in (ROOT / folder).rglob("*.py")
        for pair in own_imports(path)
    }
    used = {".".join(pair) for pair in pairs} | {module for module, _ in pairs}
    for path in (ROOT / "loader").rglob("*.py"):
        file = path.relative_to(ROOT)
        name = ".".join(file.with_suffix("").parts)
        if not path.stem.startswith("__") and ".commands." not in name:
            caller = "loader/sync/run.py, or what it calls,"
            assert name in used, f"{caller} does not import {file}"


@pytest.mark.parametrize("package", PACKAGES)
def test_no_package_needs_the_tests(package: str) -> None:
    """What is installed imports nothing of tests/ or bench/, which are not."""
    statement = re.compile(r"^\s*(?:from|import) (?:tests|bench)\b", re.M)
    paths = (ROOT / package).rglob("*.py")
    assert [path for path in paths if statement.search(path.read_text())] == []
