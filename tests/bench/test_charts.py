"""The charts of docs/scaling.md: what is measured, nothing else."""

from __future__ import annotations

import pytest

from bench import charts, growth, report
from bench.results import Ratio, Scale

SCALE = Scale(300, 3_600, runs=3)


@pytest.fixture
def results() -> str:
    """Results as `make bench` would write them, of two sizes with known figures."""
    measured = [
        growth.Measured(
            Scale(prospects, prospects * 12, 3),
            seconds=(9.0, 9.0, 9.0),
            refreshes=(2.0 * factor, 1.0 * factor, 3.0 * factor),
            imports=(1.0, 1.0, 1.0),
            peak=500.0 * factor,
            duckdb_kb=120.0 * factor,
            postgres_kb=1_440.0 * factor,
        )
        for prospects, factor in ((1_000, 1), (100_000, 20))
    ]
    ratios: list[Ratio] = [
        ratio for one in measured for ratio in growth.of_one(one, measured[0])
    ]
    section = report.Section("growth", "normal", SCALE, "Grows.", "On this.", ratios)
    return section.text()


def test_medians_are_drawn(results: str) -> None:
    """Each chart has the middle value of each size, with its unit beside it."""
    document = charts.draw(f"a\n{charts.BEGIN}\nold\n{charts.END}\nz\n", results)
    assert document.startswith("a\n")
    assert document.endswith("\nz\n")
    assert "old" not in document
    assert document.count("```mermaid") == len(charts.CHARTS)
    assert 'x-axis "engagements" ["12,000", "1.2 million"]' in document
    assert "bar [1, 20]\n    line [1, 100]" in document
    assert "bar [2, 40]" in document
    assert 'y-axis "MB" 0 --> 10000\n    bar [500, 10000]' in document
    assert "bar [10, 2]\n    line [120, 24]" in document


def test_large_accounts_are_drawn_if_measured(results: str) -> None:
    """Where both scales were measured, the charts show the larger accounts."""
    larger = results.replace("growth, normal", "growth, full").replace(
        "1,200,000 engagements", "24,000,000 engagements"
    )
    document = f"{charts.BEGIN}\n{charts.END}"
    assert charts.draw(document, results + larger) == charts.draw(document, larger)
    assert "24 million" in charts.draw(document, larger)


def test_without_figures_the_document_stays() -> None:
    """Where no Rill was there to be measured, the old charts are kept."""
    assert charts.draw("as it was", "## refresh, normal\n") == "as it was"


def test_the_document_shows_the_results() -> None:
    """The charts in docs/scaling.md are those of bench/RESULTS.md."""
    document = charts.DOCUMENT.read_text(encoding="utf-8")
    results = report.FILE.read_text(encoding="utf-8")
    assert charts.figures(results)
    assert charts.draw(document, results) == document
