with stored as (
    select
        bonzo_touch_engagements.prospect_id,
        bonzo_touch_engagements.touch_id,
        bonzo_touch_engagements.engagement_type,
        bonzo_touch_engagements.engagement_time,
        stg_prospects.prospect_id is not null as has_lead,
        bonzo_touch_engagements.engagement_time > clock.as_of as is_future,
        coalesce(
            bonzo_touch_engagements.engagement_type in (
                'Sent', 'Delivered', 'Opened', 'Clicked', 'Responded'
            ),
            false
        ) as is_known
    from bonzo_touch_engagements
    left join stg_prospects
        on bonzo_touch_engagements.prospect_id = stg_prospects.prospect_id
    cross join clock
),

rows_told as (
    select
        is_known,
        count(*) over (
            partition by
                prospect_id, touch_id, engagement_type, engagement_time
            rows between unbounded preceding and 1 preceding
        ) > 0 as is_repeated
    from stored
    where has_lead and not is_future
),

told_counts as (
    select
        count(*) as event_rows,
        count(*) filter (where is_known) as known_rows,
        count(*) filter (where is_known and is_repeated) as repeated_rows,
        count(*) filter (where not is_known) as unknown_rows
    from rows_told
),

stored_counts as (
    select
        count(*) as stored_rows,
        count(*) filter (where not has_lead) as leadless_rows,
        count(*) filter (where has_lead) as lead_rows,
        count(*) filter (where has_lead and engagement_time is null)
            as timeless_rows,
        count(*) filter (where has_lead and is_future) as future_rows
    from stored
),

event_counts as (
    select
        count(*) as event_rows,
        count(*) filter (where is_manual) as manual_rows,
        count(*) filter (where not is_manual) as campaign_rows,
        count(*) filter (where not is_manual and assignment_id is null)
            as orphan_rows
    from int_events
)

select
    'duplicate_event_row' as check_name,
    repeated_rows as failing_rows,
    known_rows as checked_rows
from told_counts
union all
select
    'event_of_unknown_type' as check_name,
    unknown_rows as failing_rows,
    event_rows as checked_rows
from told_counts
union all
select
    'event_without_lead' as check_name,
    leadless_rows as failing_rows,
    stored_rows as checked_rows
from stored_counts
union all
select
    'event_without_time' as check_name,
    timeless_rows as failing_rows,
    lead_rows as checked_rows
from stored_counts
union all
select
    'event_in_future' as check_name,
    future_rows as failing_rows,
    lead_rows as checked_rows
from stored_counts
union all
select
    'orphan_event' as check_name,
    orphan_rows as failing_rows,
    campaign_rows as checked_rows
from event_counts
union all
select
    'event_without_touch' as check_name,
    manual_rows as failing_rows,
    event_rows as checked_rows
from event_counts
