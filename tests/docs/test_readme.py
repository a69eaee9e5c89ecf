"""What the README quotes is what the programs print and take."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest

from loader.config import Settings
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text()
# What a sentence fills in, in code and in the README.
GAP = "\N{HORIZONTAL ELLIPSIS}"


def quoted() -> list[str]:
    """Sentences of the table of messages."""
    table = README.partition("| It says | Do |\n| --- | --- |\n")[2].partition("\n\n")[
        0
    ]
    rows = re.findall(r"^\| (`+)(.+?)\1 \| .+ \|$", table, re.M)
    assert len(rows) == len(table.splitlines())
    return [text for _, text in rows]


def text_of(node: ast.AST) -> str | None:
    """Return a literal as text, with a gap for each value that is filled in."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part) or GAP for part in node.values)
    return None


def literals(path: Path) -> Iterator[str]:
    """Yield every text of a Python file."""
    for node in ast.walk(ast.parse(path.read_text())):
        text = text_of(node)
        if text:
            yield text


@cache
def printed() -> str:
    """Everything that the programs may print."""
    files = [p for name in ("loader", "launcher") for p in (ROOT / name).rglob("*.py")]
    texts = [text for path in files for text in literals(path)]
    script = (ROOT / "scripts" / "bootstrap.sh").read_text()
    texts.append(re.sub(r"\$\w+(/\$\w+)?", GAP, script))
    return "\n".join(texts)


@pytest.mark.parametrize("sentence", quoted())
def test_a_quoted_sentence_is_printed(sentence: str) -> None:
    """Each is in the code, word for word but for what is filled in."""
    parts = [re.escape(part) for part in sentence.split(GAP)]
    # A gap at either end may be anything; within, it ends with the sentence.
    pattern = "[^\n]*?".join(parts)
    assert len(sentence.replace(GAP, "").split()) >= 3
    assert re.search(pattern, printed()), f"no code prints {sentence!r}"


@pytest.mark.parametrize(
    "setting",
    [f for f in fields(Settings) if "low" in f.metadata],
    ids=lambda f: f.name,
)
def test_bounds_are_the_codes(setting: object) -> None:
    """The table has each number's default and bounds as loader/config.py has them."""
    [row] = re.findall(rf"^\| `{setting.metadata['env']}` \|(.+)\|$", README, re.M)
    default, bounds, _ = (cell.strip() for cell in row.split("|"))
    low, high = setting.metadata["low"], setting.metadata["high"]
    assert default == f"{setting.default:.10g}"
    assert bounds == f"{low:,.10g} to {high:,.10g}"
