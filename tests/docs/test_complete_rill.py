"""What belongs together in Rill is there together; what is missing is named.

Each failure names the file to touch, so that a forgotten step of a recipe in
CONTRIBUTING shows before a wrong number does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from demo import demo_files
from launcher.duckdb.rill_project import read_project
from loader.database.tables import TABLES
from tests.conftest import ROOT
from tests.rill import golden
from tests.rill.reference import VIEWS, Settings
from tests.rill.reference.tables import COLUMNS, FILES
from tests.rill.reference.trust import CHECKS

RILL = ROOT / "rill"
# Ends at the wall clock, so its numbers have a test of their own: test_load_age.
BY_THE_CLOCK = {"load_age"}
# Of the places that have a file per view, its name.
SUFFIXES = {"rill/metrics": "/{}.yaml", "tests/rill/reference/views": "/{}.py"}
# Where things are: they change no number.
PLACES = {"postgres_dsn", "duckdb_path", "data_dir", "bonzo_web_url"}


PROJECT = read_project(RILL, {})
METRICS = {n: view.body for n, view in PROJECT.of_kind("metrics_view").items()}
EXPLORES = {n: page.body for n, page in PROJECT.of_kind("explore").items()}
CANVASES = {n: page.body for n, page in PROJECT.of_kind("canvas").items()}
# The files that users keep: columns by the header of the example, and those that
# the source reads.
EXAMPLES = {
    path.name.partition(".")[0]: path.read_text().strip().split(",")
    for path in RILL.glob("data/*.example.csv")
}
CSV_FILES = re.findall(
    r"(?<=[\[ ])'(\w+)'(?=[,\]])", (RILL / "sources/csv_files.yaml").read_text()
)


def promised() -> dict[str, set[str]]:
    """Measures by view in the list of promised names."""
    found: dict[str, set[str]] = {}
    for line in (ROOT / "tests/rill/names.txt").read_text().splitlines():
        kind, _, name = line.strip().partition(" ")
        if kind == "view":
            measures = found.setdefault(name, set())
        elif kind == "measure":
            measures.add(name)
    return found


def lists_of_measures() -> Iterator[tuple[str, dict[str, set[str]]]]:
    """Each place that must know every measure, with the measures it knows by view."""
    yield (
        "rill/metrics",
        {
            view: {measure["name"] for measure in body["measures"]}
            for view, body in METRICS.items()
        },
    )
    yield "tests/rill/names.txt", promised()
    numbers: dict[str, set[str]] = {}
    for number in golden.expected():
        numbers.setdefault(number.view, set()).add(number.measure)
    yield "tests/rill/golden/expected.yaml", numbers
    yield (
        "tests/rill/reference/views",
        {view: set(module.MEASURES) for view, module in VIEWS.items()},
    )


def test_every_measure_is_known_everywhere() -> None:
    """A measure has a definition, a promised name, a number and a calculation."""
    lists = dict(lists_of_measures())
    views = {view for measures in lists.values() for view in measures}
    missing = []
    for view in sorted(views):
        everything = {m for known in lists.values() for m in known.get(view, set())}
        for place, known in lists.items():
            calculated = place == "rill/metrics" or place.endswith(".txt")
            if view in BY_THE_CLOCK and not calculated:
                continue
            if lacking := everything - known.get(view, set()):
                suffix = "" if "." in place else SUFFIXES[place].format(view)
                file = place + suffix
                missing.append(f"{file} lacks {', '.join(sorted(lacking))} of {view}")
    assert missing == [], "\n".join(missing)


def test_calculations_are_registered() -> None:
    """Each view's calculation is among VIEWS, and each file there is a view."""
    folder = ROOT / "tests/rill/reference/views"
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert files == VIEWS.keys(), "tests/rill/reference/views/__init__.py lists them"
    assert METRICS.keys() - BY_THE_CLOCK == VIEWS.keys()


def test_every_view_has_its_files() -> None:
    """A metrics view has a model, which has tests, and an explore of its name."""
    missing = []
    for view, body in METRICS.items():
        model = f"rill/models/marts/{body['model']}"
        files = [path.name for path in RILL.glob(f"models/**/{body['model']}.*")]
        # The one view of the wall clock is read straight from PostgreSQL.
        if f"{body['model']}.sql" not in files and view not in BY_THE_CLOCK:
            missing.append(f"{model}.sql, the model of {view}")
        if view not in BY_THE_CLOCK and f"{body['model']}.yaml" not in files:
            missing.append(f"{model}.yaml with tests of the model")
        if EXPLORES.get(view, {}).get("metrics_view") != view:
            missing.append(f"rill/dashboards/{view}.yaml, an explore of {view}")
    for view, body in EXPLORES.items():
        if body["metrics_view"] not in METRICS:
            missing.append(f"rill/metrics/{view}.yaml")
    assert missing == [], "\n".join(missing)


def test_every_model_says_what_a_row_is() -> None:
    """A description, or a comment at the top, says what one row is."""
    for path in RILL.glob("models/**/*.sql"):
        beside = path.with_suffix(".yaml")
        described = beside.exists() and "\ndescription:" in beside.read_text()
        explained = path.read_text().startswith("-- ")
        assert described or explained, f"{path.relative_to(ROOT)} says not what it is"


def test_every_mart_is_used() -> None:
    """No mart is calculated for nobody."""
    texts = "".join(
        path.read_text() for path in RILL.rglob("*") if path.suffix in (".yaml", ".sql")
    )
    for path in RILL.glob("models/marts/*.sql"):
        used = re.search(rf"(?:model:|from|join) {path.stem}\b", texts)
        assert used, f"no rill/metrics/{path.stem}.yaml or other file reads {path}"


