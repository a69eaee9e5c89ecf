"""Every file of the Rill project is one that Rill understands as meant.

Rill ignores misspelled keys of models, connectors and tiles without a word.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import rill_files

COMMON = {"type", "version", "name", "refs", "dev", "prod"}
TEXTS = {"display_name", "description", "ai_instructions"}
KEYS = {
    "connector": {"driver", "path", "mode", "init_sql"},
    "model": {
        "description", "connector", "sql", "path", "materialize", "tests", "output",
        "refresh", "duckdb", "retry", "timeout", "format", "invalidate_on_change",
        "pre_exec",
    },
    "metrics_view": TEXTS | {
        "model", "timeseries", "watermark", "smallest_time_grain",
        "first_day_of_week", "dimensions", "measures", "security", "annotations",
        "cache",
    },
    "explore": TEXTS | {
        "metrics_view", "dimensions", "measures", "theme", "time_ranges",
        "time_zones", "lock_time_zone", "defaults", "security", "banner",
    },
    "canvas": {
        "display_name", "defaults", "filters", "rows", "theme", "max_width",
        "time_ranges", "security",
    },
    "theme": {"light", "dark"},
    "alert": {
        "display_name", "refresh", "data", "for", "on_recover", "on_fail", "on_error",
        "renotify", "renotify_after", "notify", "timeout",
    },
    "report": {"display_name", "refresh", "data", "export", "notify", "annotations"},
    "api": {"metrics_sql", "openapi", "security"},
}  # fmt: skip
DIMENSION_KEYS = {
    "name", "display_name", "description", "column", "expression", "uri", "type",
    "unnest", "tags",
}  # fmt: skip
MEASURE_KEYS = {
    "name", "display_name", "description", "expression", "type", "requires",
    "format_preset", "format_d3", "valid_percent_of_total", "treat_nulls_as",
    "lower_is_better", "tags",
}  # fmt: skip
PRESETS = {"none", "humanize", "currency_usd", "percentage", "interval_ms"}


def name(path: Path) -> str:
    """Where a file is, below the project."""
    return str(path.relative_to(rill_files.RILL))


@pytest.mark.parametrize("path", rill_files.files(), ids=name)
def test_type_and_keys(path: Path) -> None:
    """The type is written out and every key is one that the type has."""
    body = rill_files.load(path)
    assert body.get("type") in KEYS, "no `type:` that is known here"
    assert set(body) - COMMON - KEYS[body["type"]] == set()


@pytest.mark.parametrize("view", rill_files.VIEWS)
def test_metrics_view(view: str) -> None:
    """Fields are spelled right, explained, and unique; the week begins on Monday."""
    body = rill_files.VIEWS[view]
    assert (body["version"], body["first_day_of_week"]) == (1, 1)
    assert body["description"]
    assert body["ai_instructions"]
    assert "access" in body["security"]
    names = [
        field["name"] for field in (*body.get("dimensions", []), *body["measures"])
    ]
    assert len(names) == len(set(names))
    for dimension in body.get("dimensions", []):
        assert set(dimension) <= DIMENSION_KEYS, dimension["name"]
    for measure in body["measures"]:
        assert set(measure) <= MEASURE_KEYS, measure["name"]
        assert measure["description"], measure["name"]
        assert measure.get("format_preset", "none") in PRESETS, measure["name"]
    if "timeseries" in body:
        assert "watermark" in body, "ranges would end at the view's own last row"


def test_mock_users_cover_every_role() -> None:
    """An admin, a team lead, an officer and a stranger can be tried."""
    admins = [user["admin"] for user in rill_files.SETTINGS["mock_users"]]
    assert admins.count(True) == 1
    assert admins.count(False) >= 3


def test_themes_exist() -> None:
    """The theme that dashboards take by default is there, light and dark."""
    for kind in ("explores", "canvases"):
        theme = rill_files.resources("themes")[rill_files.SETTINGS[kind]["theme"]]
        assert theme["light"].keys() == theme["dark"].keys()
