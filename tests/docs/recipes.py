"""One example for each row of CONTRIBUTING's table of recipes.

An example says what to write into each file that its row names, as a contributor
would. `test_recipes` follows it in a copy of the repository.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from launcher.duckdb import metrics_doc
from loader.database.schema import VERSION
from tests import schema
from tests.rill import golden

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


def replace(old: str, text: str) -> Edit:
    """Replace the first occurrence of a text."""

    def edit(root: Path, name: str) -> None:
        path = root / name
        assert old in path.read_text(), f"{name} does not hold {old!r}"
        path.write_text(path.read_text().replace(old, text, 1))

    return edit


def both(*edits: Edit) -> Edit:
    """Make several edits of one file."""

    def edit(root: Path, name: str) -> None:
        for each in edits:
            each(root, name)

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


def add_digest(root: Path, name: str) -> None:
    """Note the hash of a part 2 with offices in it."""
    digest = schema.digest(schema.PART_2 + OFFICES_TABLE)
    replace("DIGESTS = {", f'DIGESTS = {{{VERSION + 1}: "{digest}", ')(root, name)


RILL = "tests/docs/test_complete_rill.py"
LOADER = "tests/docs/test_complete_loader.py"
DOCUMENTS = "tests/docs/test_docs.py"
LAYERS = "tests/docs/test_layers.py"
IMPORTS = f"{LAYERS}::test_every_import_exists"
USES = f"{LAYERS}::test_every_module_is_used"
METRICS = "tests/docs/test_metrics_doc.py"

OFFICES_TABLE = """
-- One row per office.
create table if not exists offices (
    office_id int primary key,
    office_name text
);
"""

RESOURCE = Recipe(
    row="a resource of Bonzo",
    words={"resource": "offices"},
    edits={
        "schema.sql": append(OFFICES_TABLE),
        "loader/database/schema.py": replace(
            f"VERSION = {VERSION}", f"VERSION = {VERSION + 1}"
        ),
        "tests/docs/test_complete_loader.py": add_digest,
        "CHANGELOG.md": append("| `offices` | added: offices of the company |\n"),
        "loader/database/tables.py": replace(
            "_FOR_USERS = (",
            'OFFICES = _table("offices", "office_id office_name", "office_id")\n'
            "_FOR_USERS = (\n    OFFICES,",
        ),
        "loader/mapping/offices.py": new(
            '"""Offices: a record to a row."""\n\n'
            "from __future__ import annotations\n\n"
            "from typing import Any\n\n\n"
            "def to_office(record: dict[str, Any]) -> dict[str, Any]:\n"
            '    """Return the row of an office."""\n'
            '    return {"office_id": record["id"], "office_name": record["name"]}\n'
        ),
        "loader/sync/offices.py": new(
            '"""Reads the offices and writes them."""\n\n'
            "from __future__ import annotations\n\n"
            "from loader.database import tables\n"
            "from loader.mapping.offices import to_office\n"
            "from loader.sync.context import Context\n\n\n"
            "def read_offices(context: Context) -> None:\n"
            '    """Read every office and store it."""\n'
            '    offices = context.client.read_list("/offices").items\n'
            "    rows = [to_office(record) for record in offices]\n"
            "    context.write(lambda writer: writer.upsert(tables.OFFICES, rows))\n"
        ),
        "loader/sync/run.py": both(
            before(
                "from loader.sync.prospect_pages",
                "from loader.sync.offices import read_offices\n",
            ),
            after("    read_campaigns(loading)", "    read_offices(loading)\n"),
        ),
        "demo/routes.py": both(
            before(
                '        (r"/tags"',
                '        (r"/offices", "offices", "prospects", "offices"),\n',
            ),
            before(
                "    def tags(",
                "    def offices(self, request: Request) -> Answer:\n"
                '        """One office."""\n'
                "        body = {'data': [{'id': 1, 'name': 'Lakeside'}]}\n"
                "        return Answer(200, encode(body))\n\n",
            ),
        ),
        "tests/loader/test_offices.py": new(
            '"""Offices."""\n\n'
            "from __future__ import annotations\n\n\n"
            "def test_offices_are_stored(load, rows) -> None:\n"
            '    """The office of the account has its row."""\n'
            "    load()\n"
            '    [row] = rows("select office_name from offices")\n'
            '    assert row == {"office_name": "Lakeside"}\n'
        ),
    },
    checks=(LOADER, IMPORTS, USES),
    works=("tests/loader/test_offices.py",),
)

SOURCE = Recipe(
    row="a source",
    words={"prefix": "loader", "table": "user_emails"},
    edits={
        "rill/sources/loader_user_emails.yaml": new(
            "# The address of each team member in Bonzo. One row per member.\n"
            "type: model\nmaterialize: true\n"
            "pre_exec: attach or replace '{{ .env.postgres_dsn }}' as bonzo"
            " (type postgres, read_only)\n"
            "sql: |\n"
            "  from postgres_query('bonzo', $$\n"
            "    select user_id, email\n    from loader.user_emails\n  $$)\n"
        ),
        "rill/models/staging/stg_user_emails.sql": new(
            "-- The address of each team member in Bonzo. One row per member.\n"
            "select\n    user_id,\n    lower(email) as email\n"
            "from loader_user_emails\n"
        ),
        "docs/roles.sql": after("    'users',", "    'loader.user_emails',\n"),
        "tests/rill/reference/tables.py": after(
            "COLUMNS = {", '    "user_emails": ("user_id", "email"),\n'
        ),
    },
    checks=(RILL,),
    works=("tests/rill/test_golden.py", "-k", "plain and replies"),
)


def golden_number(measure: str) -> int:
    """Return the total of a measure of view replies on the golden leads."""
    [number] = [
        expected.value
        for expected in golden.expected()
        if (expected.view, expected.measure) == ("replies", measure)
        and expected.dimension is None
        and expected.moment == "march"
    ]
    return int(number)


REPEATS = golden_number("replies") - golden_number("replying_prospects")
VENDORS = len(golden.tables()["lead_sources"])

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
            f"  repeat_replies:\n    - {{value: {REPEATS}, why: replies less leads}}\n",
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
            f"\nvendors:\n  vendors:\n    - {{value: {VENDORS}, why: one each}}\n"
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
    checks=(RILL, METRICS, IMPORTS),
    works=("tests/rill/test_golden.py", "-k", "vendors"),
)

TRUST_CHECK = Recipe(
    row="a trust check",
    words={"area": "leads"},
    edits={
        "rill/models/data_quality/checks_leads.sql": append(
            "union all\nselect\n    'lead_without_name' as check_name,\n"
            "    'leads' as area,\n    'info' as severity,\n"
            "    'Leads have no name in Bonzo. Fill it in there.' as advice,\n"
            "    count(*) filter (where coalesce(first_name, '') = '')"
            " as failing_rows,\n"
            "    count(*) as checked_rows\nfrom bonzo_prospects\n"
        ),
        "tests/rill/reference/trust.py": append(
            'CHECKS["leads", "lead_without_name", "info"] = of_leads(\n'
            "    lambda lead: not lead.first_name\n)\n"
        ),
    },
    checks=(RILL,),
    works=("tests/rill/test_golden.py", "-k", "plain and data_trust"),
)

CSV_FILE = Recipe(
    row="a CSV file",
    words={"name": "branch_goals"},
    edits={
        "rill/data/branch_goals.example.csv": new("team,goal\n"),
        "rill/sources/csv_files.yaml": replace(
            "['lead_source_costs'", "['branch_goals', 'lead_source_costs'"
        ),
        "rill/models/staging/stg_csv_lines.sql": replace(
            "    max(cell) filter (where column_name = 'email')",
            "    max(cell) filter (where column_name = 'goal') as goal,\n"
            "    max(cell) filter (where column_name = 'email')",
        ),
        "rill/models/staging/stg_branch_goals.sql": new(
            "-- Lines of branch_goals.csv, cast. One row per line.\n"
            "select\n    team,\n    try_cast(goal as int) as goal\n"
            "from stg_csv_lines\n"
            "where file_name = 'branch_goals' and not is_header\n"
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
    checks=(LOADER, DOCUMENTS),
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

BENCH = Recipe(
    row="a bench",
    words={"name": "latency"},
    edits={
        "bench/latency.py": new(
            '"""What waiting costs."""\n\n'
            "from __future__ import annotations\n\n"
            "from bench.results import Ratio, Scale\n\n"
            "SCALES = {\n"
            '    "tiny": Scale(1, 1, runs=1),\n'
            '    "normal": Scale(1, 1),\n'
            '    "full": Scale(1, 1),\n'
            "}\n\n\n"
            "def measure(maintenance: str, scale: Scale) -> list[Ratio]:\n"
            '    """Measure nothing."""\n'
            '    return [Ratio("nothing", (1.0,) * scale.runs)]\n'
        ),
        "bench/registry.py": both(
            replace(", load", ", latency, load"),
            before('    "write"', '    "latency": latency,\n'),
        ),
    },
    checks=("tests/docs/test_layers.py", "tests/docs/test_complete_bench.py"),
    works=("tests/bench/test_benches.py", "-k", "latency"),
)

RECIPES = [
    RESOURCE,
    SOURCE,
    MEASURE,
    MODEL,
    TRUST_CHECK,
    CSV_FILE,
    DASHBOARD,
    LOADER_VARIABLE,
    RILL_VARIABLE,
    COMMAND,
    TARGET,
    BENCH,
]
