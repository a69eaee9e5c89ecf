-- Trust checks on messages and enrollments. One row per check.
with opt_outs as (
    select
        prospect_id,
        completed_at as opted_out_at
    from stg_enrollments
    where status = 'Opted Out' and completed_at is not null
),

replies as (
    select
        prospect_id,
        engagement_time as replied_at
    from int_events
    where engagement_type = 'Responded'
),

-- Some checks look back 28 days only: what is past must not fail for ever.
recent_messages as (
    select
        messages.is_sent_after_opt_out,
        messages.first_sent_at >= clock.recent_from as is_recent,
        messages.channel in ('SMS', 'Voicemail') as is_phone,
        leads.recipient_zone is not null as is_zone_known,
        coalesce(
            messages.last_outside_hours_at >= clock.recent_from, false
        ) as is_outside_hours
    from int_messages as messages
    inner join stg_prospects as leads
        on messages.prospect_id = leads.prospect_id
    cross join clock
    where messages.last_sent_at >= clock.recent_from
),

recent_events as (
    select
        events.prospect_id,
        events.engagement_type,
        events.engagement_time,
        events.is_manual,
        events.is_loose
    from int_events as events
    cross join clock
    where events.engagement_time >= clock.recent_from
),

-- The law allows to confirm an opt-out, and whoever writes again may be
-- answered; an automation answers nobody. The latest opt-out decides, be it at
-- the very moment of the send.
sends_after_opt_out as (
    select
        sends.is_manual,
        sends.is_loose,
        coalesce(
            sends.engagement_time - to_seconds(60) > opt_outs.opted_out_at,
            false
        )
        and (
            sends.is_loose
            or replies.replied_at is null
            or replies.replied_at <= opt_outs.opted_out_at
        ) as is_after_opt_out
    from (
        select
            prospect_id,
            engagement_time,
            is_manual,
            is_loose
        from recent_events
        where engagement_type = 'Sent'
    ) as sends
    asof left join opt_outs
        on
            sends.prospect_id = opt_outs.prospect_id
            and sends.engagement_time >= opt_outs.opted_out_at
    asof left join replies
        on
            sends.prospect_id = replies.prospect_id
            and sends.engagement_time > replies.replied_at
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
    count(*) filter (where is_recent and is_sent_after_opt_out)
        as failing_rows,
    count(*) filter (where is_recent) as checked_rows
from recent_messages
union all
select
    'manual_message_after_opt_out' as check_name,
    'events' as area,
    'error' as severity,
    'People wrote by hand to leads who had opted out. Review each case with '
    'the sender.'
        as advice,
    count(*) filter (where is_manual and is_after_opt_out) as failing_rows,
    count(*) filter (where is_manual) as checked_rows
from sends_after_opt_out
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
union all
select
    'message_sent_outside_hours' as check_name,
    'events' as area,
    'error' as severity,
    'Texts or voicemails reached people at night, by the clock where they are '
    '(quiet_from, quiet_until). Correct the sending window of the campaign in '
    'Bonzo today.'
        as advice,
    count(*) filter (where is_outside_hours) as failing_rows,
    count(*) filter (where is_phone and is_zone_known) as checked_rows
from recent_messages
union all
select
    'message_zone_unknown' as check_name,
    'events' as area,
    'warning' as severity,
    'Texts or voicemails went to people whose time zone nobody knows: whether '
    'it was night there cannot be told. Fill the state in Bonzo.'
        as advice,
    count(*) filter (where is_recent and is_phone and not is_zone_known)
        as failing_rows,
    count(*) filter (where is_recent and is_phone) as checked_rows
from recent_messages
union all
select
    'loose_event' as check_name,
    'events' as area,
    'warning' as severity,
    'Automated messages name no step that Bonzo still has. They count for '
    'speed and contact, in no campaign rate. Load again; if they stay, their '
    'steps were deleted in Bonzo.'
        as advice,
    count(*) filter (where is_loose) as failing_rows,
    count(*) as checked_rows
from recent_events
union all
select
    'loose_message_after_opt_out' as check_name,
    'events' as area,
    'error' as severity,
    'Automated messages without a step went to people who had opted out. Stop '
    'the automation in Bonzo today and review each case.'
        as advice,
    count(*) filter (where is_loose and is_after_opt_out) as failing_rows,
    count(*) filter (where is_loose) as checked_rows
from sends_after_opt_out
