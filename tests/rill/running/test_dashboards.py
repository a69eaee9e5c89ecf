"""Every tile, explore, alert, report and API asks for what exists.

Rill checks none of this: a wrong field of a tile shows only in a browser.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from harness import rill_files
from harness.rill_files import CANVASES, EXPLORES, SETTINGS, VIEWS, Tile

CARTESIAN = {
    "line_chart", "bar_chart", "area_chart", "stacked_bar", "stacked_bar_normalized",
}  # fmt: skip
CHARTS = CARTESIAN | {
    "donut_chart", "pie_chart", "heatmap", "combo_chart", "funnel_chart",
}  # fmt: skip
TABLES = {"table", "pivot", "leaderboard"}
RENDERERS = CHARTS | TABLES | {"kpi_grid", "markdown"}
PURPOSES = {
    "today", "executive", "pipeline", "campaigns", "team", "officer", "lead_sources",
    "loan_book", "trust", "lead_costs", "workload",
}  # fmt: skip
# Pages that only administrators may open.
PRIVATE = {"lead_costs", "workload"}
# The order in which people expect the values of a dimension.
STAGES = re.findall(
    r"\('([^']+)', \d, (?:true|false)\)",
    (rill_files.ROOT / "schema.sql").read_text(),
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
    "why_now": [
        "1: reply unanswered", "2: new, no person yet", "3: pre-approved and silent",
        "4: stale", "5: nothing due", "6: do not call",
    ],
    "credit_band": [
        "1: 740+", "2: 700-739", "3: 660-699", "4: 620-659", "5: under 620",
        "6: unknown",
    ],
    "due_bucket": ["1: overdue", "2: today", "3: next 7 days", "4: later"],
    "deadline": ["Rate lock ends", "Planned closing", "Pre-approval ages"],
    "zone_basis": ["Bonzo", "state", "unknown"],
    "local_hour": [*(f"{hour:02}" for hour in range(24)), "unknown"],
}  # fmt: skip
TILES = rill_files.all_tiles()
DATA_TILES = [tile for tile in TILES if tile.renderer != "markdown"]
TEXT_TILES = [tile for tile in TILES if tile.renderer == "markdown"]


def where(tile: Tile) -> str:
    """A tile's place, for a test report."""
    return tile.where


def test_canvases_and_explores_are_all_there() -> None:
    """The canvases exist, and an explore of the same name for every view."""
    assert set(CANVASES) == PURPOSES
    assert set(EXPLORES) == set(VIEWS)
    assert all(body["metrics_view"] == name for name, body in EXPLORES.items())


@pytest.mark.parametrize("name", CANVASES)
def test_grid(name: str) -> None:
    """Rows have a height in pixels and fill the twelve columns."""
    for _, row in rill_files.rows(name):
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
    names = list(rill_files.fields(tile.body))
    assert names, "a tile without a field"
    assert [name for name in names if not rill_files.has_field(view, name)] == []


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
            assert field["field"] in rill_files.measures(view)
        else:
            assert field["field"] in rill_files.dimensions(view)


def listed(tile: Tile) -> list[tuple[str, list[str]]]:
    """Dimension and values of each sort list or color list of a tile."""
    found = []
    for role in ("x", "y", "color", "stage"):
        field = tile.body.get(role)
        if isinstance(field, dict):
            if isinstance(field.get("sort"), list):
                found.append((field["field"], field["sort"]))
            if "values" in field:
                found.append((field["field"], field["values"]))
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
    axis, split = tile.body.get("x"), tile.body.get("color")
    if isinstance(axis, dict) and axis["field"] in ORDERS:
        assert isinstance(axis["sort"], list)
    if isinstance(split, dict) and split["field"] in ORDERS:
        assert split["values"], "its legend would be sorted by size"


@pytest.mark.parametrize("tile", DATA_TILES, ids=where)
def test_tables_have_an_order(tile: Tile) -> None:
    """A table sorts its rows by its first measure, the largest on top, and by no other.

    So stages and bands are no rows of a pivot, and a list of names has a measure that
    falls with their order. Without a measure Rill calls an empty list unfinished.
    """
    if tile.renderer == "pivot":
        assert not set(tile.body["row_dimensions"]) & set(ORDERS)
        assert tile.body["measures"]
    if tile.renderer == "table":
        measures = rill_files.measures(tile.body["metrics_view"])
        shown = [name for name in tile.body["columns"] if name in measures]
        assert shown in (["call_priority"], ["days_late"])


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


@pytest.mark.parametrize("tile", DATA_TILES, ids=where)
def test_no_sparkline_by_hour(tile: Tile) -> None:
    """A small line beside a number is for views by day.

    Before Rill knows the range it asks for all time by hour, and refuses to answer
    with more than 10,000 rows: the hours of 14 months.
    """
    view = VIEWS.get(tile.body.get("metrics_view"), {})
    if tile.renderer == "kpi_grid" and view.get("smallest_time_grain") == "hour":
        assert tile.body["sparkline"] == "none"


