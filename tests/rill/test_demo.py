"""SQL and plain Python agree on what the real loader stores of the demo's year."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from launcher import demo_load
from launcher.demo_load import load_demo
from launcher.duckdb.engine import DuckDBEngine
from tests.rill import fill_database
from tests.rill.compare import differences
from tests.rill.conftest import RILL
from tests.rill.reference import VIEWS, Settings, World


@pytest.fixture(scope="module")
def demo(
    module_database: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path]:
    """DSN and folder of a demo of 400 prospects, loaded at a few points."""
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo_load, "STEP_DAYS", 60)
        patch.setattr(demo_load, "RECENT_STEP_DAYS", 15)
        load_demo(module_database, folder, lambda text: None, prospects=400)
    return module_database, folder


@pytest.mark.long
@pytest.mark.parametrize("days_ago", [0, 10, 100])
def test_demo_year(demo: tuple[str, Path], days_ago: int) -> None:
    """No measure differs, now and as it was some days ago."""
    dsn, folder = demo
    then = datetime.now(timezone.utc) - timedelta(days=days_ago)
    settings = Settings(as_of=then.isoformat() if days_ago else "")
    world = World(fill_database.read(dsn, folder), settings)
    assert len(world.leads) > 100
    variables = settings.variables() | {"data_dir": str(folder)}
    with DuckDBEngine(RILL, dsn, variables) as emulation:
        found = [line for view in VIEWS for line in differences(emulation, world, view)]
        assert found == []
        assert emulation.failing_tests() == []
