"""Executes the Rill project's sources, models and measures in DuckDB.

The same statements in the same engine with the same settings as Rill, so that
numbers can be computed and tested where no Rill is installed. What is not
emulated: row filters, comparisons, and measures over windows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from graphlib import CycleError, TopologicalSorter
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb

from launcher.duckdb.rill_project import Project, Resource, read_project
from loader.errors import LoaderError

EXTENSIONS = ("icu", "json", "postgres_scanner")
# The tables that a query reads, by its text: a tenth of the time of an execution.
_TABLES: dict[str, frozenset[str]] = {}


class DuckDBEngine:
    """A DuckDB database that holds every model of a Rill project.

    `connection` is open for any query. `refresh()` reads the sources again.
    """

    def __init__(
        self,
        folder: Path | str,
        dsn: str,
        variables: dict[str, str] | None = None,
        only: set[str] | None = None,
    ) -> None:
        """Execute the project in `folder` against the Postgres behind `dsn`.

        `variables` override the project's own. `only` names the models wanted:
        these and what they read are executed, the rest is left out.
        """
        self.project = read_project(
            Path(folder), {**(variables or {}), "postgres_dsn": dsn}
        )
        self.connection = _connect()
        self.views = self.project.of_kind("metrics_view")
        self.models = _in_order(self.project, self.connection, only)
        self.refresh()

    def __enter__(self) -> DuckDBEngine:
        return self

    def __exit__(self, *exc: object) -> None:
        self.connection.close()

    def refresh(self) -> None:
        """Read all sources and execute all models again."""
        try:
            for model in self.models:
                self._execute(model)
        finally:
            # Sources attach it; open, it would keep the database from being dropped.
            self.connection.execute("detach database if exists bonzo")

    def _execute(self, model: Resource) -> None:
        what = "table" if model.materialized else "view"
        query = _query(self.project, model)
        try:
            if "pre_exec" in model.body:
                self.connection.execute(self.project.render(model.body["pre_exec"]))
            self.connection.execute(
                f'create or replace {what} "{model.name}" as {query}'
            )
        except duckdb.Error as error:
            raise LoaderError(
                f"Rill model {model.name} ({model.path}) failed: {error}"
            ) from error

    def failing_tests(self) -> list[str]:
        """Return the model tests that return a row, each as `model: test`."""
        return [
            f"{model.name}: {test['name']}"
            for model in self.models
            for test in model.body.get("tests") or []
            if self.connection.execute(_test_query(model, test)).fetchone()
        ]

    def measures(
        self,
        view: str,
        dimensions: tuple[str, ...] | list[str] = (),
        measures: tuple[str, ...] | list[str] | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> list[dict[str, Any]]:
        """Measures of a metrics view, grouped by dimensions, as dictionaries.

        `measures` defaults to all of them. `start` (inclusive) and `end`
        (exclusive) limit the view's time axis, in company time.
        """
        query = self.query(view, dimensions, measures, start, end)
        result = self.connection.execute(query)
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def query(
        self,
        view: str,
        dimensions: tuple[str, ...] | list[str] = (),
        measures: tuple[str, ...] | list[str] | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> str:
        """Return the SQL behind `measures`."""
        body = self.views[view].body
        known = {m["name"]: m for m in body["measures"]}
        wanted = [known[name] for name in (known if measures is None else measures)]
        simple = _with_required(wanted, known)
        columns = [f'{_dimension(body, d)} as "{d}"' for d in dimensions]
        columns += [f'{m["expression"]} as "{m["name"]}"' for m in simple]
        groups = ", ".join(str(i + 1) for i in range(len(dimensions)))
        inner = (
            f'select {", ".join(columns)} from "{body["model"]}"'
            + "".join(_unnested(body, d) for d in dimensions)
            + _where(body, start, end)
            + (f" group by {groups}" if groups else "")
        )
        outer = [f'"{d}"' for d in dimensions]
        outer += [
            f'({m["expression"]}) as "{m["name"]}"' if _derived(m) else f'"{m["name"]}"'
            for m in wanted
        ]
        return f"select {', '.join(outer)} from ({inner})"


def _connect() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:")
    for name in EXTENSIONS:
        connection.execute(f"load '{_extension_file(name)}'")
    connection.execute("set global timezone = 'UTC'")
    connection.execute("set global old_implicit_casting = true")
    return connection


def _extension_file(name: str) -> Path:
    spec = find_spec(f"duckdb_extension_{name}")
    version = f"v{duckdb.__version__}"
    if spec is None or not spec.submodule_search_locations:
        raise LoaderError(
            f"The DuckDB extension {name} is not installed: run make install."
        )
    folder = Path(spec.submodule_search_locations[0]) / "extensions" / version
    return folder / f"{name}.duckdb_extension"


def _query(project: Project, model: Resource) -> str:
    """Return the query that fills a model, by its connector."""
    if model.connector == "local_file":
        return f"select * from {_csv(project, model)}"
    return project.render(model.sql or "").strip().rstrip(";")


def _csv(project: Project, model: Resource) -> str:
    path = project.folder / project.render(model.body["path"])
    options = model.body.get("duckdb") or {}
    given = [f"{key} = {_literal(value)}" for key, value in options.items()]
    return f"read_csv('{path}', {', '.join(given)})"


def _literal(value: object) -> str:
    """Return an option of a CSV source; texts are written in SQL quotes already."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _in_order(
    project: Project, connection: duckdb.DuckDBPyConnection, only: set[str] | None
) -> list[Resource]:
    """Models with every model after those it reads."""
    models = project.of_kind("model") | project.of_kind("source")
    reads = {
        name: {
            *_tables(_query(project, model), connection),
            *(model.body.get("refs") or []),
        }
        & set(models)
        if model.connector == "duckdb"
        else set()
        for name, model in models.items()
    }
    wanted = _closure(only, reads) if only is not None else set(models)
    try:
        order = list(TopologicalSorter({n: reads[n] for n in wanted}).static_order())
    except CycleError as error:
        raise LoaderError(f"Rill models read each other: {error.args[1]}") from error
    return [models[name] for name in order]


