with last_stays as (
    select
        prospect_id,
        stage_id
    from stg_stage_history
    qualify row_number() over (
        partition by prospect_id
        order by stay_number desc
    ) = 1
),

-- Entries to a stage less exits are the leads whose last stay is there; they
-- must be the leads whose stage it is.
flow_counts as (
    select
        count(*) as checked_rows,
        count(*) filter (
            where coalesce(stg_prospects.stage_id, -1) != last_stays.stage_id
        ) as broken_rows
    from last_stays
    inner join stg_prospects
        on last_stays.prospect_id = stg_prospects.prospect_id
),

bound_counts as (
    select
        count(*) as lead_rows,
        count(*) filter (
            where highest_order_low > highest_order
            or highest_order > highest_order_high
        ) as broken_rows
    from int_lead_progress
),

present_counts as (
    select count(distinct prospect_id) as lead_rows
    from stg_prospects
),

stored_events as (
    select distinct
        bonzo_touch_engagements.prospect_id,
        bonzo_touch_engagements.touch_id,
        bonzo_touch_engagements.engagement_type,
        bonzo_touch_engagements.engagement_time
    from bonzo_touch_engagements
    semi join stg_prospects
        on bonzo_touch_engagements.prospect_id = stg_prospects.prospect_id
    where
        bonzo_touch_engagements.engagement_type in (
            'Sent', 'Delivered', 'Opened', 'Clicked', 'Responded'
        )
),

stored_event_counts as (
    select count(*) as event_rows
    from stored_events
    cross join clock
    where stored_events.engagement_time <= clock.as_of
),

event_counts as (
    select count(*) as event_rows
    from int_events
)

select
    'stage_flow_broken' as check_name,
    broken_rows as failing_rows,
    checked_rows
from flow_counts
union all
select
    'reached_bounds_broken' as check_name,
    broken_rows as failing_rows,
    lead_rows as checked_rows
from bound_counts
union all
select
    'lead_rows_not_reconciled' as check_name,
    abs(bound_counts.lead_rows - present_counts.lead_rows) as failing_rows,
    greatest(bound_counts.lead_rows, present_counts.lead_rows) as checked_rows
from bound_counts
cross join present_counts
union all
select
    'event_rows_not_reconciled' as check_name,
    abs(event_counts.event_rows - stored_event_counts.event_rows)
        as failing_rows,
    greatest(event_counts.event_rows, stored_event_counts.event_rows)
        as checked_rows
from event_counts
cross join stored_event_counts
