"""Every canvas and explore in a real browser, over the demo and over nothing."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import NewDatabase
from tests.rill.running import sample_project
from tests.rill.running.conftest import variables
from tests.rill.running.rill_process import RunningRill, started

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytest.importorskip("playwright", reason="playwright is not installed")

from launcher.demo_load import load_demo
from launcher.rill import csv_files
from tests.rill.running import browser as headless

pytestmark = [pytest.mark.rill, pytest.mark.browser, pytest.mark.timeout(1500)]

CHARTS = {
    "line_chart", "bar_chart", "area_chart", "stacked_bar", "stacked_bar_normalized",
    "donut_chart", "pie_chart", "heatmap", "combo_chart", "funnel_chart",
}  # fmt: skip


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A headless Chromium."""
    program = headless.chromium()
    if program is None:
        pytest.skip("no Chromium installed: dashboards were not looked at")
    with headless.launched(program) as browser:
        yield browser


@pytest.fixture(scope="module")
def demo(
    rill_binary: str, chromium: Browser, new_database: NewDatabase
) -> Iterator[RunningRill]:
    """Rill with its pages over the demo's year."""
    home = Path(tempfile.mkdtemp(prefix="bonzo-pages-"))
    with new_database(empty=True) as dsn:
        data = home / "data"
        load_demo(dsn, data, prospects=900)
        with started(rill_binary, home, variables(dsn, data), ui=True) as rill:
            assert rill.wait() == []
            yield rill
    shutil.rmtree(home, ignore_errors=True)


def charts(canvas: str) -> int:
    """How many charts a canvas has."""
    return sum(tile.renderer in CHARTS for tile in sample_project.tiles(canvas))


def number_tiles(canvas: str) -> int:
    """How many single numbers a canvas has."""
    return sum(
        len(tile.body["measures"])
        for tile in sample_project.tiles(canvas)
        if tile.renderer == "kpi_grid"
    )


def titles(canvas: str) -> list[str]:
    """The titles of the tiles of a canvas."""
    bodies = [tile.body for tile in sample_project.tiles(canvas)]
    return [body["title"] for body in bodies if "title" in body]


@pytest.mark.parametrize("width", [1280, 1920])
@pytest.mark.parametrize("canvas", sample_project.CANVASES)
def test_canvas(demo: RunningRill, chromium: Browser, canvas: str, width: int) -> None:
    """Over the demo every tile is filled and no word is cut off."""
    url = f"{demo.url}/canvas/{canvas}"
    seen = headless.look(chromium, url, charts(canvas), width)
    assert seen.complaints == []
    assert seen.charts == charts(canvas)
    assert len(seen.numbers) == number_tiles(canvas)
    assert [n for n in seen.numbers if n.strip() in ("", "null", "-", "no data")] == []
    assert [title for title in titles(canvas) if title not in seen.text] == []
    assert seen.cut == []


@pytest.mark.parametrize("explore", sample_project.EXPLORES)
def test_explore(demo: RunningRill, chromium: Browser, explore: str) -> None:
    """Over the demo an explore shows its measures and dimensions."""
    seen = headless.look(chromium, f"{demo.url}/explore/{explore}")
    assert seen.complaints == []
    fields = sample_project.VIEWS[explore]
    shown = sample_project.EXPLORES[explore]["defaults"]
    for field in (*fields["measures"], *fields.get("dimensions", [])):
        if field["name"] in (*shown["measures"], *shown.get("dimensions", [])):
            assert field["display_name"] in seen.text.replace("\n", " ")


def test_call_list_links_to_bonzo(demo: RunningRill, chromium: Browser) -> None:
    """A click on a name of the call list opens that lead in Bonzo."""
    page = chromium.new_page(viewport={"width": 1280, "height": headless.HEIGHT})
    page.goto(f"{demo.url}/canvas/pipeline", wait_until="domcontentloaded")
    link = page.locator(".canvas-markdown td a").first
    link.wait_for(timeout=120_000)
    number = link.inner_text().rpartition("#")[2]
    address = link.get_attribute("href")
    page.close()
    assert address == f"https://platform.getbonzo.com/prospect/{number}"


def test_dark(demo: RunningRill, chromium: Browser) -> None:
    """The dark look fills every tile, too, on the theme's dark ground."""
    context = chromium.new_context(viewport={"width": 1280, "height": headless.HEIGHT})
    context.add_init_script("localStorage.setItem('rill:theme', '\"dark\"')")
    page = context.new_page()
    page.goto(f"{demo.url}/canvas/executive", wait_until="domcontentloaded")
    page.locator(".big-number").first.wait_for(timeout=120_000)
    assert "dark" in (page.locator("html").get_attribute("class") or "")
    context.close()


def test_canvases_open_over_nothing(
    demo: RunningRill, chromium: Browser, database: str
) -> None:
    """Over an empty database each canvas opens and says as of when."""
    data = demo.folder.parent / "nothing"
    csv_files.create_missing(data, sample_project.RILL / "data")
    demo.set_variables(variables(database, data))
    assert demo.refresh() == []
    for canvas, body in sample_project.CANVASES.items():
        seen = headless.look(chromium, f"{demo.url}/canvas/{canvas}")
        assert body["display_name"] in seen.text
        assert "As of no data yet" in seen.text
        assert "Failed to" not in seen.text