def _closure(names: set[str], reads: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(reads[name])
    return found


def _tables(sql: str, connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Return names of the tables that a query reads, found in DuckDB's own parse."""
    if sql not in _TABLES:
        parsed = connection.execute(
            "select json_serialize_sql(?::varchar)", [sql]
        ).fetchone()
        tree = json.loads(parsed[0])
        if tree.get("error"):
            message = tree.get("error_message")
            raise LoaderError(f"DuckDB cannot parse: {message}: {sql}")
        _TABLES[sql] = frozenset(_base_tables(tree))
    return _TABLES[sql]


def _base_tables(node: object, hidden: frozenset[str] = frozenset()) -> Iterator[str]:
    """Tables below a node of the parse; names of CTEs in scope are hidden."""
    if isinstance(node, list):
        for child in node:
            yield from _base_tables(child, hidden)
    if not isinstance(node, dict):
        return
    if node.get("type") == "BASE_TABLE" and node["table_name"].lower() not in hidden:
        yield node["table_name"]
    for cte in (node.get("cte_map") or {}).get("map", []):
        # A CTE does not see itself: `with x as (select * from x)` reads table x.
        yield from _base_tables(cte["value"], hidden)
        hidden |= {cte["key"].lower()}
    for key, child in node.items():
        if key != "cte_map":
            yield from _base_tables(child, hidden)


def _test_query(model: Resource, test: dict[str, Any]) -> str:
    if "assert" in test:
        return f'select 1 from "{model.name}" where not ({test["assert"]})'
    return test["sql"]


def _derived(measure: dict[str, Any]) -> bool:
    return "requires" in measure or measure.get("type") == "derived"


def _with_required(
    wanted: list[dict[str, Any]], known: dict[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the simple measures among `wanted` and those that derived ones need."""
    simple = {m["name"]: m for m in wanted if not _derived(m)}
    for measure in wanted:
        for name in measure.get("requires") or []:
            simple.setdefault(name, known[name])
    return list(simple.values())


def _field(body: dict[str, Any], dimension: str) -> dict[str, Any]:
    for known in body.get("dimensions") or []:
        if known.get("name", known.get("column")) == dimension:
            return known
    raise KeyError(dimension)


def _dimension(body: dict[str, Any], dimension: str) -> str:
    """Return the expression that a query selects and groups by."""
    field = _field(body, dimension)
    if field.get("unnest"):
        return f'"unnested_{dimension}"."value"'
    return field.get("expression") or f'"{field["column"]}"'


def _unnested(body: dict[str, Any], dimension: str) -> str:
    """Return the join that gives a row per element, for a dimension over a list."""
    field = _field(body, dimension)
    if not field.get("unnest"):
        return ""
    values = field.get("expression") or f'"{field["column"]}"'
    return f', unnest({values}) as "unnested_{dimension}"("value")'


def _where(body: dict[str, Any], start: datetime | None, end: datetime | None) -> str:
    axis = body.get("timeseries")
    limits = [
        f"\"{axis}\" {sign} timestamp '{limit:%Y-%m-%d %H:%M:%S.%f}'"
        for sign, limit in ((">=", start), ("<", end))
        if limit is not None
    ]
    return f" where {' and '.join(limits)}" if limits else ""
