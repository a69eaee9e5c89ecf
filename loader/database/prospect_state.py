"""The loader's own state: runs, what is known of each prospect, the origin."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row, dict_row

from loader.errors import LoaderError


@dataclass(frozen=True)
class Clock:
    """A run's times, all from PostgreSQL unless a clock was injected.

    `started_at` is later than any earlier run's even if the clock was set back;
    `now` is the clock itself.
    """

    run_id: int
    started_at: datetime
    now: datetime


@dataclass(frozen=True)
class ProspectState:
    """What earlier loads know of one prospect."""

    prospect_id: int
    last_seen_at: datetime | None
    fingerprint: str | None
    rules_version: str | None
    messages_read_at: datetime | None
    last_message_at: datetime | None
    listed: list[str] | None
    sequences: list[int] | None
    opted_out_seen_at: datetime | None
    gone_at: datetime | None
    hidden_at: datetime | None


_STATE_COLUMNS = ", ".join(ProspectState.__dataclass_fields__)


def start_run(connection: Connection, at: datetime | None = None) -> Clock:
    """Note a new run; one that never ended is noted as failed.

    `at` stands in for PostgreSQL's clock.
    """
    connection.execute(
        "update loader.sync_runs set outcome = 'failed', finished_at = started_at, "
        "message = 'ended without a word: killed, or the machine went down' "
        "where outcome is null"
    )
    row = connection.execute(
        """
        insert into loader.sync_runs (started_at)
        select greatest(
            coalesce(%(at)s::timestamptz, clock_timestamp()),
            (
                select max(greatest(r.started_at, r.finished_at))
                from loader.sync_runs as r
            ) + interval '1 microsecond',
            (
                select max(p.last_seen_at) from loader.sync_prospects as p
            ) + interval '1 microsecond'
        )
        returning
            run_id, started_at, coalesce(%(at)s::timestamptz, clock_timestamp())
        """,
        {"at": at},
    ).fetchone()
    return Clock(*row)


def finish_run(
    connection: Connection,
    run_id: int,
    values: dict[str, Any],
    at: datetime | None = None,
) -> datetime:
    """Note how the run ended; returns the time noted.

    `at` stands in for PostgreSQL's clock.
    """
    row = connection.execute(
        """
        update loader.sync_runs
        set
            finished_at = greatest(
                coalesce(%(at)s::timestamptz, clock_timestamp()), started_at
            ),
            outcome = %(outcome)s,
            message = %(message)s,
            warnings = %(warnings)s,
            requests = %(requests)s,
            prospects_read = %(prospects_read)s,
            messages_read = %(messages_read)s,
            rows_changed = %(rows_changed)s,
            rejected_records = %(rejected_records)s,
            noted_fields = %(noted_fields)s,
            prospects_gone = %(prospects_gone)s
        where run_id = %(run_id)s
        returning finished_at
        """,
        {**values, "run_id": run_id, "at": at},
    ).fetchone()
    return row[0]


def check_origin(connection: Connection, origin: str) -> None:
    """Refuse another service than the one that the database is loaded from."""
    row = connection.execute("select origin from loader.origin").fetchone()
    if row is not None and row[0] != origin:
        raise LoaderError(
            f"This database is loaded from {row[0]}, and {origin} is another service: "
            "their ids would mix. Use another database, or correct BONZO_BASE_URL."
        )


def set_origin(connection: Connection, origin: str) -> None:
    """Remember the service's address, once it has answered."""
    connection.execute(
        "insert into loader.origin (origin) select %s "
        "where not exists (select 1 from loader.origin)",
        [origin],
    )
    check_origin(connection, origin)


def prospect_states(
    connection: Connection, ids: Iterable[int]
) -> dict[int, ProspectState]:
    """The states of those of the prospects that were seen before."""
    with connection.cursor(row_factory=class_row(ProspectState)) as cursor:
        cursor.execute(
            f"select {_STATE_COLUMNS} from loader.sync_prospects "
            "where prospect_id = any(%s)",
            [list(ids)],
        )
        return {state.prospect_id: state for state in cursor}


def due_prospects(
    connection: Connection,
    now: datetime,
    *,
    version: str,
    full_read_days: float,
    limit: int,
) -> set[int]:
    """Ids whose messages are due for another read though nothing shows a change.

    Listed in a campaign and read over a day ago; read over `full_read_days` ago;
    or read under other rules. The longest unread first, at most `limit`. A read
    that lies in the future (the clock was set back) counts as long ago.
    """
    rows = connection.execute(
        """
        select p.prospect_id
        from loader.sync_prospects as p
        where
            p.gone_at is null
            and (
                p.messages_read_at is null
                or p.messages_read_at > %(now)s
                or p.rules_version is distinct from %(version)s
                or p.messages_read_at < %(now)s - %(full)s * interval '1 day'
                or (
                    coalesce(cardinality(p.listed), 0) > 0
                    and p.messages_read_at < %(now)s - interval '1 day'
                )
            )
        order by p.messages_read_at asc nulls first, p.prospect_id asc
        limit %(limit)s
        """,
        {"now": now, "version": version, "full": full_read_days, "limit": limit},
    )
    return {row[0] for row in rows}


def enrollment_starts(
    connection: Connection, ids: Iterable[int]
) -> dict[int, list[dict[str, Any]]]:
    """EnrollmentFacts starts per prospect: campaign_key, started_at, is_first_seen."""
    found: dict[int, list[dict[str, Any]]] = {}
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(
            "select prospect_id, campaign_key, started_at, is_first_seen "
            "from loader.enrollment_starts "
            "where prospect_id = any(%s) and campaign_key is not null",
            [list(ids)],
        )
        for row in cursor:
            found.setdefault(row["prospect_id"], []).append(row)
    return found


def last_stays(
    connection: Connection, ids: Iterable[int]
) -> dict[int, tuple[int, datetime]]:
    """The stage and entry time of each prospect's latest row of history."""
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
    """How many prospects were there before, and how many this run has not seen."""
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
    """Ids over `after` of present prospects that this run has not seen, in order."""
    rows = connection.execute(
        "select prospect_id from loader.sync_prospects "
        "where gone_at is null and last_seen_at < %s and prospect_id > %s "
        "order by prospect_id limit %s",
        [started_at, after, limit],
    )
    return [row[0] for row in rows]


def mark_gone(connection: Connection, ids: list[int], at: datetime) -> None:
    """These prospects were deleted or merged in Bonzo; their rows stay."""
    connection.execute(
        "update loader.sync_prospects set gone_at = %s where prospect_id = any(%s)",
        [at, ids],
    )


def mark_hidden(connection: Connection, ids: list[int], at: datetime) -> None:
    """The token may not see these prospects (any more); they are kept."""
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


def last_was_incomplete(connection: Connection) -> bool:
    """Whether the run before this one did not get to its end."""
    row = connection.execute(
        "select outcome from loader.sync_runs where outcome is not null "
        "order by run_id desc limit 1"
    ).fetchone()
    return row is not None and row[0] != "complete"
