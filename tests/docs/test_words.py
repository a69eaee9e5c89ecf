"""Text reads as American engineers write it: no private words, plain grammar.

Spelling is codespell's job. What it cannot know are words of this project's own
making, which a newcomer would have to learn first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import ROOT

# Pattern -> what to write instead.
WORDS = {
    r"cure[sd]?": "fix",
    r"hush\w*": "what it does: remove, drop, skip",
    r"adopt(s|ed|ing)?": "use, commit",
    r"crowds?": "bulk account",
    r"odd(ly)?": "unusual, inconsistent, wrong",
    r"namesakes?": "officers with the same name",
    r"anew": "again",
    r"half-made": "incomplete",
    r"told (for|of)": "as of",
    r"at work on": "using, running against",
    r"without a word": "silently",
    r"stands? in for": "replaces",
    r"stand-?ins?": "fake, replacement",
    r"(untruths?|blots?|spoils?)": "mismatch, redact, mark",
    r"the own": "their own",
    r"e-mails?": "email",
    r"wished": "requested",
    r"shall": "must, will",
    r"(?<!there )(is|are) no (?!longer|more)[a-z]+": "is not a ...",
    r"is none of": "is not one of",
    r"best as": "ideally as",
}
SUFFIXES = {".py", ".md", ".sql", ".yaml", ".yml", ".sh", ".toml", ".example"}
PRODUCT = ("loader", "launcher", "demo", "bench", "rill", "docs", "scripts", ".github")


def texts() -> Iterator[Path]:
    """Yield every text that a user or a contributor reads, tests aside."""
    yield from (path for path in ROOT.iterdir() if path.is_file())
    for folder in PRODUCT:
        yield from (ROOT / folder).rglob("*")


def test_no_private_words() -> None:
    """No line has a word of which WORDS knows a plain one."""
    found = []
    for path in texts():
        readable = path.suffix in SUFFIXES or path.name == "Makefile"
        if not readable or "tmp" in path.relative_to(ROOT).parts:
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for pattern, better in WORDS.items():
                if hit := re.search(rf"\b{pattern}\b", line, re.I):
                    where = f"{path.relative_to(ROOT)}:{number}"
                    found.append(f"{where}: {hit[0]!r}: write {better!r}")
    assert found == [], "\n".join(found)


def test_the_words_are_found() -> None:
    """The patterns find what they are for, and leave good English alone."""
    bad = ("The cure is", "is no number", "read anew", "told for today", "E-mail it")
    good = ("there is no table", "is no longer", "secure", "Odds and ends", "add")
    pattern = re.compile(rf"\b(?:{'|'.join(WORDS)})\b", re.I)
    assert all(map(pattern.search, bad))
    assert not any(map(pattern.search, good))
