"""Lead sources, found by how their names look, without case."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from loader.database.upsert import Counts, Writer
from loader.mapping.parsers import fold_blanks, fold_case


def write_sources(writer: Writer, names: Iterable[str]) -> dict[str, int]:
    """Make sure that each name has a row; return the row's id by name.

    Of spellings that look alike but for case, the one that sorts first is kept, so
    that the result does not depend on the order in which they are met.
    """
    names = list(names)
    if not names:
        return {}
    best: dict[str, str] = {}
    for name in names:
        key = _fold(name)
        best[key] = min(name, best.get(key, name))
    stored = _stored(writer)
    counts = Counts(read=len(names))
    for key, name in best.items():
        if key not in stored:
            row = writer.connection.execute(
                "insert into lead_sources (source_name) values (%s) "
                "returning lead_source_id",
                [name],
            ).fetchone()
            stored[key] = (name, row[0])
            counts.inserted += 1
        elif name < stored[key][0]:
            writer.connection.execute(
                "update lead_sources set source_name = %s, updated_at = now() "
                "where lead_source_id = %s",
                [name, stored[key][1]],
            )
            counts.updated += 1
    writer.counts.add("lead_sources", counts)
    return {name: stored[_fold(name)][1] for name in names}


def _stored(writer: Writer) -> dict[str, tuple[str, int]]:
    """Return name and id of every source, by folded name.

    Where somebody else has written several spellings, the one that sorts first
    counts: whatever sorts before it is then no other row's name.
    """
    rows = writer.connection.execute(
        "select source_name, lead_source_id from lead_sources"
    )
    found = sorted(rows, reverse=True)
    return {_fold(name): (name, source_id) for name, source_id in found}


def _fold(name: str) -> str:
    """Return what spellings of one name share: blanks, accents, no hidden signs."""
    shown = fold_case(fold_blanks(name))
    if shown.isascii():
        return shown
    return "".join(c for c in shown if unicodedata.category(c) != "Cf")
