"""Renders every canvas over demo data with the real Rill, for the README.

`make pictures` writes docs/images, light and dark. With a folder as argument it
writes each tab at two widths there instead, for looking a change over.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from harness import browser as headless
from harness import rill_files
from harness.rill_process import RunningRill, started
from launcher.demo_load import load_demo
from launcher.postgres import server as postgres
from loader.errors import LoaderError

if TYPE_CHECKING:
    from playwright.sync_api import Browser

IMAGES = rill_files.ROOT / "docs" / "images"
PROSPECTS = 3000
README_WIDTH, WIDTHS = 1280, (1280, 1920)


def main(folder: Path | None) -> None:
    """Save the pictures in `folder`, every tab of them, or in docs/images."""
    rill, program = shutil.which("rill"), headless.chromium()
    if not rill or not program:
        missing = "`rill`" if not rill else "a Chromium"
        raise LoaderError(f"{missing} is not on PATH: install it and run this again.")
    with demo(rill) as running, headless.launched(program) as browser:
        photograph_all(running, browser, folder)


def photograph_all(rill: RunningRill, browser: Browser, folder: Path | None) -> None:
    """Save a picture of each canvas that a running Rill serves, light and dark."""
    target = folder or IMAGES
    target.mkdir(parents=True, exist_ok=True)
    widths = WIDTHS if folder else (README_WIDTH,)
    for canvas, width, dark in product(rill_files.CANVASES, widths, (False, True)):
        name = canvas + (f"-{width}" if folder else "") + ("-dark" if dark else "")
        url = address(rill, canvas)
        with headless.opened(browser, url, width, dark) as page:
            for number, _ in enumerate(headless.each_tab(page)):
                file = target / f"{name}{f'-{number + 1}' if number else ''}.png"
                headless.photograph(page, file)
                print(file)
                if folder is None:
                    break


def address(rill: RunningRill, canvas: str) -> str:
    """Return where a canvas is, with values for the filters that it requires."""
    url = f"{rill.url}/canvas/{canvas}"
    required = rill_files.CANVASES[canvas]["filters"].get("required", [])
    if not required:
        return url
    (dimension,) = required
    views = {tile.body.get("metrics_view") for tile in rill_files.tiles(canvas)}
    views = {v for v in views if v and dimension in rill_files.dimensions(v)}
    # Whoever funded most of those that have something to show in every tile.
    rows = rill.measures("fundings", [dimension], ["funded_units"])
    shown = [{r[dimension] for r in rill.measures(v, [dimension])} for v in views]
    rows = [row for row in rows if all(row[dimension] in names for names in shown)]
    busiest = max(rows, key=lambda row: row["funded_units"])[dimension]
    chosen = "&".join(f"f.{view}={dimension} IN ('{busiest}')" for view in views)
    return f"{url}?{chosen}"


@contextmanager
def demo(rill: str) -> Iterator[RunningRill]:
    """Serve the demo's year from a database of its own."""
    home = Path(tempfile.mkdtemp(prefix="bonzo-pictures-"))
    home.chmod(0o755)
    database = home / "postgres"
    server = postgres.start(database, die_with_parent=True)
    try:
        dsn = postgres.create_database(postgres.dsn(server, "postgres"), "pictures")
        load_demo(dsn, home / "data", prospects=PROSPECTS)
        values = {"postgres_dsn": dsn, "data_dir": str(home / "data")}
        with started(rill, home, values, ui=True) as running:
            errors = running.wait()
            if errors:
                raise LoaderError(f"Rill did not build everything: {errors[0]}")
            yield running
    finally:
        postgres.stop(database)
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]) if sys.argv[1:] else None)
    except LoaderError as error:
        sys.exit(f"Error: {error}")
