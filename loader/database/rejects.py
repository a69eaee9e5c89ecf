"""The notes on what could not be stored, kept up to date."""

from __future__ import annotations

from collections.abc import Iterable

from psycopg import Connection

from loader.mapping.notes import Note
from loader.redaction import redact


def replace_about(connection: Connection, resource: str, ids: Iterable[object]) -> None:
    """Forget what was noted about fields of these records."""
    connection.execute(
        "delete from loader.rejected_records "
        "where resource = %s and id = any(%s) and field is not null",
        [resource, [str(i) for i in ids]],
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


def drop_healed(connection: Connection, run_id: int) -> None:
    """Forget whole prospects that earlier runs rejected and this one did not."""
    connection.execute(
        "delete from loader.rejected_records "
        "where resource = 'prospects' and field is null and run_id is distinct from %s",
        [run_id],
    )


def save(
    connection: Connection, notes: Iterable[Note], run_id: int, secret: str | None
) -> None:
    """Store notes, each once; `secret` is blotted out of the originals."""
    unique = {(n.resource, n.id, n.field, n.original, n.prospect_id): n for n in notes}
    if not unique:
        return
    with connection.cursor() as cursor:
        whole = [n for n in unique.values() if n.field is None]
        cursor.executemany(
            "delete from loader.rejected_records where resource = %s "
            "and id is not distinct from %s and field is null and original = %s",
            [(n.resource, n.id, redact(n.original or "", secret)) for n in whole],
        )
        cursor.executemany(
            "insert into loader.rejected_records "
            "(resource, id, field, reason, original, run_id, prospect_id) "
            "values (%s, %s, %s, %s, %s, %s, %s)",
            [
                (
                    n.resource,
                    n.id and redact(n.id, secret),
                    n.field,
                    redact(n.reason, secret),
                    redact(n.original or "", secret),
                    run_id,
                    n.prospect_id,
                )
                for n in unique.values()
            ],
        )


def standing(connection: Connection) -> tuple[int, int]:
    """How many whole records and how many fields are noted at present."""
    return connection.execute(
        "select count(*) filter (where field is null), count(field) "
        "from loader.rejected_records"
    ).fetchone()