@pytest.mark.parametrize("tile", TEXT_TILES, ids=where)
def test_queries_in_texts(tile: Tile) -> None:
    """Metrics SQL in a text names a view and only fields that it has."""
    content = tile.body["content"]
    asked = list(rill_files.queries(content))
    assert len(asked) == content.count("metrics_sql")
    for view, fields, rest in asked:
        assert view in VIEWS
        assert [f for f in fields if not rill_files.has_field(view, f)] == []
        # Rill 2026 builds broken SQL of a `where` beside the canvas's filters.
        assert " where " not in f" {rest} "
        # A text asks once: after "View as" it still shows what the first viewer
        # may see. And what outsiders write would act as Markdown.
        assert view == "data_trust", "only what everybody may see"


@pytest.mark.parametrize("name", CANVASES)
def test_private_numbers_are_on_private_pages(name: str) -> None:
    """A page with numbers for administrators alone lets nobody else in."""
    hidden = {
        view: {n for rule in body["security"].get("exclude", []) for n in rule["names"]}
        for view, body in VIEWS.items()
    }
    private = name in PRIVATE
    assert ("security" in CANVASES[name]) == private
    if private:
        assert CANVASES[name]["security"] == {"access": "{{ .user.admin }}"}
        return
    for tile in rill_files.tiles(name):
        view = tile.body.get("metrics_view")
        if view:
            assert VIEWS[view]["security"]["access"] == "true", tile.where
            assert not set(rill_files.fields(tile.body)) & hidden[view], tile.where


@pytest.mark.parametrize("tile", DATA_TILES, ids=where)
def test_call_lists_leave_out_who_must_not_be_called(tile: Tile) -> None:
    """A list of names to call never holds a lead of the group "do not call"."""
    if tile.body["metrics_view"] == "open_pipeline" and "prospect" in str(tile.body):
        groups = re.findall(r"'(\d: [^']+)'", tile.body["dimension_filters"])
        kept = tile.body["dimension_filters"].startswith("why_now IN")
        assert set(groups) <= set(ORDERS["why_now"])
        assert ("6: do not call" in groups) != kept


def test_long_canvases_have_tabs() -> None:
    """No page is longer than about two screens before its tabs."""
    for name, body in CANVASES.items():
        heights = [int(row["height"][:-2]) for row in body["rows"] if "height" in row]
        assert sum(heights) <= 2000, name


@pytest.mark.parametrize("name", CANVASES)
def test_first_tile_says_when_and_where(name: str) -> None:
    """Each canvas opens with as_of and the company's time zone."""
    first = next(rill_files.tiles(name))
    assert first.renderer == "markdown"
    assert "select as_of from data_trust" in first.body["content"]
    assert "{{ .env.company_time_zone }}" in first.body["content"]


@pytest.mark.parametrize("name", CANVASES)
def test_canvas_filters(name: str) -> None:
    """Pinned filters are dimensions of a view on the canvas; the range is known."""
    body = CANVASES[name]
    views = {
        t.body["metrics_view"]
        for t in rill_files.tiles(name)
        if "metrics_view" in t.body
    }
    known = set().union(*map(rill_files.dimensions, views))
    assert set(body["filters"]["pinned"]) <= known
    range_ = body["defaults"].get("time_range")
    assert range_ is None or range_ in SETTINGS["canvases"]["time_ranges"]


@pytest.mark.parametrize("name", EXPLORES)
def test_explore(name: str) -> None:
    """An explore starts with fields that its view has, over a range on offer."""
    defaults = EXPLORES[name]["defaults"]
    assert set(defaults["measures"]) <= rill_files.measures(name)
    assert set(defaults.get("dimensions", [])) <= rill_files.dimensions(name)
    assert ("time_range" in defaults) == ("timeseries" in VIEWS[name])
    if "time_range" in defaults:
        assert defaults["time_range"] in SETTINGS["explores"]["time_ranges"]


def asked_of(body: dict[str, Any]) -> str | None:
    """Return the metrics SQL of an alert, API or report; None if it asks a model."""
    return body.get("metrics_sql") or body["data"].get("metrics_sql")


@pytest.mark.parametrize("folder", ["alerts", "apis", "reports"])
def test_alerts_and_apis(folder: str) -> None:
    """Alerts, APIs and reports name a view, its fields, and settings that exist."""
    for name, body in rill_files.resources(folder).items():
        if asked_of(body) is None:
            assert "sql" in body["data"], name
            continue
        (query,) = rill_files.queries(asked_of(body))
        view, fields, rest = query
        assert [f for f in fields if not rill_files.has_field(view, f)] == [], name
        for setting in re.findall(r"\.env\.(\w+)", rest):
            assert setting in SETTINGS["env"], name


def test_alerts_run_without_the_cloud() -> None:
    """Alerts are also checked by a local Rill and have somebody to tell."""
    for name, body in rill_files.resources("alerts").items():
        assert body["refresh"]["run_in_dev"] is True, name
        assert body["notify"]["email"]["recipients"], name


def test_reports_have_recipients() -> None:
    """A report is sent as a spreadsheet to somebody, at a company time."""
    for name, body in rill_files.resources("reports").items():
        assert body["export"]["format"] == "xlsx", name
        assert body["refresh"]["time_zone"], name
        assert body["notify"]["email"]["recipients"], name
