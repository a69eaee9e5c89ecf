"""The files of the Rill project, read once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).parent.parent
RILL = ROOT / "rill"
FOLDERS = (
    "alerts",
    "apis",
    "connectors",
    "dashboards",
    "metrics",
    "models",
    "reports",
    "sources",
    "themes",
)
# Settings of a tile that hold a list of field names.
LISTS = {
    "columns",
    "row_dimensions",
    "col_dimensions",
    "dimensions",
    "measures",
    "fields",
}
GRAIN = re.compile(r"_rill_TIME_GRAIN_(DAY|WEEK|MONTH|QUARTER|YEAR)$")
QUERY = re.compile(
    r"select\s+(?P<fields>.+?)\s+from\s+(?P<view>\w+)(?P<rest>[^`\"]*)", re.S
)


class Tile(NamedTuple):
    """One item of a canvas: where it is, what draws it, and its settings."""

    where: str
    renderer: str
    body: dict[str, Any]


def files() -> list[Path]:
    """Return every YAML file of the project but rill.yaml."""
    return sorted(p for folder in FOLDERS for p in (RILL / folder).rglob("*.yaml"))


def load(path: Path) -> dict[str, Any]:
    """Return the content of a YAML file."""
    return yaml.safe_load(path.read_text())


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    """Name -> content of the files of one type."""
    found = {path.stem: load(path) for path in files()}
    return {name: body for name, body in found.items() if body.get("type") == kind}


def resources(folder: str) -> dict[str, dict[str, Any]]:
    """Name -> content of the files of one folder."""
    return {path.stem: load(path) for path in sorted((RILL / folder).glob("*.yaml"))}


def dashboards(kind: str) -> dict[str, dict[str, Any]]:
    """Name -> content of the explores or of the canvases."""
    found = resources("dashboards")
    return {name: body for name, body in found.items() if body["type"] == kind}


def merged(defaults: Any, body: Any) -> Any:
    """Return a body over the defaults of its kind, as Rill merges them."""
    if not isinstance(defaults, dict) or not isinstance(body, dict):
        return body
    both = {key: merged(defaults.get(key), value) for key, value in body.items()}
    return defaults | both


SETTINGS = load(RILL / "rill.yaml")
VIEWS = {
    name: merged(SETTINGS["metrics_views"], body)
    for name, body in resources("metrics").items()
}
EXPLORES = dashboards("explore")
CANVASES = dashboards("canvas")


def dimensions(view: str) -> set[str]:
    """Names of a view's dimensions, its time axis included."""
    found = {dimension["name"] for dimension in VIEWS[view].get("dimensions", [])}
    axis = VIEWS[view].get("timeseries")
    return found | {axis} if axis else found


def measures(view: str) -> set[str]:
    """Names of a view's measures."""
    return {measure["name"] for measure in VIEWS[view]["measures"]}


def has_field(view: str, name: str) -> bool:
    """Whether a view has this dimension or measure, perhaps by month or day."""
    plain = GRAIN.sub("", name)
    if plain != name:
        return plain == VIEWS[view].get("timeseries")
    return name in dimensions(view) | measures(view)


def tabs(canvas: str) -> list[dict[str, Any]]:
    """Return the tabs of a canvas, each with a label and rows."""
    return [tab for row in CANVASES[canvas]["rows"] for tab in row.get("tabs", [])]


def rows(canvas: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the rows of tiles of a canvas with their places, those in tabs too."""
    for number, row in enumerate(CANVASES[canvas]["rows"]):
        if "tabs" not in row:
            yield f"{canvas} row {number}", row
        for tab in row.get("tabs", []):
            for inner, tab_row in enumerate(tab["rows"]):
                yield f"{canvas} tab {tab['name']} row {inner}", tab_row


def tiles(canvas: str) -> Iterator[Tile]:
    """Give the tiles of a canvas, row by row and tab by tab."""
    for where, row in rows(canvas):
        for place, item in enumerate(row["items"]):
            (renderer,) = set(item) - {"width"}
            yield Tile(f"{where} item {place}", renderer, item[renderer])


def all_tiles() -> list[Tile]:
    """Return the tiles of every canvas."""
    return [tile for canvas in CANVASES for tile in tiles(canvas)]


def queries(text: str) -> Iterator[tuple[str, list[str], str]]:
    """View, fields and the rest of each metrics SQL query in a text."""
    for found in QUERY.finditer(text):
        fields = [field.strip() for field in found["fields"].split(",")]
        yield found["view"], fields, found["rest"]


def fields(body: Any) -> Iterator[str]:
    """Give the field names that a chart's or table's settings mention."""
    if not isinstance(body, dict):
        return
    for key, value in body.items():
        if key in LISTS:
            yield from value
        elif key == "field" and value not in ("rill_measures", "measures"):
            yield value
        else:
            yield from fields(value)
