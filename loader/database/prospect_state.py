"""What loads know of each prospect beside the rows that users see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row, dict_row

from loader.database.sql_files import statement


@dataclass(frozen=True)
class ProspectState:
    """What earlier loads know of one prospect; None where they do not.

    `current_campaigns` are the keys of the campaigns that it was last in.
    """

    prospect_id: int
    last_seen_at: datetime | None = None
    fingerprint: str | None = None
    record_hash: str | None = None
    rules_version: str | None = None
    messages_read_at: datetime | None = None
    last_message_at: datetime | None = None
    current_campaigns: list[str] | None = None
    sequences: list[int] | None = None
    unknown_events: list[int] | None = None
    yields_to: list[int] | None = None
    opted_out_seen_at: datetime | None = None
    deleted_at: datetime | None = None
    inaccessible_at: datetime | None = None

    def row(self) -> dict[str, Any]:
        """Return the row of loader.sync_prospects."""
        return {
            _COLUMN_OF.get(name, name): getattr(self, name)
            for name in self.__dataclass_fields__
        }


# Columns had these names before the fields had better ones.
_COLUMN_OF = {
    "current_campaigns": "listed",
    "deleted_at": "gone_at",
    "inaccessible_at": "hidden_at",
}
_COLUMNS = ", ".join(
    f"{_COLUMN_OF.get(name, name)} as {name}"
    for name in ProspectState.__dataclass_fields__
)


def prospect_states(
    connection: Connection, ids: Iterable[int]
) -> dict[int, ProspectState]:
    """Return the states of those of the prospects that were seen before."""
    with connection.cursor(row_factory=class_row(ProspectState)) as cursor:
        cursor.execute(
            f"select {_COLUMNS} from loader.sync_prospects where prospect_id = any(%s)",
            [list(ids)],
        )
        return {state.prospect_id: state for state in cursor}


def pending_rereads(
    connection: Connection,
    now: datetime,
    *,
    version: str | None,
    full_read_days: float,
    limit: int | None,
) -> list[int]:
    """Return ids whose messages are due for another read though nothing changed.

    The rules are in sql/pending_rereads.sql. `version` is that of the mapping
    rules, None if it is not known; a `limit` of None means all.
    """
    rows = connection.execute(
        statement("pending_rereads"),
        {
            "now": now,
            "version": version,
            "full_read_days": full_read_days,
            "row_limit": limit,
        },
    )
    return [row[0] for row in rows]


def enrollment_starts(
    connection: Connection, ids: Iterable[int]
) -> dict[int, list[dict[str, Any]]]:
    """Return the known starts per prospect.

    Each has campaign_key, started_at and is_first_seen.
    """
    starts: dict[int, list[dict[str, Any]]] = {}
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(
            "select prospect_id, campaign_key, started_at, is_first_seen "
            "from loader.enrollment_starts "
            "where prospect_id = any(%s) and campaign_key is not null",
            [list(ids)],
        )
        for row in cursor:
            starts.setdefault(row["prospect_id"], []).append(row)
    return starts


def last_stays(
    connection: Connection, ids: Iterable[int]
) -> dict[int, tuple[int, datetime]]:
    """Return the stage and entry time of each prospect's latest row of history."""
    rows = connection.execute(
        """
        select distinct on (prospect_id) prospect_id, stage_id, entered_at
        from prospect_stage_history
        where prospect_id = any(%s)
        order by prospect_id, entered_at desc, first_seen_at desc, stage_id
        """,
        [list(ids)],
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def count_present(connection: Connection, started_at: datetime) -> tuple[int, int]:
    """Count the prospects that were there before, and those this run has not seen."""
    return connection.execute(
        """
        select
            count(*) filter (where gone_at is null),
            count(*) filter (where gone_at is null and last_seen_at < %s)
        from loader.sync_prospects
        """,
        [started_at],
    ).fetchone()


def unseen(
    connection: Connection, started_at: datetime, after: int, limit: int
) -> list[int]:
    """Return ids over `after` of present prospects not seen in this run, sorted."""
    rows = connection.execute(
        "select prospect_id from loader.sync_prospects "
        "where gone_at is null and last_seen_at < %s and prospect_id > %s "
        "order by prospect_id limit %s",
        [started_at, after, limit],
    )
    return [row[0] for row in rows]


def mark_deleted(connection: Connection, ids: list[int], at: datetime) -> list[int]:
    """Note that prospects were deleted or merged in Bonzo; their rows stay.

    Return those whose lists show messages that the deleted ones kept. They are due
    for another read, in this run or, should it fail, in the next.
    """
    connection.execute(
        "update loader.sync_prospects set gone_at = %s where prospect_id = any(%s)",
        [at, ids],
    )
    rows = connection.execute(
        "update loader.sync_prospects set rules_version = null "
        "where yields_to && %s::int[] and gone_at is null returning prospect_id",
        [ids],
    )
    return [row[0] for row in rows]


def mark_inaccessible(connection: Connection, ids: list[int], at: datetime) -> None:
    """Note that the token may not see these prospects (any more); they are kept."""
    connection.execute(
        "update loader.sync_prospects "
        "set hidden_at = coalesce(hidden_at, %s), last_seen_at = %s "
        "where prospect_id = any(%s)",
        [at, at, ids],
    )


def mark_for_reread(
    connection: Connection, keys: list[str], sequences: list[int]
) -> None:
    """Have messages read again where these campaigns or sequences occur."""
    connection.execute(
        "update loader.sync_prospects set rules_version = null "
        "where rules_version is not null "
        "and (listed && %s::text[] or sequences && %s::bigint[])",
        [keys, sequences],
    )


def present(connection: Connection, ids: Iterable[int]) -> set[int]:
    """Return those of the prospects that were not deleted in Bonzo."""
    rows = connection.execute(
        "select prospect_id from loader.sync_prospects "
        "where gone_at is null and prospect_id = any(%s)",
        [list(ids)],
    )
    return {row[0] for row in rows}


def mark_seen(connection: Connection, ids: Iterable[int], at: datetime) -> None:
    """Note that this run has seen prospects of whom nothing changed."""
    connection.execute(
        "update loader.sync_prospects set last_seen_at = %s "
        "where prospect_id = any(%s)",
        [at, list(ids)],
    )


def clear_fingerprints(connection: Connection, ids: Iterable[int]) -> None:
    """Have the next run read these prospects' messages, whatever it sees."""
    connection.execute(
        "update loader.sync_prospects set fingerprint = null "
        "where prospect_id = any(%s)",
        [list(ids)],
    )


def set_fingerprints(connection: Connection, fingerprints: dict[int, str]) -> None:
    """Note that everything about these prospects has been read."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "update loader.sync_prospects set fingerprint = %s where prospect_id = %s",
            [(value, prospect_id) for prospect_id, value in fingerprints.items()],
        )
