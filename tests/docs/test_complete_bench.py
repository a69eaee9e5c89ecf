"""A bench that is written is also run: by name, by `make bench`, by its test."""

from __future__ import annotations

import re

from tests.conftest import ROOT


def test_every_bench_is_registered() -> None:
    """Each file of bench/ that says how large it measures is in the registry."""
    registry = (ROOT / "bench" / "registry.py").read_text()
    written = {
        path.stem
        for path in (ROOT / "bench").glob("*.py")
        if re.search(r"^SCALES = ", path.read_text(), re.M)
    }
    registered = set(re.findall(r'^    "(\w+)": \1,$', registry, re.M))
    assert written - registered == set(), "bench/registry.py does not list it"
    assert registered - written == set(), "no such file of bench/ has SCALES"
