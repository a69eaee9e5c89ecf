"""A headless Chromium that looks at dashboards as a person would."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from weakref import WeakKeyDictionary

from playwright.sync_api import (
    Browser,
    Locator,
    Page,
    Request,
    Response,
    sync_playwright,
)

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SETTLED_SECONDS = 120
# A page stands still when so many looks in a row, this far apart, found the same.
LOOKS, LOOK_MILLISECONDS = 5, 200
# Rill tells an open page of changes through an answer that never ends.
ENDLESS = "text/event-stream"
NOWHERE = "about:blank"
HEIGHT = 1000
HEADER = 160  # pixels above the scrolled part: Rill's own bar and the filters
# What Rill writes on a tile or a page that it cannot fill.
COMPLAINTS = (
    "Failed to",
    "Error:",
    "error loading",
    "Invalid Interval",
    "No Data to Display",
    "Sorry, unexpected error",
    "Not found",
    "could not be found",
    "not found",
    "is invalid",
    "Invalid measure",
    "__RILL__FORMAT__",
    "<no value>",
    "NaN",
)
# What an empty list or chart says; only a viewer without rows should read it.
EMPTY = ("No Data to Display", "No data to show")
# Counts what is still on its way: gray bars, spinners, tiles without a chart.
BUSY = """() => document.querySelectorAll(
    '.loading, .animate-pulse, .animate-spin, [data-status="running"]').length"""
# Names and cells that do not fit their box and are cut off with dots, and tables
# wider than their tile.
CUT = """() => [
    ...[...document.querySelectorAll('.measure-name, .title, article td, article td *')]
        .filter(e => getComputedStyle(e).textOverflow === 'ellipsis'
            && e.scrollWidth > e.clientWidth + 1)
        .map(e => e.textContent.trim()),
    ...[...document.querySelectorAll('article *')]
        .filter(e => e.querySelector('table')
            && ['auto', 'scroll'].includes(getComputedStyle(e).overflowX)
            && e.scrollWidth > e.clientWidth + 1)
        .map(e => 'too wide: ' + e.closest('article').innerText.split('\\n')[0])]"""
# Moves the page down by most of a screen; says whether there was more to see.
SCROLL = """() => {
    const page = document.querySelector('#canvas-scroll-container');
    if (!page) return false;
    const before = page.scrollTop;
    page.scrollTop += page.clientHeight * 0.8;
    return page.scrollTop > before;
}"""
TO_TOP = """() => {
    const page = document.querySelector('#canvas-scroll-container');
    if (page) page.scrollTop = 0;
    return page ? page.scrollHeight : 0;
}"""
HEADINGS = ".canvas-markdown :is(h1, h2, h3, h4)"
CANVAS, REGION = "#canvas-scroll-container", ".tab-group-region"
TABS = f"{REGION} [role=tab]"
# What a page has asked for and not got yet.
_unanswered: WeakKeyDictionary[Page, set[Request]] = WeakKeyDictionary()


@dataclass
class Seen:
    """What a page shows: its text, charts, number tiles, and words cut off."""

    text: str = ""
    charts: int = 0
    numbers: list[str] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)
    theme: str = ""

    @property
    def complaints(self) -> list[str]:
        """Phrases on the page that say that something failed."""
        return [phrase for phrase in COMPLAINTS if phrase in self.text]

    def add(self, page: Page, part: Locator) -> None:
        """Note what is in one part of the page."""
        self.text += part.inner_text() + "\n"
        self.charts += part.locator("canvas.marks").count()
        self.numbers += part.locator(".big-number").all_inner_texts()
        self.cut += page.evaluate(CUT)
        self.links += [
            link.get_attribute("href") or "" for link in part.locator("a").all()
        ]
        self.headings += part.locator(HEADINGS).all_inner_texts()


def chromium() -> str | None:
    """Return the path of an installed Chromium, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def launched(program: str) -> Iterator[Browser]:
    """Run a headless browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=OPTIONS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(
    browser: Browser, url: str, width: int = 1280, dark: bool = False, token: str = ""
) -> Iterator[Page]:
    """Open a page as the holder of the token."""
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHT},
        extra_http_headers={"Authorization": f"Bearer {token}"} if token else {},
    )
    look = "dark" if dark else "light"
    context.add_init_script(f"localStorage.setItem('rill:theme', '\"{look}\"')")
    page = context.new_page()
    _watch_requests(page)
    try:
        if url != NOWHERE:
            page.goto(url, wait_until="domcontentloaded")
        yield page
    finally:
        context.close()


def _watch_requests(page: Page) -> None:
    """Know at any time what a page still waits for."""
    unanswered = _unanswered[page] = set()

    def begin(request: Request) -> None:
        unanswered.add(request)

    def end(request: Request) -> None:
        unanswered.discard(request)

    def skip_endless(response: Response) -> None:
        if response.headers.get("content-type", "").startswith(ENDLESS):
            end(response.request)

    page.on("request", begin)
    page.on("response", skip_endless)
    page.on("requestfinished", end)
    page.on("requestfailed", end)


def look(
    browser: Browser,
    url: str,
    width: int = 1280,
    dark: bool = False,
    token: str = "",
    minds_spinners: bool = True,
) -> Seen:
    """Open a canvas or explore, read it to its end, tab by tab, and say what it shows.

    `token` is that of the person who looks; without one, an administrator's. With
    `minds_spinners` off, a tile may go on waiting for what it never asked for.
    """
    seen = Seen()

    with opened(browser, NOWHERE, width, dark, token) as page:

        def note(request: Request) -> None:
            seen.hosts.add(request.url.split("/")[2] if "//" in request.url else "")

        page.on("request", note)
        page.goto(url, wait_until="domcontentloaded")
        for number, _ in enumerate(each_tab(page, minds_spinners)):
            # The first look takes in what stands above the tabs, too.
            seen.add(page, page.locator(REGION if number else "body").first)
        seen.theme = page.locator("html").get_attribute("class") or ""
    return seen


def photograph(page: Page, file: Path) -> None:
    """Save a picture of the whole page, with the tab that is open."""
    size = page.viewport_size or {"width": 1280}
    height = page.evaluate(TO_TOP)
    page.set_viewport_size({"width": size["width"], "height": height + HEADER})
    # No tooltip, no hovered row.
    page.mouse.move(0, 0)
    settle(page)
    page.screenshot(path=file)
    page.set_viewport_size({"width": size["width"], "height": HEIGHT})


def each_tab(page: Page, minds_spinners: bool = True) -> Iterator[str]:
    """Open one tab after the other, scrolled to its end; give their labels.

    A page without tabs is one such step, with an empty label.
    """
    read_to_end(page, minds_spinners)
    labels = page.locator(TABS).all_inner_texts()
    yield labels[0].strip() if labels else ""
    for number, label in enumerate(labels[1:], 1):
        page.locator(TABS).nth(number).click()
        read_to_end(page, minds_spinners)
        yield label.strip()


def read_to_end(page: Page, minds_spinners: bool = True) -> None:
    """Scroll down screen by screen: Rill fills a tile when it comes into sight."""
    settle(page, minds_spinners)
    has_more = False
    while page.evaluate(SCROLL):
        has_more = True
        page.wait_for_timeout(200)
    if has_more:
        settle(page, minds_spinners)


def settle(page: Page, minds_spinners: bool = True) -> None:
    """Wait until the page has all it asked for and stands still, or time is up."""
    still, before = 0, ""
    for _ in range(SETTLED_SECONDS * 1000 // LOOK_MILLISECONDS):
        page.wait_for_timeout(LOOK_MILLISECONDS)
        text = page.inner_text("body")
        now = f"{page.locator('canvas.marks').count()} {text}"
        is_waiting = _unanswered[page] or (minds_spinners and page.evaluate(BUSY))
        still = still + 1 if text and now == before and not is_waiting else 0
        before = now
        if still >= LOOKS:
            return
