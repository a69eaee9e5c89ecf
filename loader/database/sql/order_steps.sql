-- Orders the derived steps of campaigns and computes their delays. `campaigns`
-- are those that changed, null for all: nothing outside a campaign decides
-- there.
--
-- They follow the campaign's listed steps, sorted by the median time since the
-- first message of the enrollment, then by id. A delay is the difference to the
-- step before, in whole minutes; that of a campaign's first step is the median
-- time from enrollment to first message.
with sent as (
    select
        e.prospect_id,
        e.touch_id,
        e.campaign_id,
        e.engagement_time as sent_at
    from public.touch_engagements as e
    inner join loader.sync_prospects as p on e.prospect_id = p.prospect_id
    inner join loader.touch_origins as o on e.touch_id = o.touch_id
    where
        e.engagement_type = 'Sent'
        and e.engagement_time is not null
        and p.gone_at is null
        and o.sequence_id is not null
        and (
            %(campaigns)s::uuid[] is null
            or e.campaign_id = any(%(campaigns)s::uuid[])
        )
),

enrollments as (
    select
        prospect_id,
        campaign_id,
        assigned_at,
        lead(assigned_at) over (
            partition by prospect_id, campaign_id
            order by assigned_at
        ) as next_at
    from public.prospect_campaign_assignments
    where
        %(campaigns)s::uuid[] is null
        or campaign_id = any(%(campaigns)s::uuid[])
),

sent_in_enrollment as (
    select
        s.prospect_id,
        s.touch_id,
        s.campaign_id,
        s.sent_at,
        e.assigned_at,
        e.next_at,
        min(s.sent_at) over (
            partition by s.prospect_id, s.campaign_id, e.assigned_at
        ) as first_at
    from sent as s
    inner join enrollments as e
        on
            s.prospect_id = e.prospect_id
            and s.campaign_id = e.campaign_id
            and s.sent_at >= e.assigned_at
            and (e.next_at is null or s.sent_at < e.next_at)
),

step_offsets as (
    select
        touch_id,
        percentile_cont(0.5) within group (
            order by extract(epoch from sent_at - first_at)
        ) as seconds
    from sent_in_enrollment
    group by touch_id
),

current_enrollments as (
    select distinct
        prospect_id,
        campaign_id,
        assigned_at,
        first_at
    from sent_in_enrollment
    where next_at is null
),

first_delays as (
    select
        e.campaign_id,
        percentile_cont(0.5) within group (
            order by extract(epoch from e.first_at - e.assigned_at)
        ) as seconds
    from current_enrollments as e
    inner join loader.sync_prospects as p on e.prospect_id = p.prospect_id
    inner join loader.enrollment_starts as k
        on
            e.prospect_id = k.prospect_id
            and e.campaign_id = k.campaign_id
            and e.assigned_at = k.started_at
            and not k.is_first_seen
            and k.campaign_key = any(p.listed)
    group by e.campaign_id
),

ranked as (
    select
        t.touch_id,
        t.campaign_id,
        o.origin,
        f.seconds,
        row_number() over steps as step,
        lag(f.seconds) over steps as seconds_before,
        count(*) filter (where o.origin = 'listed') over (
            partition by t.campaign_id
        ) as listed_steps,
        max(t.touch_order) filter (where o.origin = 'listed') over (
            partition by t.campaign_id
        ) as last_listed
    from public.touches as t
    inner join loader.touch_origins as o on t.touch_id = o.touch_id
    left join step_offsets as f on t.touch_id = f.touch_id
    where
        %(campaigns)s::uuid[] is null
        or t.campaign_id = any(%(campaigns)s::uuid[])
    window steps as (
        partition by t.campaign_id
        order by
            (o.origin = 'derived') asc,
            (case when o.origin = 'listed' then t.touch_order end) asc,
            f.seconds asc nulls last,
            t.touch_id asc
    )
),

ordered as (
    select
        r.touch_id,
        (
            coalesce(r.last_listed, 0) + r.step - r.listed_steps
        )::int as touch_order,
        least(
            greatest(
                round(
                    case
                        when r.step = 1 then coalesce(d.seconds, 0)
                        else coalesce(r.seconds - r.seconds_before, 0)
                    end / 60
                ),
                0
            ),
            2147483647
        )::int as scheduled_delay
    from ranked as r
    left join first_delays as d on r.campaign_id = d.campaign_id
    where r.origin = 'derived'
)

update public.touches as t
set
    touch_order = o.touch_order,
    scheduled_delay = o.scheduled_delay,
    content
    = '(' || t.touch_type || '; Bonzo does not show the text of its steps)',
    updated_at = now()
from ordered as o
where
    t.touch_id = o.touch_id
    and (
        t.touch_order,
        t.scheduled_delay,
        t.content
    ) is distinct from (
        o.touch_order,
        o.scheduled_delay,
        '(' || t.touch_type || '; Bonzo does not show the text of its steps)'
    )
