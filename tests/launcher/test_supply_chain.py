"""What is proposed, pinned and audited outside the workflows."""

from __future__ import annotations

import re

import yaml

from tests.conftest import ROOT


def test_updates_are_proposed_for_everything_pinned() -> None:
    """Dependabot looks after actions and packages; DuckDB is bound to Rill."""
    updates = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text())[
        "updates"
    ]
    found = {entry["package-ecosystem"]: entry for entry in updates}
    assert set(found) == {"github-actions", "pip"}
    assert found["pip"]["ignore"] == [{"dependency-name": "duckdb*"}]


def test_audit_is_locked() -> None:
    """The audit's own program is pinned with hashes, and reads every lock."""
    wanted = re.search(
        r"^pip-audit==\S+$", (ROOT / "scripts" / "audit.in").read_text(), re.M
    )
    assert wanted
    assert (
        f"{wanted[0]} \\\n    --hash" in (ROOT / "requirements-audit.txt").read_text()
    )
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
