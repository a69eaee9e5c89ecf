with opt_outs as (
    select
        prospect_id,
        min(completed_at) as opted_out_at
    from stg_enrollments
    where status = 'Opted Out'
    group by prospect_id
),

message_counts as (
    select
        count(*) as checked_rows,
        count(*) filter (where int_messages.first_sent_at is null)
            as unsent_rows,
        count(*) filter (
            where
            int_messages.is_delivered and not int_messages.is_delivered_raw
        ) as implied_rows,
        count(*) filter (
            where int_messages.first_sent_at > opt_outs.opted_out_at
        ) as opted_out_rows
    from int_messages
    left join opt_outs on int_messages.prospect_id = opt_outs.prospect_id
),

manual_counts as (
    select
        count(*) as checked_rows,
        count(*) filter (
            where int_events.engagement_time > opt_outs.opted_out_at
        ) as opted_out_rows
    from int_events
    left join opt_outs on int_events.prospect_id = opt_outs.prospect_id
    where int_events.is_manual and int_events.engagement_type = 'Sent'
),

enrollment_counts as (
    select
        count(*) as checked_rows,
        count(*) filter (
            where completed_at is null and coalesce(status, '') != 'Active'
        ) as endless_rows
    from stg_enrollments
),

stored_enrollments as (
    select
        count(*) as checked_rows,
        count(*) filter (
            where bonzo_prospect_campaign_assignments.assigned_at is null
        ) as timeless_rows
    from bonzo_prospect_campaign_assignments
    inner join stg_prospects
        on
            bonzo_prospect_campaign_assignments.prospect_id
            = stg_prospects.prospect_id
),

touch_counts as (
    select
        count(*) as checked_rows,
        count(*) filter (where loader_touch_origins.origin = 'derived')
            as derived_rows
    from stg_touches
    left join loader_touch_origins
        on stg_touches.touch_id = loader_touch_origins.touch_id
)

select
    'message_without_sent' as check_name,
    unsent_rows as failing_rows,
    checked_rows
from message_counts
union all
select
    'message_without_delivered' as check_name,
    implied_rows as failing_rows,
    checked_rows
from message_counts
union all
select
    'message_sent_after_opt_out' as check_name,
    opted_out_rows as failing_rows,
    checked_rows
from message_counts
union all
select
    'manual_message_after_opt_out' as check_name,
    opted_out_rows as failing_rows,
    checked_rows
from manual_counts
union all
select
    'ended_enrollment_without_end' as check_name,
    endless_rows as failing_rows,
    checked_rows
from enrollment_counts
union all
select
    'enrollment_without_start' as check_name,
    timeless_rows as failing_rows,
    checked_rows
from stored_enrollments
union all
select
    'touch_schedule_derived' as check_name,
    derived_rows as failing_rows,
    checked_rows
from touch_counts
