"""What editors and hooks do with a file is what `make lint` asks of it."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
TOOL = re.compile(r"(?:-m |/bin/)(ruff check|ruff format|sqlfluff|yamllint|codespell)")


def lint_recipe() -> str:
    """The commands of `make lint`."""
    text = (ROOT / "Makefile").read_text()
    found = re.search(r"^lint:.*\n((?:\t.*\n)+)", text, re.M)
    assert found
    return found[1]


def test_hooks_run_the_tools_of_lint() -> None:
    """Every tool of `make lint` is a hook, out of the same environment."""
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    (own,) = (repo["hooks"] for repo in hooks if repo["repo"] == "local")
    assert {hook["language"] for hook in own} == {"system"}
    tools = [TOOL.search(hook["entry"]) for hook in own]
    assert all(hook["entry"].startswith(".venv/bin/") for hook in own)
    assert sorted(t[1] for t in tools if t) == sorted(TOOL.findall(lint_recipe()))


def test_editors_keep_to_the_length_of_lines() -> None:
    """An editor's ruler is where ruff breaks lines."""
    text = (ROOT / ".editorconfig").read_text()
    settings = configparser.ConfigParser()
    settings.read_string("[top]\n" + text)
    project = (ROOT / "pyproject.toml").read_text()
    (length,) = re.findall(r"^line-length = (\d+)", project, re.M)
    assert settings["*.py"]["max_line_length"] == length
    assert settings["Makefile"]["indent_style"] == "tab"
    assert settings["*"]["end_of_line"] == "lf"
