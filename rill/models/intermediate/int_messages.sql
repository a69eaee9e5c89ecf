-- Campaign messages with what became of each. One row per prospect, touch and
-- enrollment (or none); retries within an enrollment are one message. sent_at
-- is its first Sent, else its first event. Raw flags take every event,
-- filtered ones drop opens and clicks that followed the first Delivered so
-- quickly that a mail scanner must have caused them (machine_event_seconds).
-- local_hour is the hour of the first Sent where the lead is; outside of
-- hours are texts and voicemails sent at night there, last_outside_hours_at
-- the latest such Sent.
-- @materialize: true
with events_with_hour as (
    select
        events.prospect_id,
        events.touch_id,
        events.assignment_id,
        events.campaign_id,
        events.campaign,
        events.channel,
        events.touch_order,
        events.touch,
        events.engagement_type,
        events.engagement_time,
        case
            when events.engagement_type = 'Sent'
                then
                    hour(timezone(leads.recipient_zone, events.engagement_time))
        end as local_hour
    from int_events as events
    inner join stg_prospects as leads
        on events.prospect_id = leads.prospect_id
    where events.is_campaign
),

events_with_night as (
    select
        events.*,
        events.channel in ('SMS', 'Voicemail')
        and coalesce(
            events.local_hour >= settings.quiet_from
            or events.local_hour < settings.quiet_until,
            false
        ) as is_outside_hours
    from events_with_hour as events
    cross join settings
),

messages_with_events as (
    select
        prospect_id,
        touch_id,
        assignment_id,
        campaign_id,
        campaign,
        channel,
        touch_order,
        touch,
        min(engagement_time) as first_event_at,
        max(engagement_time) as last_event_at,
        min(engagement_time)
        filter (where engagement_type = 'Sent') as first_sent_at,
        max(engagement_time)
        filter (where engagement_type = 'Sent') as last_sent_at,
        min(engagement_time)
        filter (where engagement_type = 'Delivered') as delivered_at,
        min(engagement_time)
        filter (where engagement_type = 'Opened') as first_opened_at,
        max(engagement_time)
        filter (where engagement_type = 'Opened') as last_opened_at,
        min(engagement_time)
        filter (where engagement_type = 'Clicked') as first_clicked_at,
        max(engagement_time)
        filter (where engagement_type = 'Clicked') as last_clicked_at,
        min(engagement_time)
        filter (where engagement_type = 'Responded') as first_response_at,
        min_by(local_hour, engagement_time)
        filter (where engagement_type = 'Sent') as local_hour,
        max(engagement_time)
        filter (where is_outside_hours) as last_outside_hours_at
    from events_with_night
    group by all
),

-- A machine's are all opens if the first came after the receipt and the last
-- soon enough; an equal time only says that the CRM gave none. Clicks alike.
messages_with_machines as (
    select
        messages.*,
        coalesce(
            messages.first_opened_at > messages.delivered_at
            and (
                epoch_us(messages.last_opened_at)
                - epoch_us(messages.delivered_at)
            ) / 1000
            <= settings.machine_event_ms,
            false
        ) as is_opened_by_machine,
        coalesce(
            messages.first_clicked_at > messages.delivered_at
            and (
                epoch_us(messages.last_clicked_at)
                - epoch_us(messages.delivered_at)
            ) / 1000
            <= settings.machine_event_ms,
            false
        ) as is_clicked_by_machine
    from messages_with_events as messages
    cross join settings
),

messages_with_flags as (
    select
        prospect_id,
        touch_id,
        assignment_id,
        campaign_id,
        campaign,
        channel,
        touch_order,
        touch,
        first_sent_at,
        last_sent_at,
        first_response_at,
        last_event_at,
        local_hour,
        last_outside_hours_at,
        delivered_at is not null as is_delivered_raw,
        first_response_at is not null as is_responded,
        coalesce(first_sent_at, first_event_at) as sent_at,
        coalesce(
            delivered_at, first_opened_at, first_clicked_at, first_response_at
        ) is not null as is_delivered,
        channel = 'Email'
        and coalesce(first_opened_at, first_clicked_at) is not null
            as is_opened_raw,
        channel = 'Email'
        and (
            (first_opened_at is not null and not is_opened_by_machine)
            or (first_clicked_at is not null and not is_clicked_by_machine)
        ) as is_opened_filtered,
        channel in ('Email', 'SMS') and first_clicked_at is not null
            as is_clicked_raw,
        channel in ('Email', 'SMS')
        and first_clicked_at is not null
        and not is_clicked_by_machine as is_clicked_filtered
    from messages_with_machines
),

opt_outs as (
    select
        assignment_id,
        prospect_id,
        completed_at as opted_out_at
    from stg_enrollments
    where status = 'Opted Out' and completed_at is not null
),

-- An opt-out ends one message: the last one sent by then.
ended_messages as (
    select
        messages.assignment_id,
        messages.touch_id
    from messages_with_flags as messages
    inner join opt_outs
        on
            messages.assignment_id = opt_outs.assignment_id
            and messages.sent_at <= opt_outs.opted_out_at
    qualify row_number() over (
        partition by messages.assignment_id
        order by
            messages.sent_at desc,
            messages.touch_order desc,
            messages.touch_id desc
    ) = 1
),

first_opt_outs as (
    select
        prospect_id,
        min(opted_out_at) as opted_out_at
    from opt_outs
    group by prospect_id
)

select
    messages.*,
    ended_messages.touch_id is not null as is_ended_by_opt_out,
    coalesce(
        messages.first_sent_at > first_opt_outs.opted_out_at, false
    ) as is_sent_after_opt_out
from messages_with_flags as messages
left join ended_messages
    on
        messages.assignment_id = ended_messages.assignment_id
        and messages.touch_id = ended_messages.touch_id
left join first_opt_outs on messages.prospect_id = first_opt_outs.prospect_id
