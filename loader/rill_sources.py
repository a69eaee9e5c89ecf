"""The sources of the Rill project: what each reads, and how a start reads it again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from dotenv import set_key

from loader.config import read_env_file
from loader.errors import LoaderError

# Read after every load, or the data would seem older than it is.
AGE_MODEL = "load_age"
# From these comes the moment that all numbers are as of. They belong together: who
# was not seen by the last load is gone.
CLOCK_TABLES = frozenset({"loader.sync_runs", "loader.sync_prospects"})
VERSION = "data_version"
# A table, not a function such as postgres_query(...).
TABLE = re.compile(r"\b(?:from|join)\s+((?:loader\.)?[a-z_]+)\b(?!\()", re.IGNORECASE)


def to_read(rill_dir: Path, tables: Iterable[str], clock: bool) -> list[str]:
    """Return the sources that read one of these tables, and the data's age always.

    With `clock` those are among them that say as of when the numbers are. A source
    whose tables cannot be told from its text is read whenever anything is.
    """
    wanted = set(tables) | (CLOCK_TABLES if clock else set())
    found = [AGE_MODEL]
    for path in sorted((rill_dir / "sources").glob("*.yaml")):
        text = path.read_text(encoding="utf-8", errors="replace")
        if "postgres" not in text:
            continue
        read = {name.lower() for name in TABLE.findall(text)}
        if wanted and (not read or read & wanted):
            found.append(path.stem)
    return found


def files_are_newer(rill_dir: Path, read_at: datetime | None) -> bool:
    """Return whether a CSV file or a variable was edited after the last reading."""
    if read_at is None:
        return True
    values = read_env_file(rill_dir / ".env")
    folders = {rill_dir / "data", rill_dir / (values.get("data_dir") or "data")}
    files = [rill_dir / ".env", *(p for f in folders for p in f.glob("*.csv"))]
    return any(p.stat().st_mtime > read_at.timestamp() for p in files if p.is_file())


def have_next_start_read(rill_dir: Path, now: datetime) -> None:
    """Have the next Rill that starts here read all sources again.

    It would go on with what it had when it ended: only sources whose text changed
    are read at a start, and every source holds this variable.
    """
    path = rill_dir / ".env"
    read_env_file(path)
    try:
        set_key(path, VERSION, now.isoformat(), quote_mode="never")
    except OSError as error:
        raise LoaderError(
            f"cannot write {path} ({error.strerror}), so the next Rill that starts "
            "shows what it showed before: run `make refresh` then."
        ) from None
