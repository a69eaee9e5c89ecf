"""One real Rill, shared by the tests that ask it, and what it serves."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.rill_process import RunningRill, started
from launcher.demo_load import load_demo
from tests.conftest import NewDatabase
from tests.rill import fill_database, golden
from tests.rill.reference import Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

Tables = dict[str, list[dict[str, Any]]]
MARCH, JULY = (
    Settings(as_of=golden.MOMENTS[name], company_time_zone=golden.ZONE)
    for name in ("march", "july")
)


@dataclass
class RillSandbox:
    """A Rill, its database, its folder of CSV files, and what is loaded now."""

    rill: RunningRill
    dsn: str
    data: Path
    shown: tuple[Any, ...] = field(default=())

    def show(self, label: str, tables: Tables, settings: Settings) -> RunningRill:
        """Serve these tables under these settings; nothing to do if it does.

        `label` names the tables. Rill takes seconds for each change, so tests that
        ask the same stand together; in another order they take longer and pass, too.
        """
        wanted = (label, settings)
        if self.shown != wanted:
            self.shown = ()
            fill_database.fill(self.dsn, self.data, tables)
            self.rill.set_variables(self.values(settings))
            assert self.rill.refresh() == []
            self.shown = wanted
        return self.rill

    def values(self, settings: Settings) -> dict[str, str]:
        """Rill's variables for what is shown under these settings."""
        return settings.variables() | variables(self.dsn, self.data)

    def mark_dirty(self) -> None:
        """Say that what is loaded was changed behind `show`'s back."""
        self.shown = ()


def variables(dsn: str, data: Path) -> dict[str, str]:
    """Rill's variables for a database and a folder of CSV files."""
    return {"postgres_dsn": dsn, "data_dir": str(data)}


@pytest.fixture(scope="session")
def rill_binary() -> str:
    """Path of `rill`."""
    found = shutil.which("rill")
    if not found:
        pytest.skip("no `rill` on PATH: only what runs without it was tested")
    return found


@pytest.fixture(scope="session")
def sandbox(rill_binary: str, new_database: NewDatabase) -> Iterator[RillSandbox]:
    """A running Rill over a database of its own, with the ten leads to begin with."""
    home = Path(tempfile.mkdtemp(prefix="bonzo-rill-"))
    with new_database() as dsn:
        data = home / "data"
        fill_database.fill(dsn, data, golden.tables())
        settings = MARCH.variables() | variables(dsn, data)
        with started(rill_binary, home, settings) as rill:
            assert rill.wait() == []
            yield RillSandbox(rill, dsn, data, ("golden", MARCH))
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def ten_leads(sandbox: RillSandbox) -> RunningRill:
    """Rill over the ten leads of March 2026, at the end of that month."""
    return sandbox.show("golden", golden.tables(), MARCH)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A headless Chromium."""
    pytest.importorskip("playwright", reason="playwright is not installed")
    from harness import browser as headless

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
