"""Every bench at a tiny size: that it runs and what it yields, never how fast."""

from __future__ import annotations

import math
import re
import shutil
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from bench import __main__ as program
from bench import (
    dashboards,
    load,
    plain_import,
    processes,
    refresh,
    rill_server,
    run_load,
    steps,
)
from bench.registry import BENCHES
from harness import browser as headless
from loader.sync import finalize
from tests.conftest import ROOT, NewDatabase

# Benches whose figures come from the peers' environment, which tests do not make.
PEERS = "dlt"
# Those that take minutes where there is a Rill.
WITH_RILL = {"refresh", "growth", "dashboards"}
# What a project can do without for its refresh to be measured.
LEFT_OUT = (
    *("alerts", "apis", "dashboards", "metrics", "reports"),
    *("intermediate", "marts", "data_quality"),
    *("tmp", ".env", "demo"),
)


@pytest.fixture
def small_project(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Have benches refresh sources and staging alone, in half of the time."""
    ignored = shutil.ignore_patterns(*LEFT_OUT)
    shutil.copytree(ROOT / "rill", tmp_path / "rill", ignore=ignored)
    for module in (rill_server, refresh, plain_import):
        monkeypatch.setattr(module, "ROOT", tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            name,
            marks=[pytest.mark.rill, pytest.mark.timeout(900)]
            if name in WITH_RILL
            else [],
        )
        for name in BENCHES
    ],
)
def test_a_bench_yields_its_ratios(
    postgres_server: str,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    """Each figure has a value per run, and one that a peer's absence costs says so."""
    bench = BENCHES[name]
    if name in {"refresh", "growth"}:
        request.getfixturevalue("small_project")
    # Two pages show it as well as all; one of them asks for an officer first.
    monkeypatch.setattr(dashboards, "canvases", lambda: ["officer", "trust"])
    ratios = bench.measure(postgres_server, bench.SCALES["tiny"])
    assert ratios
    assert len({ratio.name for ratio in ratios}) == len(ratios)
    for ratio in ratios:
        if PEERS in ratio.name and not processes.has_peers():
            assert (ratio.values, ratio.note) == ((), load.NO_PEER)
        elif not ratio.values:
            assert ratio.note in (refresh.NO_RILL, dashboards.NO_PROGRAM)
            assert shutil.which("rill") is None or headless.chromium() is None
        else:
            assert len(ratio.values) == bench.SCALES["tiny"].runs
            assert all(value >= 0 and math.isfinite(value) for value in ratio.values)


@pytest.mark.parametrize("name", BENCHES)
def test_a_bench_can_be_published(name: str) -> None:
    """What is published has at least three runs, and a text that explains it."""
    bench = BENCHES[name]
    assert bench.__doc__
    assert set(bench.SCALES) == {"tiny", "normal", "full"}
    assert min(bench.SCALES[scale].runs for scale in ("normal", "full")) >= 3


def test_reading_engagements_is_noticed(new_database: NewDatabase) -> None:
    """The count that has to stand still in an unchanged load goes up with a read."""
    with new_database() as dsn:
        with psycopg.connect(dsn) as connection:
            connection.execute("insert into touch_engagements default values")
        before = steps.pages_read(dsn)
        with psycopg.connect(dsn) as connection:
            connection.execute("select count(*) from touch_engagements")
        assert steps.pages_read(dsn) > before


def test_last_steps_are_timed() -> None:
    """What a load does after its last page still has the names that are timed."""
    for name in run_load.LAST_STEPS:
        assert callable(getattr(finalize, name))
    text = (ROOT / "loader" / "sync" / "run.py").read_text()
    assert set(re.findall(r"finalize\.(\w+)\(", text)) == set(run_load.LAST_STEPS)


def test_results_are_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, postgres_server: str
) -> None:
    """`python -m bench NAME` prints each figure and puts it into the results."""
    bench = BENCHES["steps"]
    results = tmp_path / "RESULTS.md"
    monkeypatch.setitem(bench.SCALES, "normal", bench.SCALES["tiny"])
    monkeypatch.setattr(program.report, "FILE", results)
    monkeypatch.setenv("TEST_DATABASE_URL", postgres_server)
    answer = CliRunner().invoke(program.main, ["steps"], catch_exceptions=False)
    assert answer.exit_code == 0
    assert "statements ÷ first load" in answer.output
    assert "| statements ÷ first load" in results.read_text()
