"""A headless Chromium that looks at dashboards as a person would."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, Page, sync_playwright

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
# Tall enough for every canvas: Rill fills only the tiles in sight.
HEIGHT = 5000
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
    "__RILL__FORMAT__",
    "<no value>",
    "NaN",
)
# Counts what is still on its way: gray bars, spinners, tiles without a chart.
BUSY = """() => document.querySelectorAll(
    '.loading, .animate-pulse, .animate-spin, [data-status="running"]').length"""
# Texts that do not fit their box and are cut off with dots.
CUT = """() => [...document.querySelectorAll('.measure-name, .title')]
    .filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.textContent.trim())"""


@dataclass(frozen=True)
class Seen:
    """What a page shows: its text, charts, number tiles, and words cut off."""

    text: str
    charts: int
    numbers: list[str]
    cut: list[str]

    @property
    def complaints(self) -> list[str]:
        """Phrases on the page that say that something failed."""
        return [phrase for phrase in COMPLAINTS if phrase in self.text]


def chromium() -> str | None:
    """Path of an installed Chromium, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def launched(program: str) -> Iterator[Browser]:
    """A headless browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=OPTIONS)
        try:
            yield browser
        finally:
            browser.close()


def look(
    browser: Browser, url: str, expected_charts: int = 0, width: int = 1280
) -> Seen:
    """Open a page, wait until all of it is drawn, and say what it shows."""
    page = browser.new_page(viewport={"width": width, "height": HEIGHT})
    try:
        page.goto(url, wait_until="domcontentloaded")
        _settle(page, expected_charts)
        return Seen(
            text=page.inner_text("body"),
            charts=page.locator("canvas.marks").count(),
            numbers=page.locator(".big-number").all_inner_texts(),
            cut=page.evaluate(CUT),
        )
    finally:
        page.close()


def _settle(page: Page, expected_charts: int) -> None:
    """Wait until the page stands still for two seconds, or time is up."""
    still, before = 0, ""
    for _ in range(SETTLED_SECONDS * 2):
        page.wait_for_timeout(500)
        charts = page.locator("canvas.marks").count()
        now = f"{charts} {page.inner_text('body')}"
        busy = page.evaluate(BUSY) or charts < expected_charts
        still = still + 1 if now == before and not busy else 0
        before = now
        if still >= 4:
            return
