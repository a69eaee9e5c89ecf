"""Keeps loader.rejected_records, the notes on what could not be stored."""

from __future__ import annotations

from collections.abc import Iterable

from psycopg import Connection

from loader.database.sql_files import statement
from loader.mapping.record_reader import Reject
from loader.redaction import redact


def replace_about(
    connection: Connection, resource: str, ids: Iterable[object], run_id: int
) -> None:
    """Forget what earlier runs noted about fields of these records.

    What this run noted stays: a user is seen with many prospects.
    """
    connection.execute(
        "delete from loader.rejected_records where resource = %s and id = any(%s) "
        "and field is not null and run_id is distinct from %s",
        [resource, [str(i) for i in ids], run_id],
    )


def replace_messages(connection: Connection, prospect_ids: list[int]) -> None:
    """Forget what was noted about these prospects' messages."""
    connection.execute(
        "delete from loader.rejected_records "
        "where resource = 'messages' and prospect_id = any(%s)",
        [prospect_ids],
    )


def replace_resource(connection: Connection, resource: str) -> None:
    """Forget everything that was noted about a resource."""
    connection.execute(
        "delete from loader.rejected_records where resource = %s", [resource]
    )


def delete_resolved(connection: Connection, run_id: int) -> None:
    """Forget what earlier runs noted of the list of prospects and this one did not.

    That is whole prospects, and users without an id, whom nobody else can replace.
    """
    connection.execute(
        "delete from loader.rejected_records where run_id is distinct from %s "
        "and (resource = 'prospects' and field is null "
        "or resource = 'users' and id is null)",
        [run_id],
    )


def save(
    connection: Connection, notes: Iterable[Reject], run_id: int, secret: str | None
) -> None:
    """Store notes, each once; `secret` is redacted in the originals."""
    unique = {(n.resource, n.id, n.field, n.original, n.prospect_id): n for n in notes}
    if not unique:
        return
    values = _columns(unique.values(), secret)
    whole = _columns([n for n in unique.values() if n.field is None], secret)
    connection.execute(statement("forget_whole_rejects"), whole)
    connection.execute(statement("insert_rejects"), {**values, "run_id": run_id})


def _columns(notes: Iterable[Reject], secret: str | None) -> dict[str, list[object]]:
    """Return the notes column by column, for as many rows in one statement."""
    notes = list(notes)
    return {
        "resources": [n.resource for n in notes],
        "ids": [n.id and redact(n.id, secret) for n in notes],
        "fields": [n.field for n in notes],
        "reasons": [redact(n.reason, secret) for n in notes],
        "originals": [redact(n.original or "", secret) for n in notes],
        "prospect_ids": [n.prospect_id for n in notes],
    }


def count_open(connection: Connection) -> tuple[int, int]:
    """Count the whole records and the single fields that are noted at present."""
    return connection.execute(
        "select count(*) filter (where field is null), count(field) "
        "from loader.rejected_records"
    ).fetchone()
