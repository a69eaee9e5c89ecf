"""Every tile, explore, alert, report and API asks for what exists.

Rill checks none of this: a wrong field of a tile shows only in a browser.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.rill.running import sample_project
from tests.rill.running.sample_project import CANVASES, EXPLORES, SETTINGS, VIEWS, Tile

CARTESIAN = {
    "line_chart", "bar_chart", "area_chart", "stacked_bar", "stacked_bar_normalized",
}  # fmt: skip
CHARTS = CARTESIAN | {
    "donut_chart", "pie_chart", "heatmap", "combo_chart", "funnel_chart",
}  # fmt: skip
TABLES = {"table", "pivot", "leaderboard"}
RENDERERS = CHARTS | TABLES | {"kpi_grid", "markdown"}
PURPOSES = {
    "executive", "pipeline", "campaigns", "team", "lead_sources", "loan_book", "trust",
}  # fmt: skip
# The order in which people expect the values of a dimension.
STAGES = re.findall(
    r"\('([^']+)', \d, (?:true|false)\)",
    (sample_project.ROOT / "schema.sql").read_text(),
    re.I,
)
WEEKDAYS = [
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
]  # fmt: skip
ORDERS = {
    "stage": [*STAGES, "No stage"],
    "sent_weekday": WEEKDAYS,
    "reply_weekday": WEEKDAYS,
    "created_weekday": WEEKDAYS,
    "stage_group": ["new", "working", "qualified", "contract", "disqualified", "none"],
    "age_bucket": [
        "0-2 d", "3-7 d", "8-14 d", "15-30 d", "31-60 d", "60+ d", "unknown",
    ],
    "speed_bucket": [
        "1: up to 5 min", "2: up to 1 h", "3: up to 24 h", "4: later", "5: never",
        "6: unknown",
    ],
    "ltv_band": ["up to 80 %", "80-95 %", "over 95 %", "unknown"],
    "loan_status": ["Pending", "Approved", "Closed", "unknown"],
    "severity": ["error", "warning", "info"],
}  # fmt: skip
TILES = sample_project.all_tiles()
DATA_TILES = [tile for tile in TILES if tile.renderer != "markdown"]
TEXT_TILES = [tile for tile in TILES if tile.renderer == "markdown"]


def where(tile: Tile) -> str:
    """A tile's place, for a test report."""
    return tile.where


def test_canvases_and_explores_are_all_there() -> None:
    """The seven canvases exist, and an explore of the same name for every view."""
    assert set(CANVASES) == PURPOSES
    assert set(EXPLORES) == set(VIEWS)
    assert all(body["metrics_view"] == name for name, body in EXPLORES.items())


@pytest.mark.parametrize("name", CANVASES)
def test_grid(name: str) -> None:
    """Rows have a height in pixels and fill the twelve columns."""
    for row in CANVASES[name]["rows"]:
        assert re.fullmatch(r"\d+px", row["height"])
        assert sum(item["width"] for item in row["items"]) == 12
        assert all(item["width"] >= 3 for item in row["items"])


@pytest.mark.parametrize("tile", TILES, ids=where)
def test_renderer(tile: Tile) -> None:
    """The tile is drawn by something that Rill has."""
    assert tile.renderer in RENDERERS


@pytest.mark.parametrize("tile", DATA_TILES, ids=where)
def test_fields_exist(tile: Tile) -> None:
    """The tile names a metrics view and only fields that it has."""
    view = tile.body["metrics_view"]
    assert view in VIEWS
    names = list(sample_project.fields(tile.body))
    assert names, "a tile without a field"
    assert [name for name in names if not sample_project.has_field(view, name)] == []


@pytest.mark.parametrize("tile", DATA_TILES, ids=where)
def test_axes(tile: Tile) -> None:
    """Time axes are the view's own; numbers are measures, groups are dimensions."""
    view = tile.body["metrics_view"]
    for role in ("x", "y", "y1", "y2", "color", "measure", "stage"):
        field = tile.body.get(role)
        if not isinstance(field, dict) or field["type"] == "value":
            continue
        if field["type"] == "temporal":
            assert field["field"] == VIEWS[view]["timeseries"]
        elif field["type"] == "quantitative":
            assert field["field"] in sample_project.measures(view)
        else:
            assert field["field"] in sample_project.dimensions(view)


def listed(tile: Tile) -> list[tuple[str, list[str]]]:
    """Dimension and values of each sort list or color list of a tile."""
    found = []
    for role in ("x", "y", "color", "stage"):
        field = tile.body.get(role)
        if isinstance(field, dict):
            if isinstance(field.get("sort"), list):
                found.append((field["field"], field["sort"]))
            if "colorMapping" in field:
                values = [entry["value"] for entry in field["colorMapping"]]
                found.append((field["field"], values))
    return found


