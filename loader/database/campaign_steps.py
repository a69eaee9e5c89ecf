"""The steps of campaigns: as listed by the user, else ordered by habit."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from psycopg import Connection

from loader.database.sql_files import statement
from loader.database.tables import LISTED_TOUCHES
from loader.database.upsert import Counts, StepChanges, Writer
from loader.mapping.ids import campaign_uuid, touch_uuid
from loader.mapping.mapping_config import ConfiguredStep


class KnownTouch(NamedTuple):
    """A step as the database holds it; the last two say whose type it has."""

    campaign_id: UUID
    kind: str
    type_at: datetime | None
    type_message: int | None


def known_touches(
    connection: Connection, ids: Iterable[UUID]
) -> dict[UUID, KnownTouch]:
    """Return those of the steps that the database holds, by id."""
    rows = connection.execute(
        """
        select t.touch_id, t.campaign_id, t.touch_type, o.type_at, o.type_message
        from touches as t
        inner join loader.touch_origins as o on t.touch_id = o.touch_id
        where t.touch_id = any(%s)
        """,
        [list(ids)],
    )
    return {row[0]: KnownTouch(*row[1:]) for row in rows}


def write_listed_steps(
    writer: Writer, listed: Iterable[tuple[ConfiguredStep, str]]
) -> bool:
    """Write the user's steps as written; each comes with its campaign's key.

    Return whether that makes the order of derived steps worth another look.
    """
    connection = writer.connection
    rows = [
        {
            "touch_id": touch_uuid(step.sequence, step.event),
            "campaign_id": campaign_uuid(key),
            "touch_order": step.order,
            "touch_type": step.kind,
            "content": step.content,
            "scheduled_delay": step.delay,
            "sequence_id": step.sequence,
            "event_id": step.event,
        }
        for step, key in listed
    ]
    written = writer.upsert(LISTED_TOUCHES, rows)
    turned = connection.execute(
        "update loader.touch_origins set origin = 'derived' "
        "where origin = 'listed' and touch_id <> all(%s)",
        [[row["touch_id"] for row in rows]],
    ).rowcount
    for row in rows:
        turned += connection.execute(
            """
            insert into loader.touch_origins (touch_id, origin, sequence_id, event_id)
            values (%(touch_id)s, 'listed', %(sequence_id)s, %(event_id)s)
            on conflict (touch_id) do update set origin = 'listed'
            where touch_origins.origin <> 'listed'
            """,
            row,
        ).rowcount
    return turned > 0 or written.changed > 0


def order_derived_steps(writer: Writer, changes: StepChanges) -> None:
    """Order the other steps and compute their delays; see sql/order_steps.sql.

    Only in the campaigns that have changed.
    """
    if not changes.everywhere and not changes.campaigns:
        return
    ids = None if changes.everywhere else list(changes.campaigns)
    connection = writer.connection
    # Tables that were just filled have no statistics yet. PostgreSQL takes them for
    # small and would look up a whole campaign for each of its enrollments.
    connection.execute("set local enable_nestloop = off")
    updated = connection.execute(statement("order_steps"), {"campaigns": ids}).rowcount
    connection.execute("set local enable_nestloop = default")
    writer.counts.add("touches", Counts(updated=updated))


def campaigns_of(connection: Connection, prospect_ids: list[int]) -> set[UUID]:
    """Return the campaigns that prospects are or were in, or had a message of."""
    rows = connection.execute(
        "select campaign_id from prospect_campaign_assignments "
        "where prospect_id = any(%(ids)s) and campaign_id is not null union "
        "select campaign_id from touch_engagements "
        "where prospect_id = any(%(ids)s) and campaign_id is not null",
        {"ids": prospect_ids},
    )
    return {row[0] for row in rows}
