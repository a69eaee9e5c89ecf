"""Writes docs/metrics.md from the descriptions in `rill/metrics/`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from loader.errors import LoaderError

REPOSITORY = Path(__file__).parents[2]
# From a lead's first day to its loan, then the people, then the data itself.
ORDER = (
    "leads",
    "open_pipeline",
    "deadlines",
    "stage_stays",
    "pipeline_days",
    "enrollments",
    "messages",
    "replies",
    "scheduled_touches",
    "loans",
    "fundings",
    "lead_source_months",
    "loan_officers",
    "data_trust",
    "load_age",
)
UNITS = {
    "percentage": "share",
    "currency_usd": "dollars",
    "interval_ms": "duration",
}
INTRODUCTION = """\
# The metrics

Written by `make docs` from the descriptions in `rill/metrics/`: change them there.
The same texts are shown by Rill wherever a measure appears.

A name tells the basis.
`_cohort` looks only at rows old enough for the event to have happened, `_to_date` at
all of them as they stand, `_raw` counts opens and clicks of machines too and
`_filtered` does not, `_median` and `_p90` are the middle and the ninetieth percentile.
Every ratio is a sum divided by a sum; over nothing it is empty, not zero.
*Adds up* says whether the values of parts sum to the value of the whole.
"""


def render(rill_dir: Path) -> str:
    """Return the whole document for the project in `rill_dir`."""
    parts = [INTRODUCTION, *_settings(rill_dir / "rill.yaml")]
    for path in sorted((rill_dir / "metrics").glob("*.yaml"), key=_position):
        parts += _view(path.stem, yaml.safe_load(path.read_text()))
    return "\n".join(parts)


def split(description: str) -> tuple[str, str, str]:
    """Return what is counted, what it is divided by ("" if nothing), and caveats.

    The first sentence with a ÷ is the definition; without one it is the first.
    """
    sentences = re.split(r"(?<=\.)\s+(?=[A-Z0-9(])", " ".join(description.split()))
    definition = next((s for s in sentences if "÷" in s), sentences[0])
    rest = " ".join(s for s in sentences if s is not definition)
    above, _, below = definition.removesuffix(".").partition(" ÷ ")
    return above.strip(), below.strip(), rest


def _position(path: Path) -> tuple[int, str]:
    known = path.stem in ORDER
    return (ORDER.index(path.stem) if known else len(ORDER), path.stem)


def _settings(path: Path) -> Iterator[str]:
    """Yield the table of numbers that definitions depend on."""
    yield "## Settings\n"
    yield "Set in `rill/.env`; these are the defaults.\n"
    yield "| Setting | Default | Meaning |\n|:--|--:|:--|"
    _, _, block = path.read_text().partition("\nenv:\n")
    comment: list[str] = []
    named = False  # the comment so far belongs to a setting already shown
    for line in block.splitlines():
        if not line.startswith("  "):
            break
        if line.strip().startswith("#"):
            comment = [*([] if named else comment), line.strip("# ")]
            named = False
        else:
            name, _, value = line.strip().partition(":")
            if name.startswith("rill."):
                # How Rill itself works: no definition depends on it.
                continue
            value = value.strip().strip('"')
            shown = f"`{value}`" if value else "empty"
            yield f"| `{name}` | {shown} | {_cell(' '.join(comment))} |"
            named = True
    yield ""


def _view(name: str, body: dict[str, Any]) -> Iterator[str]:
    yield f"## {body['display_name']}: `{name}`\n"
    yield _paragraph(body["description"]) + "\n"
    axis = body.get("timeseries")
    yield (
        f"**Date:** `{axis}`, in company time.\n"
        if axis
        else "**Date:** none; the state at the time of the last load.\n"
    )
    if body.get("dimensions"):
        yield "| Dimension | Shown as | Meaning |\n|:--|:--|:--|"
        for dimension in body["dimensions"]:
            meaning = _cell(dimension.get("description", ""))
            yield f"| `{dimension['name']}` | {dimension['display_name']} | {meaning} |"
        yield ""
    yield (
        "| Measure | Shown as | Counts | Divided by | Beware | Unit | Adds up |\n"
        "|:--|:--|:--|:--|:--|:--|:--|"
    )
    for measure in body["measures"]:
        yield _measure(measure)
    yield ""


def _measure(measure: dict[str, Any]) -> str:
    if "description" not in measure:
        raise LoaderError(
            f"measure {measure['name']} has no description: write what it counts, "
            "divided by what, by which date."
        )
    counted, divisor, beware = split(measure["description"])
    unit = UNITS.get(measure.get("format_preset", ""), "number")
    adds = "yes" if measure.get("valid_percent_of_total") else "no"
    cells = (counted, divisor, beware, unit, adds)
    label = measure["display_name"]
    return f"| `{measure['name']}` | {label} | " + " | ".join(map(_cell, cells)) + " |"


def _cell(text: str) -> str:
    return " ".join(str(text).split()).replace("|", "\\|")


def _paragraph(text: str) -> str:
    """Put one sentence on a line, so that changes show as changed sentences."""
    return re.sub(r"(?<=\.)\s+(?=[A-Z])", "\n", " ".join(text.split()))


def main(repository: Path = REPOSITORY) -> None:
    """Write docs/metrics.md."""
    target = repository / "docs" / "metrics.md"
    target.parent.mkdir(exist_ok=True)
    target.write_text(render(repository / "rill"))


if __name__ == "__main__":
    main()
