"""Every canvas in a real browser over no data at all, and over harmful texts."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness import rill_files
from harness.rill_process import RunningRill, started
from tests.conftest import NewDatabase
from tests.rill import fill_database, golden
from tests.rill.running.conftest import MARCH, variables

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytest.importorskip("playwright", reason="playwright is not installed")

from harness import browser as headless
from harness.pictures import address
from launcher.rill import csv_files

pytestmark = [pytest.mark.rill, pytest.mark.browser, pytest.mark.timeout(1500)]


@pytest.fixture(scope="module")
def pages(
    rill_binary: str, chromium: Browser, new_database: NewDatabase
) -> Iterator[RunningRill]:
    """Rill with its pages over an empty database."""
    home = Path(tempfile.mkdtemp(prefix="bonzo-pages-"))
    with new_database() as dsn:
        data = home / "data"
        csv_files.create_missing(data, rill_files.RILL / "data")
        with started(rill_binary, home, variables(dsn, data), ui=True) as rill:
            assert rill.wait() == []
            yield rill
    shutil.rmtree(home, ignore_errors=True)


def test_canvases_open_over_nothing(pages: RunningRill, chromium: Browser) -> None:
    """Over an empty database each canvas opens and says as of when."""
    for canvas, body in rill_files.CANVASES.items():
        if "required" in body["filters"]:
            continue  # there is nothing to choose
        # Without any row Rill knows no range, and a trend keeps waiting for one.
        url = f"{pages.url}/canvas/{canvas}"
        seen = headless.look(chromium, url, minds_spinners=False)
        assert body["display_name"] in seen.text
        assert "As of no data yet" in seen.text
        assert "Failed to" not in seen.text


def test_texts_of_outsiders_do_nothing(
    pages: RunningRill, chromium: Browser, database: str
) -> None:
    """What web forms and vendors write is shown as text on every canvas.

    No picture of theirs is fetched, no link, heading or broken table appears.
    """
    data = pages.folder.parent / "outsiders"
    fill_database.fill(database, data, written_by_outsiders(golden.tables()))
    pages.set_variables(MARCH.variables() | variables(database, data))
    assert pages.refresh() == []
    own = pages.url.split("/")[2]
    shown = ""
    for canvas in rill_files.CANVASES:
        seen = headless.look(chromium, address(pages, canvas))
        assert not [host for host in seen.hosts if "evil" in host], canvas
        assert not [link for link in seen.links if "evil" in link], canvas
        assert not [title for title in seen.headings if "Pwned" in title], canvas
        assert own in seen.hosts
        shown += seen.text
    # Long ones may be cut for display, so one that is whole will do.
    assert any(hostile(column) in shown for column in OUTSIDERS.values())


def hostile(column: str) -> str:
    """Return a text that would do harm if it acted as Markdown or HTML."""
    return HARM[column[0]] + column


# Short enough for every column; between them they try all there is to try.
HARM = {
    "s": "![](http://evil.example/a.png) [Log in](http://evil.example/) | ",
    "f": "[in](http://evil.example/)|# ",
    "c": "![](http://evil.example/c.png) <a href=//evil.example/>Log in</a> ",
    "t": "[Log in](http://evil.example/) | # Pwned ",
    "l": "![](http://evil.example/d) | ",
}


# Texts that come from outside: table -> column.
OUTSIDERS = {
    "lead_sources": "source_name",
    "users": "first_name",
    "campaigns": "campaign_name",
    "loan_officers": "team",
    "prospect_tags": "tag",
    "loans": "loan_type",
}


def written_by_outsiders(
    tables: dict[str, list[dict[str, Any]]],
) -> dict[str, list[dict[str, Any]]]:
    """Return the tables with a harmful text in every column of OUTSIDERS."""
    tables["prospect_tags"] = [
        {"prospect_id": row["prospect_id"], "tag": "x"} for row in tables["prospects"]
    ]
    for table, column in OUTSIDERS.items():
        for number, row in enumerate(tables[table]):
            row[column] = f"{hostile(column)}{number}"
    return tables
