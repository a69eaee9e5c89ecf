"""What belongs together in the loader is there together; what is missing is named.

Each failure names the file to touch, so that a forgotten step of a recipe in
CONTRIBUTING shows before a wrong row does.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo import routes
from launcher import cli as launcher_cli
from loader import cli as loader_cli
from loader.database import tables
from loader.database.schema import VERSION
from tests import schema
from tests.conftest import ROOT

# Hash of part 2 of schema.sql by schema version. A database says which version
# it has, so a change of part 2 is a new version: raise VERSION in
# loader/database/schema.py and add its hash here.
DIGESTS = {
    1: "36c46c4cbf518b9e",
    2: "3215c959026b795e",
    3: "3ec0538c0690c430",
    4: "54e5660673fc9ca3",
}
# From so many table names on, a collection is a list of tables.
MANY = 5
KNOWN = {name.rpartition(".")[2] for name in schema.TABLES}


def test_a_changed_schema_has_a_new_version() -> None:
    """Part 2 of schema.sql is what its version stands for."""
    assert DIGESTS.get(VERSION) == schema.digest(), (
        "schema.sql has changed: raise VERSION in loader/database/schema.py, and add "
        f"the hash {schema.digest()!r} to tests/docs/test_complete_loader.py"
    )


@pytest.mark.parametrize("table", schema.TABLES)
def test_every_table_is_documented(table: str) -> None:
    """The changelog's list of schema changes names each table."""
    rows = re.findall(r"^\| .+ \|$", (ROOT / "CHANGELOG.md").read_text(), re.M)
    name = re.compile(rf"`{re.escape(table)}`")
    assert any(map(name.search, rows)), f"CHANGELOG.md does not list {table}"


def table_names(node: ast.AST) -> list[str]:
    """Names of tables that a literal lists: a collection, or a text with commas."""
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        words = [getattr(element, "value", None) for element in node.elts]
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        lists = re.findall(r"[\w.]+(?:\s*,\s*[\w.]+)+", node.value)
        words = re.split(r"\s*,\s*", ",".join(lists))
    else:
        words = []
    return [w for w in words if isinstance(w, str) and w.rpartition(".")[2] in KNOWN]


def spelled_lists(path: Path) -> Iterator[int]:
    """Yield the lines of a file that spell a list of tables."""
    for node in ast.walk(ast.parse(path.read_text())):
        if len(table_names(node)) >= MANY:
            yield node.lineno


def test_one_file_lists_the_tables() -> None:
    """Only loader/database/tables.py lists tables; everything else derives."""
    own = Path(tables.__file__)
    found = [
        f"{path.relative_to(ROOT)}:{line} lists tables: use loader/database/tables.py"
        for folder in ("loader", "launcher", "demo", "bench", "tests")
        for path in (ROOT / folder).rglob("*.py")
        if path != own
        for line in spelled_lists(path)
    ]
    assert found == [], "\n".join(found)


def test_every_table_is_known_to_the_loader() -> None:
    """loader/database/tables.py has each table of schema.sql, and no other."""
    known = set(tables.LOADED + tables.FIXED)
    lacking = set(schema.TABLES) - known
    assert lacking == set(), "loader/database/tables.py does not list it"
    assert known - set(schema.TABLES) == set(), "schema.sql does not create it"


@pytest.mark.parametrize("table", tables.LOADED)
def test_every_table_is_tested(table: str) -> None:
    """Some test of the loader looks at each table that loads fill."""
    name = table.rpartition(".")[2]
    texts = [
        path.read_text()
        for folder in ("loader", "convergence")
        for path in ROOT.glob(f"tests/{folder}/*.py")
    ]
    tested = any(re.search(rf"\b{name}\b", text) for text in texts)
    assert tested, f"no tests/loader/test_{name}.py nor another test reads {table}"


def paths_read() -> Iterator[tuple[str, Path]]:
    """Yield each path of Bonzo that the loader reads, with its file."""
    for path in sorted((ROOT / "loader" / "sync").glob("*.py")):
        for found in re.findall(r'"(/[a-z][^"\s]*)"', path.read_text()):
            yield re.sub(r"\{.*?\}", "1", found), path.relative_to(ROOT)


def test_the_demo_serves_what_the_loader_reads() -> None:
    """Each path that the loader reads is one that the made-up Bonzo answers."""
    for path, file in paths_read():
        served = any(pattern.fullmatch(path) for pattern, *_ in routes._ROUTES)
        assert served, f"demo/routes.py does not serve {path}, which {file} reads"


@pytest.mark.parametrize("cli", [loader_cli, launcher_cli], ids=lambda m: m.__name__)
def test_every_command_is_registered(cli: object) -> None:
    """Each module of commands is a command, and each command has a module."""
    package = cli.__name__.partition(".")[0]
    files = {p.stem for p in (ROOT / package / "commands").glob("*.py")} - {"__init__"}
    known = {name.rpartition(".")[2] for name in cli.COMMANDS.values()}
    for name in files - known:
        pytest.fail(f"{package}/cli.py does not list {name}")
    for name in known - files:
        pytest.fail(f"{package}/commands/{name}.py is missing")
