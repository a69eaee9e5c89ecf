"""What a repository on GitHub needs beside code: checks, forms, owners."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

import pytest
import yaml

from loader import cli
from loader.database.connection import OLDEST_SERVER
from tests.conftest import ROOT

GITHUB = ROOT / ".github"
FORMS = sorted((GITHUB / "ISSUE_TEMPLATE").glob("*.yml"))
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()


def ci() -> dict[str, Any]:
    """The workflow of pushes and pull requests."""
    return yaml.safe_load((GITHUB / "workflows" / "ci.yml").read_text())


def commands(job: str) -> list[str]:
    """What a job of it runs."""
    return [step["run"] for step in ci()["jobs"][job]["steps"] if "run" in step]


def test_oldest_and_newest_are_tested() -> None:
    """Python's range is that of pyproject.toml, PostgreSQL's that of the loader."""
    rows = ci()["jobs"]["test"]["strategy"]["matrix"]["include"]
    project = (ROOT / "pyproject.toml").read_text()
    [oldest] = re.findall(r'requires-python = ">=([\d.]+)', project)
    assert rows[0]["python"] == oldest
    assert rows[0]["postgres"].startswith(f"postgres:{OLDEST_SERVER // 10000}@")
    newest = (ROOT / ".github" / "workflows" / "weekly.yml").read_text()
    assert rows[-1]["python"] == re.findall(r'"(3\.\d+)"\]', newest)[-1]
    # The embedded server is the newest that this project knows.
    assert rows[-1]["postgres"].startswith("postgres:18@")
    assert "make test" in commands("test")


def test_a_pull_request_shows_what_rill_says_and_how_it_looks() -> None:
    """Rill's findings are annotations, and every page is an artifact."""
    assert "make validate FORMAT=github" in commands("validate")
    assert "make pictures FOLDER=pictures" in commands("pictures")
    last = ci()["jobs"]["pictures"]["steps"][-1]
    assert "upload-artifact" in last["uses"]
    assert last["with"]["path"] == "pictures"
    assert last["with"]["if-no-files-found"] == "error"


def test_contributing_names_the_checks() -> None:
    """The rules for the branch require jobs that there are."""
    [line] = re.findall(r"Require the checks (.+?), on a branch", CONTRIBUTING)
    assert set(re.split(r", | and ", line)) == set(ci()["jobs"]) - {"pictures"}


@pytest.mark.parametrize(
    "form", [f for f in FORMS if f.stem != "config"], ids=lambda f: f.stem
)
def test_a_form_is_whole(form: Any) -> None:
    """Each has a name, asks something, and asks each thing once."""
    data = yaml.safe_load(form.read_text())
    assert data["name"]
    assert data["description"]
    fields = [part for part in data["body"] if part["type"] != "markdown"]
    ids = [field["id"] for field in fields]
    assert ids
    assert len(set(ids)) == len(ids)
    assert any(field.get("validations", {}).get("required") for field in fields)


def test_a_report_comes_with_what_helps() -> None:
    """The form asks for the output of commands that exist, and warns of secrets."""
    text = (GITHUB / "ISSUE_TEMPLATE" / "bug.yml").read_text()
    for name in re.findall(r"python -m loader ([a-z-]+)", text):
        import_module(cli.COMMANDS[name])
    assert "doctor --json" in text
    assert "--shape" in text
    assert "token" in text


def test_owners_are_of_paths_that_exist() -> None:
    """Each line of the example names something of this project."""
    for line in (GITHUB / "CODEOWNERS.example").read_text().splitlines():
        pattern = line.partition("#")[0].split()[:1]
        if pattern and pattern[0] != "*":
            assert list(ROOT.glob(pattern[0].strip("/"))), line
