"""The metrics dictionary says what the metrics views say."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from launcher.duckdb import metrics_doc
from loader.errors import LoaderError
from tests.conftest import ROOT


def test_dictionary_is_current() -> None:
    """docs/metrics.md holds what `make docs` would write now."""
    written = (ROOT / "docs" / "metrics.md").read_text()
    assert written == metrics_doc.render(ROOT / "rill"), (
        "docs/metrics.md is stale: run `make docs`"
    )


def test_every_measure_is_explained() -> None:
    """Each measure of each view has its line, with something in it."""
    text = metrics_doc.render(ROOT / "rill")
    for path in (ROOT / "rill" / "metrics").glob("*.yaml"):
        body = yaml.safe_load(path.read_text())
        assert f"`{path.stem}`" in text
        for measure in body["measures"]:
            line = f"| `{measure['name']}` | {measure['display_name']} | "
            after = text.partition(line)[2]
            assert after, measure["name"]
            assert not after.startswith("|"), measure["name"]


@pytest.mark.parametrize(
    ("description", "parts"),
    [
        ("Leads. One row each.", ("Leads", "", "One row each.")),
        (
            "A note. Sent ÷ due, by day. Beware.",
            ("Sent", "due, by day", "A note. Beware."),
        ),
        ("(a − b) ÷ b", ("(a − b)", "b", "")),
    ],
)
def test_split(description: str, parts: tuple[str, str, str]) -> None:
    """The sentence with the division is the definition, the others are caveats."""
    assert metrics_doc.split(description) == parts


def test_measure_without_description_is_refused(tmp_path: Path) -> None:
    """A measure that nobody can look up is an error that names it."""
    (tmp_path / "metrics").mkdir()
    (tmp_path / "rill.yaml").write_text("env:\n  # Days.\n  contact_days: 14\n")
    (tmp_path / "metrics" / "new.yaml").write_text(
        "display_name: New\ndescription: D.\nmodel: new\n"
        "measures: [{name: bare, display_name: Bare, expression: count(*)}]\n"
    )
    with pytest.raises(LoaderError, match="measure bare has no description"):
        metrics_doc.render(tmp_path)
