"""One example for each row of CONTRIBUTING's table of recipes.

An example says what to write into each file that its row names, as a contributor
would. `test_recipes` follows it in a copy of the repository.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from launcher.duckdb import metrics_doc

Edit = Callable[[Path, str], None]


@dataclass(frozen=True)
class Recipe:
    """An example of one row.

    `words` fill the placeholders of the file names in the row. `edits` go from
    file to edit, in the order in which they are made. `checks` are the tests that
    name a forgotten file; `works` are those that show that the whole is right and
    may use a database.
    """

    row: str
    edits: dict[str, Edit]
    checks: tuple[str, ...]
    words: dict[str, str] = field(default_factory=dict)
    works: tuple[str, ...] = ()


def new(text: str) -> Edit:
    """Write a new file."""

    def edit(root: Path, name: str) -> None:
        path = root / name
        assert not path.exists(), f"{name} is there already"
        path.write_text(text)

    return edit


def after(line: str, text: str) -> Edit:
    """Insert text after the first line that begins with `line`."""

    def edit(root: Path, name: str) -> None:
        path = root / name
        head, found, tail = ("\n" + path.read_text()).partition("\n" + line)
        assert found, f"{name} has no line {line!r}"
        rest, end, more = tail.partition("\n")
        path.write_text((head + found + rest + end)[1:] + text + more)

    return edit


def before(line: str, text: str) -> Edit:
    """Insert text before the first line that begins with `line`."""

    def edit(root: Path, name: str) -> None:
        path = root / name
        head, found, tail = ("\n" + path.read_text()).partition("\n" + line)
        assert found, f"{name} has no line {line!r}"
        path.write_text(head[1:] + "\n" + text + found[1:] + tail)

    return edit


def append(text: str) -> Edit:
    """Add text at the end of a file."""

    def edit(root: Path, name: str) -> None:
        path = root / name
        path.write_text(path.read_text() + text)

    return edit


def make_docs(root: Path, name: str) -> None:
    """Do what `make docs` does."""
    (root / name).write_text(metrics_doc.render(root / "rill"))


RILL = "tests/docs/test_complete_rill.py"
LOADER = "tests/docs/test_complete_loader.py"
DOCUMENTS = "tests/docs/test_docs.py"
LAYERS = "tests/docs/test_layers.py"
METRICS = "tests/docs/test_metrics_doc.py"

MEASURE = Recipe(
    row="a measure",
    words={"view": "replies"},
    edits={
        "rill/metrics/replies.yaml": after(
            "measures:",
            "  - name: repeat_replies\n"
            "    display_name: Repeat replies\n"
            "    expression: count(*) - count(distinct prospect_id)\n"
            "    format_preset: humanize\n"
            "    description: >-\n"
            "      Replies after the first of each lead in the range.\n"
            "    valid_percent_of_total: true\n",
        ),
        "tests/rill/names.txt": after(
            "  measure replying_prospects", "  measure repeat_replies\n"
        ),
        "tests/rill/golden/expected.yaml": after(
            "replies:",
            "  repeat_replies:\n    - {value: 1, why: 5 replies of 4 leads}\n",
        ),
        "tests/rill/reference/views/replies.py": append(
            "MEASURES |= {\n"
            '    "repeat_replies": lambda rows: len(rows)\n'
            '    - len({row["prospect_id"] for row in rows}),\n'
            "}\n"
        ),
        "docs/metrics.md": make_docs,
    },
    checks=(RILL, METRICS),
    works=("tests/rill/test_golden.py", "-k", "repeat_replies or replies-"),
)

MODEL = Recipe(
    row="a model with view and explore",
    words={"view": "vendors"},
    edits={
        "rill/models/marts/vendors.sql": new(
            "select\n    lead_source_id,\n    source_name as lead_source\n"
            "from bonzo_lead_sources\n"
        ),
        "rill/models/marts/vendors.yaml": new(
            "type: model\ndescription: Lead sources by name. One row per source.\n"
            "materialize: true\n"
            "tests:\n"
            "  - name: lead_source is filled\n"
            "    assert: lead_source is not null\n"
        ),
        "rill/metrics/vendors.yaml": new(
            "version: 1\ntype: metrics_view\ndisplay_name: Vendors\n"
            "description: One row per lead source.\n"
            "ai_instructions: How many sources there are.\n"
            "model: vendors\nfirst_day_of_week: 1\n"
            "dimensions:\n"
            "  - name: lead_source\n    display_name: Lead source\n"
            "    column: lead_source\n    description: Name of the source.\n"
            "measures:\n"
            "  - name: vendors\n    display_name: Vendors\n"
            "    expression: count(*)\n    format_preset: humanize\n"
            "    description: Sources that have a row.\n"
            "    valid_percent_of_total: true\n"
            'security:\n  access: "true"\n'
        ),
        "rill/dashboards/vendors.yaml": new(
            "type: explore\ndisplay_name: Vendors\n"
            "description: One row per lead source.\nmetrics_view: vendors\n"
            "dimensions: '*'\nmeasures: '*'\n"
            "defaults:\n  measures:\n    - vendors\n"
        ),
        "tests/rill/names.txt": append(
            "view vendors\n  axis -\n  dimension lead_source\n  measure vendors\n"
        ),
        "tests/rill/golden/expected.yaml": append(
            '\nvendors:\n  vendors:\n    - {value: 3, why: "A, B and C"}\n'
        ),
        "tests/rill/reference/views/vendors.py": new(
            '"""One row per lead source."""\n\n'
            "from __future__ import annotations\n\n"
            "from tests.rill.reference.numbers import count\n\n"
            'DIMENSIONS = ("lead_source",)\n\n\n'
            "def rows(world):\n"
            '    """Return the sources."""\n'
            "    sources = world.tables['lead_sources']\n"
            '    return [{"lead_source": row["source_name"]} for row in sources]\n\n\n'
            'MEASURES = {"vendors": count()}\n'
        ),
        "tests/rill/reference/views/__init__.py": append(
            "from tests.rill.reference.views import vendors\n\n"
            'VIEWS["vendors"] = vendors\n'
        ),
        "docs/metrics.md": make_docs,
    },
    checks=(RILL, METRICS, LAYERS),
    works=("tests/rill/test_golden.py", "-k", "vendors"),
)

CSV_FILE = Recipe(
    row="a CSV file",
    words={"name": "branch_goals"},
    edits={
        "rill/data/branch_goals.example.csv": new("team,goal\n"),
        "rill/sources/csv_branch_goals.yaml": new(
            "type: model\nconnector: local_file\nmaterialize: true\n"
            "description: Goals of teams. One row per line of the file.\n"
            'path: "{{ .env.data_dir }}/branch_goals.csv"\n'
            "duckdb:\n  header: true\n  delim: \"','\"\n  all_varchar: true\n"
            "  null_padding: true\n  strict_mode: false\n"
        ),
        "rill/models/staging/stg_branch_goals.sql": new(
            "-- Lines of branch_goals.csv, cast.\n"
            "select\n    trim(team) as team,\n    try_cast(goal as int) as goal\n"
            "from csv_branch_goals\n"
        ),
        "demo/demo_files.py": append(
            "\n\ndef write_goals(folder: Path) -> None:\n"
            '    """Write the goals of the demo\'s teams."""\n'
            '    _save(folder / "branch_goals.csv", ("team", "goal"), [])\n'
        ),
        "tests/rill/reference/tables.py": after(
            "FILES = {", '    "branch_goals": ("team", "goal"),\n'
        ),
        "README.md": append("\n`rill/data/branch_goals.csv` holds goals of teams.\n"),
    },
    checks=(RILL, DOCUMENTS),
    works=("tests/rill/test_golden.py", "-k", "data_trust"),
)

