"""Pages in a real browser as officers, team leads and strangers see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness import rill_files
from harness.rill_process import NOBODY, RunningRill

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytest.importorskip("playwright", reason="playwright is not installed")

from harness import browser as headless
from harness.pictures import address

pytestmark = [pytest.mark.rill, pytest.mark.browser, pytest.mark.timeout(1500)]

PRIVATE = [name for name, body in rill_files.CANVASES.items() if "security" in body]
PUBLIC = [name for name in rill_files.CANVASES if name not in PRIVATE]
# People of the demo, and the officers whose leads each may see.
OFFICER, LEAD = "tom.brandt@lakeprairie.example", "maria.alvarez@lakeprairie.example"
OWN = {OFFICER: {"Tom Brandt"}, NOBODY: set()}


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
    assert [p for p in seen.complaints if p not in headless.EMPTY] == []
    assert rill_files.CANVASES[canvas]["display_name"] in seen.text
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
        complaints = [
            p for p in headless.COMPLAINTS if p in text and p not in headless.EMPTY
        ]
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
        for measure in rill_files.VIEWS[view]["measures"]
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
    } == set(rill_files.CANVASES)
