"""Writes bench/RESULTS.md: a section per bench and scale.

A run replaces the sections that it measured and leaves the others, each of which
says when and on what it was measured.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from bench.results import Ratio, Scale

FILE = Path(__file__).parent / "RESULTS.md"
HEAD = """# Results of the benchmarks

Written by `make bench` and `make bench-full`.
Each figure is the smallest – middle – largest of several runs.
Most are ratios of two measurements of one run, which hardly depend on the machine.
The middle one is held against the goal.
"""
VERDICTS = {True: "met", False: "**not met**", None: ""}


@dataclass(frozen=True)
class Section:
    """What one bench found at one scale; `conditions` are when and on what."""

    name: str
    scale_name: str
    scale: Scale
    description: str
    conditions: str
    ratios: list[Ratio]

    @property
    def title(self) -> str:
        """The heading, by which the section is found again."""
        return f"{self.name}, {self.scale_name}"

    def text(self) -> str:
        """Return the section as Markdown."""
        size = (
            f"{self.scale.prospects:,} prospects, {self.scale.engagements:,} "
            f"messages, {self.scale.runs} runs."
        )
        lines = [
            f"## {self.title}",
            "",
            self.description.strip(),
            "",
            f"{size}",
            f"{self.conditions}",
            "",
            "| Figure | Min – median – max | Goal | |",
            "| --- | --- | --- | --- |",
        ]
        for ratio in self.ratios:
            verdict = ratio.note or VERDICTS[ratio.is_met]
            lines.append(
                f"| {ratio.name} | {ratio.spread} | {ratio.goal} | {verdict} |"
            )
        return "\n".join(lines) + "\n"


def write(sections: list[Section], file: Path | None = None) -> None:
    """Put the sections into the file, in place of older ones of the same title."""
    file = file or FILE
    known = by_title(file.read_text(encoding="utf-8")) if file.exists() else {}
    known |= {section.title: section.text() for section in sections}
    body = "\n".join(known[title].strip() + "\n" for title in sorted(known))
    file.write_text(f"{HEAD}\n{body}", encoding="utf-8")


def by_title(text: str) -> dict[str, str]:
    """Return the sections of a text by their titles."""
    parts = re.split(r"^(?=## )", text, flags=re.M)[1:]
    return {part.splitlines()[0].removeprefix("## "): part for part in parts}
