"""Findings as GitHub shows them: beside the line of a pull request that has them.

The format is that of GitHub's workflow commands.
"""

from __future__ import annotations

from collections.abc import Iterator

from launcher.rill.validate import Finding, Report


def lines(report: Report, folder: str = "rill") -> Iterator[str]:
    """Yield a workflow command for each finding; `folder` is the Rill project's."""
    for level, findings in (("error", report.errors), ("warning", report.warnings)):
        for finding in findings:
            yield f"::{level}{_place(finding, folder)}::{_escaped(finding.text)}"


def _place(finding: Finding, folder: str) -> str:
    if finding.file is None:
        return ""
    place = f" file={_escaped_value(f'{folder}/{finding.file}')}"
    return f"{place},line={finding.line}" if finding.line else place


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escaped_value(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
