"""How long a page takes until what is in sight is filled."""

from __future__ import annotations

from playwright.sync_api import Browser

from harness import browser as headless

PATIENCE = 120_000  # milliseconds
# Notes when something on the page changed last, in milliseconds since it was asked for.
WATCH = f"""
window.lastChange = 0;
new MutationObserver(changes => {{
    const page = document.querySelector('{headless.CANVAS}');
    if (page && changes.some(change => page.contains(change.target)))
        window.lastChange = performance.now();
}}).observe(document, {{ childList: true, subtree: true, characterData: true }});
"""
# Nothing in sight is on its way, and nothing has come for two seconds.
IS_STILL = f"""() => window.lastChange > 0
    && performance.now() - window.lastChange > 2000
    && ({headless.BUSY})() === 0"""


def seconds(browser: Browser, url: str, token: str) -> float:
    """Open a page as the holder of the token and return when it was filled."""
    with headless.opened(browser, headless.NOWHERE, token=token) as page:
        page.add_init_script(WATCH)
        page.goto(url, wait_until="domcontentloaded")
        page.wait_for_function(IS_STILL, timeout=PATIENCE)
        return page.evaluate("window.lastChange") / 1000
