"""What is proposed, pinned and audited outside the workflows."""

from __future__ import annotations

import re

import pytest
import yaml

from scripts.lock import TOOLS
from tests.conftest import ROOT


def test_updates_are_proposed_for_everything_pinned() -> None:
    """Dependabot looks after actions and packages; DuckDB is bound to Rill."""
    updates = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text())[
        "updates"
    ]
    found = {entry["package-ecosystem"]: entry for entry in updates}
    assert set(found) == {"github-actions", "pip"}
    assert found["pip"]["ignore"] == [{"dependency-name": "duckdb*"}]


@pytest.mark.parametrize("tool", TOOLS)
def test_tools_are_locked(tool: str) -> None:
    """What a tool's environment is for is pinned, and locked with hashes."""
    wanted = (ROOT / "scripts" / f"{tool}.in").read_text().splitlines()[-1]
    name, version = re.fullmatch(r"([a-z-]+)(?:\[[a-z]+\])?==([\d.]+)", wanted).groups()
    locked = (ROOT / f"requirements-{tool}.txt").read_text()
    assert f"\n{name}=={version} \\\n    --hash" in locked


def test_audit_reads_every_lock() -> None:
    """No lock is left out of the look for known vulnerabilities."""
    recipe = (
        (ROOT / "Makefile").read_text().partition("\naudit:")[2].partition("\n\n")[0]
    )
    for lock in ROOT.glob("requirements*.txt"):
        assert lock.name in recipe


def test_hooks_are_pinned_by_commit() -> None:
    """What pre-commit downloads is named by its commit."""
    repos = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    for repo in repos:
        assert repo["repo"] == "local" or re.fullmatch(r"[0-9a-f]{40}", repo["rev"])
