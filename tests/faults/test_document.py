"""docs/reliability.md says what the tests show."""

from __future__ import annotations

from tests.faults.registry import DOCUMENT, document, entries


def test_the_table_is_that_of_the_tests() -> None:
    """The document's table is the one that the tests make, word for word."""
    text = DOCUMENT.read_text(encoding="utf-8")
    assert document(text) == text, "run: python -m tests.faults.registry"


def test_every_fault_names_a_test_once() -> None:
    """The table has a row for each kind of fault, and each row its own test."""
    found = entries()
    assert len(found) >= 25
    assert len({entry.test for entry in found}) == len(found)
    assert len({entry.fault for entry in found}) == len(found)
