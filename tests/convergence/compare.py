"""When two databases hold the same, and when one holds what happened.

Serial ids are replaced by names; times at which the loader made a row are left
out, as is the start of an enrollment that only a load's first sight of it dates,
and so are users, sources, campaigns and touches that no present prospect
refers to; derived touches are compared by id, campaign and type. Sources are
one whatever their case, so their spelling may come from an earlier load.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import psycopg

# The prospects that are gone by the rule of the models: seen by some load, but
# not by the last complete one.
GONE = """
    select p.prospect_id
    from loader.sync_prospects as p
    where p.last_seen_at < (
        select r.started_at from loader.sync_runs as r
        where r.outcome = 'complete' order by r.finished_at desc limit 1
    )
"""
_PRESENT = f"not in ({GONE})"
_USED_TOUCHES = f"""
    select e.touch_id from touch_engagements as e
    where e.touch_id is not null and e.prospect_id {_PRESENT}
"""
QUERIES = {
    "prospects": f"""
        select p.prospect_id, p.first_name, p.last_name, p.email, p.phone,
            lower(l.source_name), s.stage_name, p.assigned_to,
            p.created_at, p.updated_at,
            case when p.prospect_id = any(%(undated)s) then null
                else p.stage_entered_at end,
            p.stage_exited_at, p.do_not_call
        from prospects as p
        left join lead_sources as l using (lead_source_id)
        left join qualification_stages as s
            on s.stage_id = p.qualification_stage_id
        where p.prospect_id {_PRESENT}
    """,
    "users": f"""
        select u.user_id, u.first_name, u.last_name, u.email, u.bonzo_user_id, u.role
        from users as u
        where u.user_id in (
            select p.assigned_to from prospects as p where p.prospect_id {_PRESENT}
        )
    """,
    "campaigns": f"""
        select c.campaign_id, c.campaign_name
        from campaigns as c
        where c.campaign_id in (
            select a.campaign_id from prospect_campaign_assignments as a
            where a.prospect_id {_PRESENT}
            union all
            select t.campaign_id from touches as t where t.touch_id in ({_USED_TOUCHES})
        )
    """,
    "derived touches": f"""
        select t.touch_id, t.campaign_id, t.touch_type
        from touches as t join loader.touch_origins as o using (touch_id)
        where o.origin = 'derived' and t.touch_id in ({_USED_TOUCHES})
    """,
    "listed touches": """
        select t.touch_id, t.campaign_id, t.touch_order, t.touch_type, t.content,
            t.scheduled_delay
        from touches as t join loader.touch_origins as o using (touch_id)
        where o.origin = 'listed'
    """,
    "enrollments": f"""
        select case when f.started_at is null then a.assignment_id end,
            a.prospect_id, a.campaign_id,
            case when f.started_at is null then a.assigned_at end,
            a.completed_at, a.status
        from prospect_campaign_assignments as a
        left join loader.enrollment_starts as f
            on f.is_first_seen and f.prospect_id = a.prospect_id
            and f.campaign_id = a.campaign_id and f.started_at = a.assigned_at
        where a.prospect_id {_PRESENT}
    """,
    "engagements": f"""
        select e.engagement_id, e.prospect_id, e.touch_id, e.engagement_type,
            e.engagement_time, e.content, e.campaign_id
        from touch_engagements as e where e.prospect_id {_PRESENT}
    """,
    "loans": f"""
        select l.loan_id, l.prospect_id, l.loan_amount, l.property_value, l.loan_type,
            l.interest_rate, l.status, l.created_at, l.updated_at
        from loans as l where l.prospect_id {_PRESENT}
    """,
    "loan dates": f"""
        select d.loan_id, d.applied_on, d.rate_locked_on, d.closed_on
        from loan_dates as d where d.loan_id {_PRESENT}
    """,
    "details": f"""
        select d.prospect_id, d.city, d.state, d.property_state, d.time_zone,
            d.credit_score, d.loan_purpose, d.loan_program
        from prospect_details as d where d.prospect_id {_PRESENT}
    """,
    "tags": f"""
        select t.prospect_id, t.tag
        from prospect_tags as t where t.prospect_id {_PRESENT}
    """,
    "rejects": f"""
        select r.resource, r.id, r.field, r.reason
        from loader.rejected_records as r where r.prospect_id {_PRESENT}
    """,
}


@dataclass(frozen=True)
class Comparison:
    """How many rows were compared, and which differ."""

    rows: int
    differences: list[str]


def compare(left: str, right: str, undated: Iterable[int] = ()) -> Comparison:
    """Compare two databases by DSN.

    `undated` are prospects whose stage has no entry time of its own: theirs is
    the time at which a load first saw it, which two databases need not share.
    """
    rows, differences = 0, []
    parameters = {"undated": list(undated)}
    with psycopg.connect(left) as one, psycopg.connect(right) as other:
        for name, query in QUERIES.items():
            found = [
                set(connection.execute(query, parameters).fetchall())
                for connection in (one, other)
            ]
            rows += len(found[0] | found[1])
            for side, extra in (
                ("left", found[0] - found[1]),
                ("right", found[1] - found[0]),
            ):
                differences += [
                    f"{name}, {side} only: {row}" for row in sorted(extra, key=repr)
                ]
    return Comparison(rows, differences)


def gone(dsn: str) -> set[int]:
    """Return the prospects that a database holds as gone."""
    with psycopg.connect(dsn) as connection:
        return {row[0] for row in connection.execute(GONE)}
