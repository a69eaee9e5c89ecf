"""Settles the steps of campaigns: as listed by the user, else by habit."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from psycopg import Connection

from loader.database.tables import LISTED_TOUCHES
from loader.database.upsert import Counts, upsert
from loader.mapping.ids import campaign_uuid, touch_uuid
from loader.mapping.mapping_config import ConfiguredStep


class KnownTouch(NamedTuple):
    """A step as the database holds it; the last two say whose type it has."""

    campaign_id: UUID
    kind: str
    type_at: datetime | None
    type_message: int | None


def load(connection: Connection) -> dict[UUID, KnownTouch]:
    """Every step by id."""
    rows = connection.execute(
        """
        select t.touch_id, t.campaign_id, t.touch_type, o.type_at, o.type_message
        from touches as t
        inner join loader.touch_origins as o on t.touch_id = o.touch_id
        """
    )
    return {row[0]: KnownTouch(*row[1:]) for row in rows}


def settle_listed(
    connection: Connection, listed: Iterable[tuple[ConfiguredStep, str]]
) -> tuple[Counts, bool]:
    """Write the user's steps as written; each comes with its campaign's key.

    Also returns whether a step became listed or ceased to be.
    """
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
    counts = upsert(connection, LISTED_TOUCHES, rows)
    ids = [row["touch_id"] for row in rows]
    turned = connection.execute(
        "update loader.touch_origins set origin = 'derived' "
        "where origin = 'listed' and touch_id <> all(%s)",
        [ids],
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
    return counts, turned > 0


def settle_derived(connection: Connection) -> Counts:
    """Order the other steps and compute their delays from what was sent.

    Steps follow the listed ones of their campaign, sorted by the median time
    since the first message of the enrollment, then by id. A delay is the
    difference to the step before, in whole minutes; that of a campaign's first
    step is the median time from enrollment to first message.
    """
    updated = connection.execute(_SETTLE_DERIVED).rowcount
    return Counts(updated=updated)


_SETTLE_DERIVED = """
with sent as (
    select e.prospect_id, e.touch_id, e.campaign_id, e.engagement_time as sent_at
    from touch_engagements as e
    inner join loader.sync_prospects as p on e.prospect_id = p.prospect_id
    inner join loader.touch_origins as o on e.touch_id = o.touch_id
    where
        e.engagement_type = 'Sent'
        and e.engagement_time is not null
        and p.gone_at is null
        and o.sequence_id is not null
),

runs as (
    select
        prospect_id,
        campaign_id,
        assigned_at,
        lead(assigned_at) over (
            partition by prospect_id, campaign_id order by assigned_at
        ) as next_at
    from prospect_campaign_assignments
),

placed as (
    select
        s.*,
        r.assigned_at,
        r.next_at,
        min(s.sent_at) over (
            partition by s.prospect_id, s.campaign_id, r.assigned_at
        ) as first_at
    from sent as s
    inner join runs as r
        on
            s.prospect_id = r.prospect_id
            and s.campaign_id = r.campaign_id
            and s.sent_at >= r.assigned_at
            and (r.next_at is null or s.sent_at < r.next_at)
),

habits as (
    select
        touch_id,
        percentile_cont(0.5) within group (
            order by extract(epoch from sent_at - first_at)
        ) as seconds
    from placed
    group by touch_id
),

firsts as (
    select distinct prospect_id, campaign_id, assigned_at, first_at
    from placed
    where next_at is null
),

beginnings as (
    select
        f.campaign_id,
        percentile_cont(0.5) within group (
            order by extract(epoch from f.first_at - f.assigned_at)
        ) as seconds
    from firsts as f
    inner join loader.sync_prospects as p on f.prospect_id = p.prospect_id
    inner join loader.enrollment_starts as k
        on
            f.prospect_id = k.prospect_id
            and f.campaign_id = k.campaign_id
            and f.assigned_at = k.started_at
            and not k.is_first_seen
            and k.campaign_key = any(p.listed)
    group by f.campaign_id
),

ranked as (
    select
        t.touch_id,
        t.campaign_id,
        o.origin,
        h.seconds,
        row_number() over steps as step,
        lag(h.seconds) over steps as seconds_before,
        count(*) filter (where o.origin = 'listed') over (
            partition by t.campaign_id
        ) as listed,
        max(t.touch_order) filter (where o.origin = 'listed') over (
            partition by t.campaign_id
        ) as last_listed
    from touches as t
    inner join loader.touch_origins as o on t.touch_id = o.touch_id
    left join habits as h on t.touch_id = h.touch_id
    window steps as (
        partition by t.campaign_id
        order by
            (o.origin = 'derived') asc,
            (case when o.origin = 'listed' then t.touch_order end) asc,
            h.seconds asc nulls last,
            t.touch_id asc
    )
),

settled as (
    select
        r.touch_id,
        (coalesce(r.last_listed, 0) + r.step - r.listed)::int as touch_order,
        least(
            greatest(
                round(
                    case
                        when r.step = 1 then coalesce(b.seconds, 0)
                        else coalesce(r.seconds - r.seconds_before, 0)
                    end / 60
                ),
                0
            ),
            2147483647
        )::int as scheduled_delay
    from ranked as r
    left join beginnings as b on r.campaign_id = b.campaign_id
    where r.origin = 'derived'
)

update touches as t
set
    touch_order = s.touch_order,
    scheduled_delay = s.scheduled_delay,
    content = '(' || t.touch_type || '; Bonzo does not show the text of its steps)',
    updated_at = now()
from settled as s
where
    t.touch_id = s.touch_id
    and (
        t.touch_order,
        t.scheduled_delay,
        t.content
    ) is distinct from (
        s.touch_order,
        s.scheduled_delay,
        '(' || t.touch_type || '; Bonzo does not show the text of its steps)'
    )
"""
