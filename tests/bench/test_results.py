"""What the results say of a figure, a machine, and what they keep."""

from __future__ import annotations

import platform
from pathlib import Path

from bench import machine, report
from bench.peers import dlt_load
from bench.results import Ratio, Scale
from tests.conftest import ROOT


def section(name: str, value: float, scale: str = "normal") -> report.Section:
    """Return a section with one figure."""
    ratios = [Ratio("own ÷ peer", (value,), at_least=1)]
    return report.Section(name, scale, Scale(10, 20), "Says what.", "On this.", ratios)


def test_the_median_meets_the_goal() -> None:
    """One bad run of three changes nothing, two do; goals count from both sides."""
    assert Ratio("a", (0.1, 2, 3), at_least=1).is_met is True
    assert Ratio("a", (0.1, 0.2, 3), at_least=1).is_met is False
    assert Ratio("a", (1.0, 1.2, 9.0), at_most=1.2).is_met is True
    assert Ratio("a", (1.0, 1.21, 9.0), at_most=1.2).is_met is False
    assert Ratio("a", (1.0,)).is_met is None
    assert Ratio("a", (), at_least=1).is_met is None


def test_all_three_are_shown() -> None:
    """Smallest, middle and largest stand in this order, with the goal beside them."""
    ratio = Ratio("a", (3.14159, 0.5, 1234.5), at_most=80, unit=" MB")
    assert ratio.spread == "0.5 – 3.14 – 1,234 MB"
    assert ratio.goal == "≤ 80 MB"
    assert Ratio("a", ()).spread == "not measured"


def test_a_run_replaces_its_own_section_alone(tmp_path: Path) -> None:
    """Benches and scales that were not measured keep what was found before."""
    file = tmp_path / "RESULTS.md"
    report.write([section("write", 0.5), section("load", 2)], file)
    report.write([section("write", 7), section("write", 0.25, "full")], file)
    text = file.read_text()
    assert text.count("## ") == 3
    assert "0.5 – 0.5" not in text
    assert "7 – 7 – 7 | ≥ 1 | met |" in text
    assert "0.25 – 0.25 – 0.25 | ≥ 1 | **not met** |" in text
    assert "2 – 2 – 2" in text


def test_conditions_name_no_host_or_path(postgres_server: str) -> None:
    """Results may be published: they name the versions, not the machine's owner."""
    text = f"{machine.machine()}; {machine.versions(postgres_server)}"
    for name in ("Python", "PostgreSQL", "psycopg", "DuckDB", "Rill", "dlt"):
        assert f"{name} " in text
    assert platform.node() not in text
    assert str(ROOT) not in text


def test_dlt_gets_an_address_that_it_takes() -> None:
    """A password is made up where there is none; what the address says, stays."""
    made = "postgresql://postgres:any@localhost:5432/x?host=/tmp/socket&port=5432"
    assert (
        dlt_load.credentials("postgresql://postgres@/x?host=/tmp/socket&port=5432")
        == made
    )
    whole = "postgresql://me:secret@db.example:6000/x"
    assert dlt_load.credentials(whole) == whole
