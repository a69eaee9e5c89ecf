"""Holds what Rill answers against the numbers counted by hand."""

from __future__ import annotations

import math
from typing import Any

from harness.rill_process import RunningRill
from tests.rill import golden
from tests.rill.compare import key_text

NUMBERS = golden.expected()


def wrong_numbers(rill: RunningRill, moment: str, view: str) -> list[str]:
    """Sentences about measures that are not what was counted by hand."""
    numbers = [n for n in NUMBERS if (n.view, n.moment) == (view, moment)]
    wrong = []
    for dimension in {n.dimension for n in numbers}:
        rows = rill.measures(view, [dimension] if dimension else [])
        by_key = {key_text(row[dimension]) if dimension else None: row for row in rows}
        for number in numbers:
            if number.dimension == dimension:
                got = by_key[number.key][number.measure]
                if not same(got, number.value):
                    wrong.append(f"{number.name} is {got}: {number.why}")
    return wrong


def same(got: Any, want: float | None) -> bool:
    """Equal but for the last bits; nothing equals only nothing."""
    if got is None or want is None:
        return got is want
    return math.isclose(got, want, rel_tol=1e-9, abs_tol=1e-12)
