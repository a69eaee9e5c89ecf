-- Trust checks on messages and enrollments. One row per check.
with first_opt_outs as (
    select
        prospect_id,
        min(completed_at) as opted_out_at
    from stg_enrollments
    where status = 'Opted Out'
    group by prospect_id
),

manual_sends as (
    select events.engagement_time > opt_outs.opted_out_at as is_after_opt_out
    from int_events as events
    left join first_opt_outs as opt_outs
        on events.prospect_id = opt_outs.prospect_id
    where events.is_manual and events.engagement_type = 'Sent'
),

stored_enrollments as (
    select enrollments.assigned_at
    from bonzo_prospect_campaign_assignments as enrollments
    inner join stg_prospects as leads
        on enrollments.prospect_id = leads.prospect_id
),

touches_with_origin as (
    select origins.origin
    from stg_touches as touches
    left join loader_touch_origins as origins
        on touches.touch_id = origins.touch_id
)

select
    'message_without_sent' as check_name,
    'events' as area,
    'warning' as severity,
    'Messages known by later events alone, dated by the first of them. Load '
    'again, so that the send is read.'
        as advice,
    count(*) filter (where first_sent_at is null) as failing_rows,
    count(*) as checked_rows
from int_messages
union all
select
    'message_without_delivered' as check_name,
    'events' as area,
    'info' as severity,
    'Delivered only by implication: opened, clicked or answered without a '
    'receipt. The gap between both delivery rates.'
        as advice,
    count(*) filter (where is_delivered and not is_delivered_raw)
        as failing_rows,
    count(*) as checked_rows
from int_messages
union all
select
    'message_sent_after_opt_out' as check_name,
    'events' as area,
    'error' as severity,
    'Campaign messages went to people who had opted out. Stop their campaigns '
    'in Bonzo today and review each case.'
        as advice,
    count(*) filter (where is_sent_after_opt_out) as failing_rows,
    count(*) as checked_rows
from int_messages
union all
select
    'manual_message_after_opt_out' as check_name,
    'events' as area,
    'error' as severity,
    'People wrote by hand to leads who had opted out. Review each case with '
    'the sender.'
        as advice,
    count(*) filter (where is_after_opt_out) as failing_rows,
    count(*) as checked_rows
from manual_sends
union all
select
    'ended_enrollment_without_end' as check_name,
    'events' as area,
    'warning' as severity,
    'Enrollments are over but nobody knows since when: the plan takes their '
    'last event, and an opt-out without a time is in no opt-out check.'
        as advice,
    count(*) filter (
        where completed_at is null and coalesce(status, '') != 'Active'
    ) as failing_rows,
    count(*) as checked_rows
from stg_enrollments
union all
select
    'enrollment_without_start' as check_name,
    'events' as area,
    'warning' as severity,
    'Enrollments without a start are in no number. Load again; if they stay, '
    'correct them in Bonzo.'
        as advice,
    count(*) filter (where assigned_at is null) as failing_rows,
    count(*) as checked_rows
from stored_enrollments
union all
select
    'touch_schedule_derived' as check_name,
    'events' as area,
    'info' as severity,
    'Order and delay of these touches are the habit of the campaign, so '
    'punctuality compares it with itself. List the steps in bonzo.yaml.'
        as advice,
    count(*) filter (where origin = 'derived') as failing_rows,
    count(*) as checked_rows
from touches_with_origin
