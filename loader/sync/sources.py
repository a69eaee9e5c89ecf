"""Lead sources, found by name without case."""

from __future__ import annotations

from collections.abc import Iterable

from loader.database.upsert import Counts, Writer


def write_sources(writer: Writer, names: Iterable[str]) -> dict[str, int]:
    """Make sure that each name has a row; return the row's id by name.

    Of spellings that differ in case alone, the one that sorts first is kept, so
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
    """Return name and id of every source, by folded name."""
    rows = writer.connection.execute(
        "select source_name, lead_source_id from lead_sources "
        "order by lead_source_id desc"
    )
    return {_fold(name): (name, source_id) for name, source_id in rows}


def _fold(name: str) -> str:
    return " ".join(name.split()).casefold()
