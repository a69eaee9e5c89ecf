"""The longer SQL statements, each in a file of its own below sql/."""

from __future__ import annotations

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "sql"


@cache
def statement(name: str) -> str:
    """Return the text of sql/<name>.sql; its %(name)s are psycopg's placeholders."""
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")
