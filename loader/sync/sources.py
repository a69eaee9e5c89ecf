"""Lead sources, found by name without case."""

from __future__ import annotations

from collections.abc import Iterable

from psycopg import Connection

from loader.database.upsert import Counts


class SourceRegistry:
    """Name -> id. `commit_cache` after the transaction that `save` ran in.

    Of spellings that differ in case alone, the one that sorts first is kept, so
    that the result does not depend on the order in which they are met.
    """

    def __init__(self, connection: Connection) -> None:
        rows = connection.execute(
            "select source_name, lead_source_id from lead_sources "
            "order by lead_source_id desc"
        )
        self._known: dict[str, tuple[str, int]] = {
            _fold(name): (name, source_id) for name, source_id in rows
        }
        self._pending: dict[str, tuple[str, int]] = {}

    def save(self, connection: Connection, names: Iterable[str]) -> Counts:
        """Make sure that each name has a row."""
        self._pending = {}
        best: dict[str, str] = {}
        counts = Counts()
        for name in names:
            counts.read += 1
            best[_fold(name)] = min(name, best.get(_fold(name), name))
        for key, name in best.items():
            known = self._known.get(key)
            if known is None:
                row = connection.execute(
                    "insert into lead_sources (source_name) values (%s) "
                    "returning lead_source_id",
                    [name],
                ).fetchone()
                counts.inserted += 1
                self._pending[key] = (name, row[0])
            elif name < known[0]:
                connection.execute(
                    "update lead_sources set source_name = %s, updated_at = now() "
                    "where lead_source_id = %s",
                    [name, known[1]],
                )
                counts.updated += 1
                self._pending[key] = (name, known[1])
        return counts

    def id_of(self, name: str | None) -> int | None:
        """The row's id of a name that was saved."""
        if name is None:
            return None
        found = self._pending.get(_fold(name)) or self._known[_fold(name)]
        return found[1]

    def commit_cache(self) -> None:
        """Remember what the last `save` wrote; its transaction is through."""
        self._known.update(self._pending)
        self._pending = {}


def _fold(name: str) -> str:
    return " ".join(name.split()).casefold()