DASHBOARD = Recipe(
    row="a dashboard",
    words={"topic": "inbox"},
    edits={
        "rill/dashboards/inbox.yaml": new(
            "type: canvas\ndisplay_name: Shared inbox\nrows:\n"
            "  - height: 240px\n    items:\n"
            "      - kpi_grid:\n          metrics_view: replies\n"
            "          measures: [replies]\n"
        ),
        "README.md": append("\n[Inbox](rill/dashboards/inbox.yaml)\n"),
    },
    checks=(RILL, DOCUMENTS),
)

LOADER_VARIABLE = Recipe(
    row="a variable of the loader",
    edits={
        "loader/config.py": after(
            "    retries: int",
            '    pause: float = _env("BONZO_PAUSE", 0.0, low=0)\n',
        ),
        ".env.example": append("# Seconds between two pages.\n#BONZO_PAUSE=0\n"),
        "README.md": after(
            "| `BONZO_RETRIES`", "| `BONZO_PAUSE` | 0 | seconds between two pages |\n"
        ),
    },
    checks=(DOCUMENTS,),
)

RILL_VARIABLE = Recipe(
    row="a variable of Rill",
    edits={
        "rill/rill.yaml": after(
            "env:", "  # Days after which a lead is old.\n  old_days: 90\n"
        ),
        "rill/models/settings.yaml": after(
            "  select", "    cast('{{ .env.old_days }}' as double) as old_days,\n"
        ),
        "tests/rill/reference/settings.py": after(
            "    contact_days", "    old_days: int = 90\n"
        ),
        "docs/metrics.md": make_docs,
    },
    checks=(RILL, METRICS),
)

COMMAND = Recipe(
    row="a command",
    words={"package": "loader", "name": "version"},
    edits={
        "loader/commands/version.py": new(
            '"""`version`: which version this is."""\n\n'
            "from __future__ import annotations\n\n"
            "import click\n\nfrom loader import __version__\n\n\n"
            "@click.command()\ndef command() -> None:\n"
            '    """Print the version of the loader."""\n'
            "    click.echo(__version__)\n"
        ),
        "loader/cli.py": after(
            "COMMANDS = {", '    "version": "loader.commands.version",\n'
        ),
        "README.md": after("| `get PATH`", "| `version` | which version this is |\n"),
    },
    checks=(LOADER, DOCUMENTS, LAYERS),
)

TARGET = Recipe(
    row="a make target",
    edits={
        "Makefile": before(
            "clean:", "version: install ## Print the version\n\t@$(RUN) -m loader\n\n"
        ),
        "README.md": after("| lock newer", "| print the version | `make version` |\n"),
    },
    checks=(DOCUMENTS,),
)

RECIPES = [
    MEASURE,
    MODEL,
    CSV_FILE,
    DASHBOARD,
    LOADER_VARIABLE,
    RILL_VARIABLE,
    COMMAND,
    TARGET,
]
