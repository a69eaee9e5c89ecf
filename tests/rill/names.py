"""What `names.txt` promises: views, axes, dimensions and measures."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

FILE = Path(__file__).parent / "names.txt"


@dataclass
class ViewNames:
    """Names of one metrics view; `axis` is None where it has no time axis."""

    axis: str | None = None
    dimensions: list[str] = field(default_factory=list)
    measures: list[str] = field(default_factory=list)


def read_names() -> dict[str, ViewNames]:
    """Read the names by view, in the order of the file."""
    names: dict[str, ViewNames] = {}
    view = ViewNames()
    for line in FILE.read_text().splitlines():
        if line.startswith("#") or not line.strip():
            continue
        kind, name = line.split()
        if kind == "view":
            view = names[name] = ViewNames()
        elif kind == "axis":
            view.axis = None if name == "-" else name
        elif kind == "dimension":
            view.dimensions.append(name)
        else:
            view.measures.append(name)
    return names


PROMISED = read_names()
