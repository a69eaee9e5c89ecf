"""The metrics views have the names that everything else relies on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from launcher.duckdb.rill_project import read_project
from tests.rill.conftest import RILL
from tests.rill.reference import VIEWS

Names = dict[str, dict[str, list[str]]]


def promised() -> Names:
    """View to axis, dimensions and measures, from the list beside this file."""
    names: Names = {}
    view = ""
    for line in (Path(__file__).parent / "names.txt").read_text().splitlines():
        if line.startswith("#") or not line.strip():
            continue
        kind, name = line.split()
        if kind == "view":
            view = name
            names[view] = {"axis": [], "dimension": [], "measure": []}
        elif name != "-":
            names[view][kind].append(name)
    return names


PROMISED = promised()


@pytest.fixture(scope="module")
def views() -> dict[str, dict[str, Any]]:
    """Bodies of the metrics views by name."""
    project = read_project(RILL, {})
    return {
        name: resource.body
        for name, resource in project.of_kind("metrics_view").items()
    }


def test_list_is_whole() -> None:
    """The list itself has not lost a line."""
    assert len(PROMISED) == 14
    assert sum(len(view["measure"]) for view in PROMISED.values()) == 192


def test_views(views: dict[str, dict[str, Any]]) -> None:
    """Every promised view is there."""
    assert PROMISED.keys() <= views.keys()


@pytest.mark.parametrize("view", PROMISED)
def test_axis(views: dict[str, dict[str, Any]], view: str) -> None:
    """The view has the promised time axis, or none, and ends at as_of."""
    axis = views[view].get("timeseries")
    assert [axis] * (axis is not None) == PROMISED[view]["axis"]
    assert ("watermark" in views[view]) == (axis is not None)


@pytest.mark.parametrize("view", PROMISED)
def test_dimensions(views: dict[str, dict[str, Any]], view: str) -> None:
    """Every promised dimension is there."""
    given = {d.get("name", d.get("column")) for d in views[view].get("dimensions", [])}
    assert set(PROMISED[view]["dimension"]) - given == set()


@pytest.mark.parametrize("view", PROMISED)
def test_measures(views: dict[str, dict[str, Any]], view: str) -> None:
    """Every promised measure is there, and says what it means."""
    given = {measure["name"]: measure for measure in views[view]["measures"]}
    assert set(PROMISED[view]["measure"]) - given.keys() == set()
    assert [name for name in given if not given[name].get("description")] == []


def test_plain_calculation_knows_them_all() -> None:
    """Each promised measure but the wall clock's is calculated a second time."""
    for view, names in PROMISED.items():
        if view != "load_age":
            assert set(names["measure"]) == VIEWS[view].MEASURES.keys()
