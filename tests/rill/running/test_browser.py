"""Every canvas and explore in a real browser, over the demo."""

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
from tests.rill.running.rill_process import NOBODY, RunningRill, started

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytest.importorskip("playwright", reason="playwright is not installed")

from launcher.demo_load import load_demo
from tests.rill.running import browser as headless
from tests.rill.running.pictures import address

pytestmark = [pytest.mark.rill, pytest.mark.browser, pytest.mark.timeout(1500)]

CHARTS = {
    "line_chart", "bar_chart", "area_chart", "stacked_bar", "stacked_bar_normalized",
    "donut_chart", "pie_chart", "heatmap", "combo_chart", "funnel_chart",
}  # fmt: skip
PRIVATE = [name for name, body in sample_project.CANVASES.items() if "security" in body]
PUBLIC = [name for name in sample_project.CANVASES if name not in PRIVATE]
# People of the demo, and the officers whose leads each may see.
OFFICER, LEAD = "tom.brandt@lakeprairie.example", "maria.alvarez@lakeprairie.example"
OWN = {OFFICER: {"Tom Brandt"}, NOBODY: set()}
# What an empty list or chart says; only a viewer without rows should read it.
EMPTY = ("No Data to Display", "No data to show")


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
    """Return how many charts a canvas has."""
    return sum(tile.renderer in CHARTS for tile in sample_project.tiles(canvas))


def number_tiles(canvas: str) -> int:
    """Return how many single numbers a canvas has."""
    return sum(
        len(tile.body["measures"])
        for tile in sample_project.tiles(canvas)
        if tile.renderer == "kpi_grid"
    )


def titles(canvas: str) -> list[str]:
    """Return the titles of the tiles of a canvas."""
    bodies = [tile.body for tile in sample_project.tiles(canvas)]
    return [body["title"] for body in bodies if "title" in body]


@pytest.mark.parametrize("width", [1280, 1920])
@pytest.mark.parametrize("canvas", sample_project.CANVASES)
def test_canvas(demo: RunningRill, chromium: Browser, canvas: str, width: int) -> None:
    """Over the demo every tile of every tab is filled and no word is cut off."""
    seen = headless.look(chromium, address(demo, canvas), width)
    assert seen.complaints == []
    assert [phrase for phrase in EMPTY if phrase in seen.text] == []
    assert seen.charts == charts(canvas)
    assert len(seen.numbers) == number_tiles(canvas)
    assert [n for n in seen.numbers if n.strip() in ("", "null", "-", "no data")] == []
    assert [title for title in titles(canvas) if title not in seen.text] == []
    assert seen.cut == []


@pytest.mark.parametrize("canvas", PUBLIC)
@pytest.mark.parametrize("person", OWN)
def test_canvas_as_somebody(
    demo: RunningRill, chromium: Browser, canvas: str, person: str
) -> None:
    """An officer or a stranger sees no error and nobody else's name."""
    officers = {
        row["loan_officer"]
        for row in demo.measures("leads", ["loan_officer"], ["new_leads"])
    }
    assert OWN[person] < officers
    seen = headless.look(chromium, address(demo, canvas), token=demo.token(person))
    assert [p for p in seen.complaints if p not in EMPTY] == []
    assert sample_project.CANVASES[canvas]["display_name"] in seen.text
    shown = {name for name in officers if name in seen.text}
    # The page of one officer is asked for by name, so the filter bar shows that name.
    asked = {name for name in officers if name in address(demo, canvas)}
    assert shown <= OWN[person] | asked


def test_canvas_as_team_lead(demo: RunningRill, chromium: Browser) -> None:
    """A team lead sees the team's officers and no others, without an error."""
    token = demo.token(LEAD)
    count = (["loan_officer"], ["new_leads"])
    everybody = {row["loan_officer"] for row in demo.measures("leads", *count)}
    team = {row["loan_officer"] for row in demo.measures("leads", *count, token)}
    assert {"Maria Alvarez"} < team < everybody
    for canvas in ("today", "team", "lead_sources"):
        seen = headless.look(chromium, address(demo, canvas), token=token)
        assert seen.complaints == [], canvas
        assert not [name for name in everybody - team if name in seen.text], canvas


@pytest.mark.parametrize("canvas", ["today", "team", "lead_sources"])
def test_view_as(demo: RunningRill, chromium: Browser, canvas: str) -> None:
    """After "View as" an officer, an open page shows that officer's leads alone."""
    with headless.opened(chromium, f"{demo.url}/canvas/{canvas}") as page:
        headless.read_to_end(page)
        before = page.locator(".big-number").all_inner_texts()
        view_as(page, OFFICER)
        headless.read_to_end(page)
        text = page.inner_text("body")
        complaints = [p for p in headless.COMPLAINTS if p in text and p not in EMPTY]
        assert complaints == []
        assert "Grace Kim" not in text
        assert page.locator(".big-number").all_inner_texts() != before


@pytest.mark.parametrize("canvas", PRIVATE)
def test_view_as_on_a_private_page(
    demo: RunningRill, chromium: Browser, canvas: str
) -> None:
    """A private page that an administrator has open loses its private numbers.

    Rill 0.88 leaves its frame there until the page is opened again; whoever is no
    administrator cannot open it at all.
    """
    private = "spend" if canvas == "lead_costs" else "top_officer_share"
    view = "lead_source_months" if canvas == "lead_costs" else "loan_officers"
    (title,) = (
        measure["display_name"]
        for measure in sample_project.VIEWS[view]["measures"]
        if measure["name"] == private
    )
    number = page_number(title)
    with headless.opened(chromium, f"{demo.url}/canvas/{canvas}") as page:
        headless.read_to_end(page)
        assert page.locator(number).inner_text().strip()
        view_as(page, OFFICER)
        headless.read_to_end(page)
        assert page.locator(number).all_inner_texts() in ([], [""])


def page_number(title: str) -> str:
    """Return what selects the number under a title."""
    return f'.kpi-wrapper:has(.measure-name:text-is("{title}")) .big-number'


def view_as(page: Page, email: str) -> None:
    """Choose a mock user in Rill's menu."""
    page.get_by_text("View as").click()
    page.get_by_role("menuitem", name=email).click()


@pytest.mark.parametrize("person", [*OWN, LEAD])
def test_private_pages_are_not_listed(demo: RunningRill, person: str) -> None:
    """Who may not open a page does not find it among the dashboards either."""
    listed = {
        resource["meta"]["name"]["name"]
        for resource in demo.resources("Canvas", demo.token(person))
    }
    assert listed == set(PUBLIC)
    assert {
        resource["meta"]["name"]["name"]
        for resource in demo.resources("Canvas", demo.token("boss@x.example", True))
    } == set(sample_project.CANVASES)


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
    with headless.opened(chromium, f"{demo.url}/canvas/{canvas}", dark=True) as page:
        headless.settle(page)
        assert "dark" in (page.locator("html").get_attribute("class") or "")
    seen = headless.look(chromium, f"{demo.url}/canvas/{canvas}", dark=True)
    assert seen.complaints == []
    assert seen.charts == charts(canvas)
