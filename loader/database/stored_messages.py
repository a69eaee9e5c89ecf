"""What earlier batches stored of messages: for whom, when, and by which step."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from psycopg import Connection


class StoredRow(NamedTuple):
    """A row of touch_engagements, with the step that it belongs to.

    `is_present` is False for a prospect that was deleted in Bonzo.
    """

    engagement_id: UUID
    prospect_id: int
    is_present: bool
    at: datetime | None
    sequence: int | None
    event: int | None


def stored_rows(connection: Connection, ids: Iterable[UUID]) -> list[StoredRow]:
    """Return the rows of these ids."""
    cursor = connection.execute(
        """
        select
            e.engagement_id,
            e.prospect_id,
            p.gone_at is null as is_present,
            e.engagement_time,
            o.sequence_id,
            o.event_id
        from touch_engagements as e
        left join loader.sync_prospects as p on e.prospect_id = p.prospect_id
        left join loader.touch_origins as o on e.touch_id = o.touch_id
        where e.engagement_id = any(%s)
        """,
        [list(ids)],
    )
    return [StoredRow(*row) for row in cursor]


def sequences_of_events(
    connection: Connection, events: Iterable[int]
) -> dict[int, int]:
    """Return event -> the sequence whose step it is known to be.

    Of several a real sequence wins over a campaign in its place (a negative one),
    and the smallest number of those.
    """
    rows = connection.execute(
        """
        select distinct on (event_id) event_id, sequence_id
        from loader.touch_origins
        where sequence_id is not null and event_id = any(%s)
        order by event_id, (sequence_id < 0), abs(sequence_id)
        """,
        [list(events)],
    )
    return dict(rows.fetchall())


def prospects_with_known_events(connection: Connection) -> list[int]:
    """Return present prospects with an unknown event that has become known."""
    rows = connection.execute(
        """
        select p.prospect_id
        from loader.sync_prospects as p
        where
            p.gone_at is null
            and p.unknown_events && array(
                select o.event_id
                from loader.touch_origins as o
                where o.sequence_id is not null and o.event_id is not null
            )
        order by p.prospect_id
        """
    )
    return [row[0] for row in rows]