@pytest.mark.parametrize("tile", DATA_TILES, ids=where)
def test_values_are_spelled_right_and_in_order(tile: Tile) -> None:
    """A list of values is a complete run of that dimension's order.

    A value that is misspelled or left out would silently miss from the tile.
    """
    for dimension, values in listed(tile):
        known = ORDERS[dimension]
        if dimension == "stage":  # open leads are never disqualified
            known = [stage for stage in known if stage != "Re-Marketing"]
        assert values == known


@pytest.mark.parametrize("tile", DATA_TILES, ids=where)
def test_ordered_dimensions_are_listed(tile: Tile) -> None:
    """An axis of stages, weekdays or bands is not left to be sorted by size."""
    axis = tile.body.get("x")
    if isinstance(axis, dict) and axis["field"] in ORDERS:
        assert isinstance(axis["sort"], list)


@pytest.mark.parametrize("tile", DATA_TILES, ids=where)
def test_stock_is_not_compared(tile: Tile) -> None:
    """A tile about the state now shows no change against an earlier period."""
    if (
        tile.renderer == "kpi_grid"
        and "timeseries" not in VIEWS[tile.body["metrics_view"]]
    ):
        assert tile.body["comparison"] == []
        assert tile.body["sparkline"] == "none"
        assert tile.body["hide_time_range"] is True


@pytest.mark.parametrize("tile", TEXT_TILES, ids=where)
def test_queries_in_texts(tile: Tile) -> None:
    """Metrics SQL in a text names a view and only fields that it has."""
    content = tile.body["content"]
    asked = list(sample_project.queries(content))
    assert len(asked) == content.count("metrics_sql")
    for view, fields, rest in asked:
        assert view in VIEWS
        assert [f for f in fields if not sample_project.has_field(view, f)] == []
        # Rill 2026 builds broken SQL of a `where` beside the canvas's filters.
        assert " where " not in f" {rest} "


@pytest.mark.parametrize("name", CANVASES)
def test_first_tile_says_when_and_where(name: str) -> None:
    """Each canvas opens with as_of and the company's time zone."""
    first = next(sample_project.tiles(name))
    assert first.renderer == "markdown"
    assert "select as_of from data_trust" in first.body["content"]
    assert "{{ .env.company_time_zone }}" in first.body["content"]


@pytest.mark.parametrize("name", CANVASES)
def test_canvas_filters(name: str) -> None:
    """Pinned filters are dimensions of a view on the canvas; the range is known."""
    body = CANVASES[name]
    views = {
        t.body["metrics_view"]
        for t in sample_project.tiles(name)
        if "metrics_view" in t.body
    }
    known = set().union(*map(sample_project.dimensions, views))
    assert set(body["filters"]["pinned"]) <= known
    range_ = body["defaults"].get("time_range")
    assert range_ is None or range_ in SETTINGS["canvases"]["time_ranges"]


@pytest.mark.parametrize("name", EXPLORES)
def test_explore(name: str) -> None:
    """An explore starts with fields that its view has, over a range on offer."""
    defaults = EXPLORES[name]["defaults"]
    assert set(defaults["measures"]) <= sample_project.measures(name)
    assert set(defaults.get("dimensions", [])) <= sample_project.dimensions(name)
    assert ("time_range" in defaults) == ("timeseries" in VIEWS[name])
    if "time_range" in defaults:
        assert defaults["time_range"] in SETTINGS["explores"]["time_ranges"]


def asked_of(body: dict[str, Any]) -> str:
    """The metrics SQL of an alert or API."""
    return body.get("metrics_sql") or body["data"]["metrics_sql"]


@pytest.mark.parametrize("folder", ["alerts", "apis"])
def test_alerts_and_apis(folder: str) -> None:
    """Alerts and APIs name a view, fields that it has, and settings that exist."""
    for name, body in sample_project.resources(folder).items():
        (query,) = sample_project.queries(asked_of(body))
        view, fields, rest = query
        assert [f for f in fields if not sample_project.has_field(view, f)] == [], name
        for setting in re.findall(r"\.env\.(\w+)", rest):
            assert setting in SETTINGS["env"], name


def test_alerts_run_without_the_cloud() -> None:
    """Alerts are also checked by a local Rill and have somebody to tell."""
    for name, body in sample_project.resources("alerts").items():
        assert body["refresh"]["run_in_dev"] is True, name
        assert body["notify"]["email"]["recipients"], name


def test_reports() -> None:
    """A report asks for fields that its view has."""
    for name, body in sample_project.resources("reports").items():
        args = body["query"]["args"]
        names = [f["name"] for key in ("dimensions", "measures") for f in args[key]]
        assert all(sample_project.has_field(args["metrics_view"], n) for n in names), (
            name
        )
