"""Draws the charts of docs/scaling.md from the figures in bench/RESULTS.md.

`make bench` does it; `python -m bench.charts` does it alone. They are Mermaid, which
GitHub draws in the reader's own colors.
"""

from __future__ import annotations

import re
from pathlib import Path

from bench import report

DOCUMENT = Path(__file__).parent.parent / "docs" / "scaling.md"
# The first that was measured is drawn: large accounts show more.
SECTIONS = ("growth, full", "growth, normal")
BEGIN, END = "<!-- charts: python -m bench.charts -->", "<!-- end of charts -->"
_FIGURE = re.compile(
    r"^\| (?P<name>[^|]+), (?P<rows>[\d,]+) engagements "
    r"\| [\d.,]+ – (?P<median>[\d.,]+) – ",
    re.M,
)
# The colors are seen on white and on black; Mermaid's own bars are not on white.
CHART = """```mermaid
---
config:
  themeVariables:
    xyChart:
      plotColorPalette: "#2f81f7, #d29922"
---
xychart-beta
    title "{title}"
    x-axis "engagements" [{labels}]
    y-axis "{unit}" 0 --> {top:g}
    bar [{bars}]
{line}```
"""
ROWS = "rows"
# Title, unit, the figure of the bars, that of the line.
CHARTS = (
    (
        "Work of a refresh (line: if it grew as the rows do)",
        "times the smallest account",
        "work of a refresh ÷ smallest",
        ROWS,
    ),
    (
        "Work of a refresh beside the plain import of its rows",
        "times the plain import",
        "work of a refresh ÷ plain import",
        None,
    ),
    ("Peak memory of Rill", "MB", "peak of Rill", None),
    (
        "Disk (bars: Rill's DuckDB file, line: PostgreSQL)",
        "kB per 1000 engagements",
        "DuckDB file per 1,000 engagements",
        "PostgreSQL per 1,000 engagements",
    ),
)


def figures(results: str) -> dict[str, dict[int, float]]:
    """Return the medians of the bench `growth` by name and number of engagements."""
    sections = report.by_title(results)
    section = next((sections[title] for title in SECTIONS if title in sections), "")
    found: dict[str, dict[int, float]] = {}
    for figure in _FIGURE.finditer(section):
        by_rows = found.setdefault(figure["name"], {})
        by_rows[_number(figure["rows"], int)] = _number(figure["median"], float)
    return found


def _number(text: str, kind: type) -> float:
    return kind(text.replace(",", ""))


def draw(document: str, results: str) -> str:
    """Return the document with the charts of these results in place of its own."""
    known = figures(results)
    if not known:
        return document
    smallest = min(known["work of a refresh ÷ smallest"])
    known[ROWS] = {
        rows: rows / smallest for rows in known["work of a refresh ÷ smallest"]
    }
    charts = [
        _chart(title, unit, known[bars], known.get(line))
        for title, unit, bars, line in CHARTS
    ]
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + "\n".join([BEGIN, *charts, END]) + after


def _chart(
    title: str, unit: str, bars: dict[int, float], line: dict[int, float] | None
) -> str:
    return CHART.format(
        title=title,
        unit=unit,
        labels=", ".join(f'"{_short(rows)}"' for rows in bars),
        top=max(*bars.values(), *(line or bars).values()),
        bars=_listed(bars),
        line=f"    line [{_listed(line)}]\n" if line else "",
    )


def _listed(values: dict[int, float]) -> str:
    return ", ".join(f"{value:g}" for value in values.values())


def _short(rows: int) -> str:
    """Return a number of rows as a label, such as 2.4 million."""
    millions = rows >= 1_000_000
    return f"{rows / 1_000_000:g} million" if millions else f"{rows:,}"


def write() -> None:
    """Draw the charts again."""
    document = DOCUMENT.read_text(encoding="utf-8")
    drawn = draw(document, report.FILE.read_text(encoding="utf-8"))
    if drawn != document:
        DOCUMENT.write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    write()
