"""Every canvas and explore in a real browser, over the demo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness import rill_files
from harness.rill_process import RunningRill

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytest.importorskip("playwright", reason="playwright is not installed")

from harness import browser as headless
from harness.pictures import address

pytestmark = [pytest.mark.rill, pytest.mark.browser, pytest.mark.timeout(1500)]

CHARTS = {
    "line_chart", "bar_chart", "area_chart", "stacked_bar", "stacked_bar_normalized",
    "donut_chart", "pie_chart", "heatmap", "combo_chart", "funnel_chart",
}  # fmt: skip


def charts(canvas: str) -> int:
    """Return how many charts a canvas has."""
    return sum(tile.renderer in CHARTS for tile in rill_files.tiles(canvas))


def number_tiles(canvas: str) -> int:
    """Return how many single numbers a canvas has."""
    return sum(
        len(tile.body["measures"])
        for tile in rill_files.tiles(canvas)
        if tile.renderer == "kpi_grid"
    )


def titles(canvas: str) -> list[str]:
    """Return the titles of the tiles of a canvas."""
    bodies = [tile.body for tile in rill_files.tiles(canvas)]
    return [body["title"] for body in bodies if "title" in body]


@pytest.mark.parametrize("width", [1280, 1920])
@pytest.mark.parametrize("canvas", rill_files.CANVASES)
def test_canvas(demo: RunningRill, chromium: Browser, canvas: str, width: int) -> None:
    """Over the demo every tile of every tab is filled and no word is cut off."""
    seen = headless.look(chromium, address(demo, canvas), width)
    assert seen.complaints == []
    assert [phrase for phrase in headless.EMPTY if phrase in seen.text] == []
    assert seen.charts == charts(canvas)
    assert len(seen.numbers) == number_tiles(canvas)
    assert [n for n in seen.numbers if n.strip() in ("", "null", "-", "no data")] == []
    assert [title for title in titles(canvas) if title not in seen.text] == []
    assert seen.cut == []


@pytest.mark.parametrize("explore", rill_files.EXPLORES)
def test_explore(demo: RunningRill, chromium: Browser, explore: str) -> None:
    """Over the demo an explore shows its measures and dimensions."""
    seen = headless.look(chromium, f"{demo.url}/explore/{explore}")
    assert seen.complaints == []
    fields = rill_files.VIEWS[explore]
    shown = rill_files.EXPLORES[explore]["defaults"]
    for field in (*fields["measures"], *fields.get("dimensions", [])):
        if field["name"] in (*shown["measures"], *shown.get("dimensions", [])):
            assert field["display_name"] in seen.text.replace("\n", " ")


def test_call_list_in_order_with_links(demo: RunningRill, chromium: Browser) -> None:
    """The first call of Today is the first by rank, one click away from Bonzo."""
    first, second = demo.metrics_sql(
        "select prospect, prospect_id, call_rank from open_pipeline "
        "where why_now in ('1: reply unanswered', '2: new, no person yet', "
        "'3: pre-approved and silent', '4: stale') order by call_rank limit 2"
    )
    with headless.opened(chromium, f"{demo.url}/canvas/today") as page:
        headless.read_to_end(page)
        table = page.locator("table").first
        rows = list(filter(None, table.locator("tbody tr").all_inner_texts()))
        links = table.locator("tbody a")
        assert first["prospect"] in rows[0]
        assert second["prospect"] in rows[1]
        assert links.first.get_attribute("href") == (
            f"https://platform.getbonzo.com/prospect/{first['prospect_id']}"
        )


def test_nobody_on_a_call_list_must_not_be_called(
    demo: RunningRill, chromium: Browser
) -> None:
    """No lead of the group "do not call" is named among the calls of Today."""
    hidden = demo.metrics_sql(
        "select prospect from open_pipeline where why_now = '6: do not call'"
    )
    assert hidden
    with headless.opened(chromium, f"{demo.url}/canvas/today") as page:
        headless.read_to_end(page)
        for number in range(3):
            text = page.locator("table").nth(number).inner_text()
            assert not [row for row in hidden if row["prospect"] in text]


def test_officer_page_asks_whose_it_is(demo: RunningRill, chromium: Browser) -> None:
    """The page of one officer shows no number before one is chosen."""
    seen = headless.look(chromium, f"{demo.url}/canvas/officer")
    assert "Select a value to continue" in seen.text
    assert seen.numbers == []


@pytest.mark.parametrize("canvas", ["today", "pipeline"])
def test_dark(demo: RunningRill, chromium: Browser, canvas: str) -> None:
    """The dark look fills every tile, too, on the theme's dark ground."""
    seen = headless.look(chromium, f"{demo.url}/canvas/{canvas}", dark=True)
    assert "dark" in seen.theme
    assert seen.complaints == []
    assert seen.charts == charts(canvas)
