"""Which campaign each sequence belongs to, as kept in the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from loader.database.sql_files import statement
from loader.mapping.ids import campaign_uuid, sequence_key, touch_uuid


def load(connection: Connection) -> list[dict[str, Any]]:
    """Return the rows of loader.sequences."""
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(
            "select sequence_id, campaign_key, is_known, stop_on_response "
            "from loader.sequences"
        )
        return cursor.fetchall()


def majorities(connection: Connection, known: Iterable[int]) -> dict[int, str]:
    """Return unknown sequence -> key of the campaign that most of its prospects are in.

    Only present prospects in exactly one campaign count; the smaller campaign id
    wins a tie. Without any such prospect: a campaign of its own.
    """
    rows = connection.execute(
        """
        select
            s.sequence_id,
            (
                array_agg(p.listed[1] order by p.listed[1])
                filter (where cardinality(p.listed) = 1)
            ) as keys
        from loader.sync_prospects as p
        cross join unnest(p.sequences) as s (sequence_id)
        where
            p.gone_at is null
            and s.sequence_id > 0
            and s.sequence_id <> all(%s::bigint[])
        group by s.sequence_id
        """,
        [list(known)],
    )
    return {sequence: most_frequent(keys, sequence) for sequence, keys in rows}


def most_frequent(keys: list[str] | None, sequence: int) -> str:
    """Return the key named most often; the smallest number of those that tie."""
    if not keys:
        return sequence_key(sequence)
    return min(set(keys), key=lambda key: (-keys.count(key), int(key)))


def move(connection: Connection, sequence: int, key: str) -> int:
    """Put a sequence's steps and engagements under a campaign; count the rows."""
    campaign = campaign_uuid(key)
    moved = connection.execute(
        """
        update touches as t
        set campaign_id = %(campaign)s, updated_at = now()
        from loader.touch_origins as o
        where
            o.touch_id = t.touch_id
            and o.sequence_id = %(sequence)s
            and t.campaign_id is distinct from %(campaign)s
        """,
        {"campaign": campaign, "sequence": sequence},
    ).rowcount
    moved += connection.execute(
        """
        update touch_engagements as e
        set campaign_id = %(campaign)s
        from loader.touch_origins as o
        where
            o.touch_id = e.touch_id
            and o.sequence_id = %(sequence)s
            and e.campaign_id is distinct from %(campaign)s
        """,
        {"campaign": campaign, "sequence": sequence},
    ).rowcount
    return moved


def replace_stand_ins(connection: Connection, current: Mapping[str, int]) -> int:
    """Give steps that stood under a campaign's own number its sequence.

    `current` has the sequence of each campaign. Return the number of steps.
    """
    rows = connection.execute(
        "select touch_id, -sequence_id, event_id from loader.touch_origins "
        "where -sequence_id = any(%s::bigint[])",
        [[int(key) for key in current]],
    ).fetchall()
    for touch_id, campaign, event in rows:
        sequence = current[str(campaign)]
        values = {
            "old": touch_id,
            "new": touch_uuid(sequence, event),
            "sequence": sequence,
        }
        for change in statement("replace_stand_in").split(";"):
            if change.strip():
                connection.execute(change, values)
    return len(rows)


def prospects_of(connection: Connection, sequences: Iterable[int]) -> list[int]:
    """Return present prospects whose messages carry one of the sequences."""
    rows = connection.execute(
        "select prospect_id from loader.sync_prospects "
        "where gone_at is null and sequences && %s::bigint[] order by prospect_id",
        [list(sequences)],
    )
    return [row[0] for row in rows]
