"""Which tables a load has changed that the dashboards have not read yet.

It is noted in `.data/unread.json`, so that nothing is missed: neither what a load
wrote while Rill was not running, nor what a load wrote that was killed, nor what
was written while Rill was reading.
"""

from __future__ import annotations

import json
import os
from collections.abc import Set
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from uuid import uuid4

from loader.errors import LoaderError

FILE = "unread.json"


@dataclass(frozen=True)
class UnreadData:
    """What is to be read.

    `tables` are names as in PostgreSQL, with the schema where it is not public;
    None stands for all of them. `read_at` is when the dashboards were last brought
    up to date, None if that is not known. `rejects` are the counts of rejected
    records and fields that they show. `version` tells one note from the next.
    """

    tables: frozenset[str] | None = None
    read_at: datetime | None = None
    rejects: tuple[int, int] | None = None
    version: str = ""

    def after(self, changed: Set[str], rejects: tuple[int, int]) -> UnreadData:
        """Return this with the tables that a load changed, and what it rejected."""
        if rejects != self.rejects:
            changed = changed | {"loader.rejected_records"}
        known = self.tables
        tables = None if known is None else known | changed
        return replace(self, tables=tables, rejects=rejects)

    def is_due(self, now: datetime) -> bool:
        """Return whether the moment that the numbers are as of has to move on.

        It may stay while nothing changes, but not into another hour: whom to call,
        and what is stale, depends on it.
        """
        if self.tables is None or self.tables or self.read_at is None:
            return True
        return self.read_at.replace(minute=0, second=0, microsecond=0) != now.replace(
            minute=0, second=0, microsecond=0
        )


def find(state_dir: Path) -> UnreadData:
    """Return what is noted; without a readable note, everything is unread."""
    try:
        noted = json.loads((state_dir / FILE).read_text())
        tables, rejects = noted["tables"], noted["rejects"]
        return UnreadData(
            tables=None if tables is None else frozenset(tables),
            read_at=noted["read_at"] and datetime.fromisoformat(noted["read_at"]),
            rejects=rejects and (int(rejects[0]), int(rejects[1])),
            version=noted["version"],
        )
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return UnreadData()


def note(state_dir: Path, unread: UnreadData) -> None:
    """Replace the note in one step; where none can be kept, all is unread.

    Raises LoaderError where an earlier note can be neither replaced nor removed.
    """
    text = json.dumps(
        {
            "tables": None if unread.tables is None else sorted(unread.tables),
            "read_at": unread.read_at and unread.read_at.isoformat(),
            "rejects": unread.rejects,
            "version": uuid4().hex,
        }
    )
    partial = state_dir / f"{FILE}.{os.getpid()}"
    try:
        state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial.write_text(text)
        partial.replace(state_dir / FILE)
    except OSError as error:
        _remove(state_dir, partial, error)


def _remove(state_dir: Path, partial: Path, error: OSError) -> None:
    """Remove a note that could not be replaced; a LoaderError if it stays."""
    for path in (partial, state_dir / FILE):
        with suppress(OSError):
            path.unlink(missing_ok=True)
    if find(state_dir) != UnreadData():
        raise LoaderError(
            f"cannot write {state_dir / FILE} ({error.strerror}), so the dashboards "
            "would not read what is loaded: give this user write permission there."
        ) from None


def note_read(state_dir: Path, before: UnreadData, at: datetime) -> None:
    """Note that all of it has been read, unless more has come since `before`."""
    now = find(state_dir)
    if now.version == before.version:
        note(state_dir, replace(now, tables=frozenset(), read_at=at))


def utc_now() -> datetime:
    """Return the present moment."""
    return datetime.now(timezone.utc)
