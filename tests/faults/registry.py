"""The table of faults in docs/reliability.md, made from the tests' own words.

`python -m tests.faults.registry` writes it.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "reliability.md"
BEGIN, END = "<!-- faults: begin -->", "<!-- faults: end -->"
_PACKAGES = ("tests.faults", "tests.convergence")


@dataclass(frozen=True)
class Entry:
    """A fault, what happens, and the test that shows it."""

    fault: str
    outcome: str
    test: str


def shows(fault: str, outcome: str) -> Callable[[Callable], Callable]:
    """Mark a test as the one that shows what a fault leads to."""

    def mark(test: Callable) -> Callable:
        test.shown_fault = Entry(
            fault, outcome, f"{test.__module__.rpartition('.')[2]}.{test.__name__}"
        )
        return test

    return mark


def entries() -> list[Entry]:
    """Return the entries of all tests, in the order in which they stand."""
    found = []
    for package_name in _PACKAGES:
        package = importlib.import_module(package_name)
        for module_info in sorted(
            pkgutil.iter_modules(package.__path__), key=lambda info: info.name
        ):
            if not module_info.name.startswith("test_"):
                continue
            module = importlib.import_module(f"{package_name}.{module_info.name}")
            marked = [
                value
                for _, value in inspect.getmembers(module, inspect.isfunction)
                if hasattr(value, "shown_fault")
            ]
            marked.sort(key=lambda value: value.__code__.co_firstlineno)
            found += [value.shown_fault for value in marked]
    return found


def table() -> str:
    """Return the table in Markdown."""
    lines = ["| fault | what happens | test |", "| --- | --- | --- |"]
    lines += [f"| {e.fault} | {e.outcome} | `{e.test}` |" for e in entries()]
    return "\n".join(lines)


def document(text: str) -> str:
    """Return the document with its table made anew."""
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n\n{table()}\n\n{END}{tail}"


if __name__ == "__main__":
    DOCUMENT.write_text(
        document(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8"
    )