def test_every_trust_check_is_tested() -> None:
    """A check is calculated a second time, or a test makes rows that fail it."""
    models = {path: path.read_text() for path in RILL.glob("models/**/*.sql")}
    made = {
        name: path.relative_to(ROOT).as_posix()
        for path, text in models.items()
        for name in re.findall(r"'(\w+)' as check_name", text)
    }
    calculated = {name for _, name, _ in CHECKS}
    tests = "".join(path.read_text() for path in ROOT.glob("tests/rill/test_*.py"))
    for name, file in made.items():
        tested = name in calculated or re.search(rf"\b{name}\b", tests)
        assert tested, f"tests/rill/reference/trust.py lacks {name} of {file}"
    for area, name, _ in CHECKS:
        file = f"rill/models/data_quality/checks_{area}.sql"
        assert name in made, f"{file} lacks {name}"


@pytest.mark.parametrize("name", sorted({*FILES, *CSV_FILES, *EXAMPLES}))
def test_every_csv_file_is_complete(name: str) -> None:
    """A file that users keep has an example, is read, staged and in the demo."""
    missing = []
    if name not in EXAMPLES:
        missing.append(f"rill/data/{name}.example.csv, a header without rows")
    if name not in CSV_FILES:
        missing.append(f"rill/sources/csv_files.yaml, which reads {name}")
    lines = (RILL / "models/staging/stg_csv_lines.sql").read_text()
    missing += [
        f"rill/models/staging/stg_csv_lines.sql, which makes a column {column}"
        for column in EXAMPLES.get(name, ())
        if f"column_name = '{column}'" not in lines
    ]
    models = "".join(path.read_text() for path in RILL.glob("models/staging/*.sql"))
    if f"file_name = '{name}'" not in models:
        missing.append(f"rill/models/staging/stg_{name}.sql, which takes its lines")
    if f"{name}.csv" not in Path(demo_files.__file__).read_text():
        missing.append(f"demo/demo_files.py, which writes {name}.csv")
    if not {*EXAMPLES.get(name, ())} <= {*FILES.get(name, ())}:
        missing.append(f"tests/rill/reference/tables.py, the columns of {name}")
    if f"`rill/data/{name}.csv`" not in (ROOT / "README.md").read_text():
        missing.append(f"README.md, which explains `rill/data/{name}.csv`")
    assert missing == [], "\n".join(missing)


def test_every_table_that_rill_reads_has_a_source() -> None:
    """The plain calculation reads the tables that the sources import, and no other."""
    sources = {path.stem for path in RILL.glob("sources/*.yaml")}
    read = {
        f"{'loader' if table.schema == 'loader' else 'bonzo'}_{table.name}"
        for table in TABLES
        if table.name in COLUMNS
    }
    for name in read - sources:
        pytest.fail(f"rill/sources/{name}.yaml is missing")
    for name in sources - read:
        if not name.startswith("csv_"):
            pytest.fail(f"tests/rill/reference/tables.py lacks the table of {name}")


def test_every_source_is_staged() -> None:
    """Every imported table is read by a model."""
    models = "".join(path.read_text() for path in RILL.glob("models/**/*.sql"))
    for path in RILL.glob("sources/*.yaml"):
        name = path.stem
        assert re.search(rf"\b{name}\b", models), (
            f"no rill/models/staging/stg_{name.partition('_')[2]}.sql reads {name}"
        )


def test_every_variable_is_used() -> None:
    """A variable has a default, a file that reads it and a field in the tests."""
    defaults = yaml.safe_load((RILL / "rill.yaml").read_text())["env"]
    used: set[str] = set()
    for resource in PROJECT.resources:
        for path in resource.path.parent.glob(f"{resource.path.stem}.*"):
            used |= set(re.findall(r"\.env\.(\w+)", path.read_text()))
    missing = [f"rill/rill.yaml lacks {name}" for name in used - defaults.keys()]
    # Names with a dot are Rill's own.
    unread = {name for name in defaults.keys() - used if "." not in name}
    missing += [f"rill/models/settings.yaml does not read {name}" for name in unread]
    known = Settings().variables()
    # Variables that only dashboards and alerts use change no number.
    settings = (RILL / "models/settings.yaml").read_text()
    missing += [
        f"tests/rill/reference/settings.py lacks {name}"
        for name in defaults.keys() - PLACES - known.keys()
        if f".env.{name}" in settings
    ]
    assert missing == [], "\n".join(missing)


def test_every_page_is_in_the_readme() -> None:
    """The README links to each canvas."""
    text = (ROOT / "README.md").read_text()
    for name in CANVASES:
        page = f"rill/dashboards/{name}.yaml"
        assert f"]({page})" in text, f"README.md does not link to {page}"


def test_rills_user_may_read_every_source() -> None:
    """The database user of Rill is granted each table that a source reads."""
    grants = (ROOT / "docs" / "roles.sql").read_text()
    for path in sorted(RILL.glob("sources/*.yaml")):
        schema, _, table = path.stem.partition("_")
        if schema == "csv":
            continue
        name = f"loader.{table}" if schema == "loader" else table
        if f"'{name}'" not in grants and f") on {name} to bonzo_reader" not in grants:
            pytest.fail(f"docs/roles.sql does not grant {name} to bonzo_reader")
