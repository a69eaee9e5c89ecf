"""The workflows run no foreign code that may change, and give secrets to no such."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT

FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
IMAGE = re.compile(r"[\w./-]+:\d+@sha256:[0-9a-f]{64}")
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
COMMAND = re.compile(
    r"(make (?P<target>[a-z-]+)( [A-Z]+=[a-z]+)*|\.ci/run|"
    r"\.venv/bin/python -m \w+( [\w-]+)*|"
    r'echo "\w+=\$\w+" >>"\$GITHUB_OUTPUT")'
)

pytestmark = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


def workflow(file: Path) -> dict[str, Any]:
    """Return a workflow as data."""
    return yaml.safe_load(file.read_text())


def jobs(file: Path) -> Iterator[dict[str, Any]]:
    """Return its jobs."""
    yield from workflow(file)["jobs"].values()


def steps(file: Path) -> Iterator[dict[str, Any]]:
    """Return the steps of all its jobs."""
    for job in jobs(file):
        yield from job["steps"]


def test_actions_are_pinned_by_commit(file: Path) -> None:
    """Each action is named by its commit, and a comment says which release that is."""
    used = [
        line.strip(" -") for line in file.read_text().splitlines() if "uses:" in line
    ]
    assert used
    for line in used:
        assert PINNED.match(line), line


def test_rights_are_the_least(file: Path) -> None:
    """A workflow may read the repository and nothing else, and keeps no token."""
    assert workflow(file)["permissions"] == {"contents": "read"}
    for job in jobs(file):
        assert "permissions" not in job
        assert job["timeout-minutes"] <= 180
    for step in steps(file):
        if "checkout" in step.get("uses", ""):
            assert step["with"]["persist-credentials"] is False


def test_secrets_are_given_to_the_step_that_needs_them(file: Path) -> None:
    """No secret is set for a whole job, and none reaches an action."""
    data = workflow(file)
    below = [job.pop("steps") for job in data["jobs"].values()]
    assert "secrets." not in str(data)
    for step in (step for part in below for step in part):
        environment = step.pop("env", {})
        assert "secrets." not in str(step)
        if "uses" in step:
            assert "secrets." not in str(environment)
        for value in environment.values():
            if "secrets." in value and "!=" not in value:
                assert step["run"].startswith(".venv/bin/python -m loader"), step
                assert step["run"].endswith("load") or "TOKEN" not in value, step


def test_each_step_is_one_command(file: Path) -> None:
    """What a workflow does can be done by hand: make targets and single commands."""
    for step in steps(file):
        if "run" in step:
            found = COMMAND.fullmatch(step["run"])
            assert found, step["run"]
            assert found["target"] is None or found["target"] in TARGETS


def test_images_are_pinned_by_digest(file: Path) -> None:
    """Whatever runs beside a job is named by its contents, not by a moving tag."""
    for job in jobs(file):
        chosen = [s["image"] for s in job.get("services", {}).values()]
        rows = job.get("strategy", {}).get("matrix", {}).get("include", [])
        chosen += [value for row in rows for value in row.values() if ":" in value]
        for image in chosen:
            is_matrix = re.fullmatch(r"\$\{\{ matrix\.\w+ \}\}", image)
            assert is_matrix or IMAGE.fullmatch(image), image


def test_nothing_unlocked_is_installed(file: Path) -> None:
    """Packages come from the locks alone."""
    assert "pip install" not in file.read_text()
