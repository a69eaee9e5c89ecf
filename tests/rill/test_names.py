"""The metrics views have the names that everything else relies on."""

from __future__ import annotations

from typing import Any

import pytest

from launcher.duckdb.rill_project import read_project
from tests.rill.conftest import RILL
from tests.rill.names import PROMISED
from tests.rill.reference import VIEWS


@pytest.fixture(scope="module")
def views() -> dict[str, dict[str, Any]]:
    """Bodies of the metrics views by name."""
    project = read_project(RILL, {})
    return {
        name: resource.body
        for name, resource in project.of_kind("metrics_view").items()
    }


def test_views(views: dict[str, dict[str, Any]]) -> None:
    """Every promised view is there."""
    assert PROMISED.keys() <= views.keys()


@pytest.mark.parametrize("view", PROMISED)
def test_axis(views: dict[str, dict[str, Any]], view: str) -> None:
    """The view has the promised time axis, or none, and ends at as_of."""
    axis = views[view].get("timeseries")
    assert axis == PROMISED[view].axis
    assert ("watermark" in views[view]) == (axis is not None)


@pytest.mark.parametrize("view", PROMISED)
def test_dimensions(views: dict[str, dict[str, Any]], view: str) -> None:
    """Every promised dimension is there."""
    given = {d.get("name", d.get("column")) for d in views[view].get("dimensions", [])}
    assert set(PROMISED[view].dimensions) - given == set()


@pytest.mark.parametrize("view", PROMISED)
def test_measures(views: dict[str, dict[str, Any]], view: str) -> None:
    """Every promised measure is there, and says what it means."""
    given = {measure["name"]: measure for measure in views[view]["measures"]}
    assert set(PROMISED[view].measures) - given.keys() == set()
    assert [name for name in given if not given[name].get("description")] == []


def test_plain_calculation_knows_them_all() -> None:
    """Each promised measure but the wall clock's is calculated a second time."""
    for view, names in PROMISED.items():
        if view != "load_age":
            assert set(names.measures) == VIEWS[view].MEASURES.keys()
