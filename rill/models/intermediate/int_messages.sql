with campaign_events as (
    select
        int_events.*,
        to_seconds(settings.machine_event_seconds) as machine_delay,
        min(int_events.engagement_time)
        filter (where int_events.engagement_type = 'Delivered')
            over (
                partition by
                    int_events.prospect_id,
                    int_events.touch_id,
                    int_events.assignment_id
            ) as delivered_at
    from int_events
    cross join settings
    where not int_events.is_manual
),

judged as (
    select
        campaign_events.*,
        -- An equal time only says that the CRM gave none: not a machine.
        coalesce(
            campaign_events.engagement_time > campaign_events.delivered_at
            and campaign_events.engagement_time
            <= campaign_events.delivered_at + campaign_events.machine_delay,
            false
        ) as is_machine
    from campaign_events
),

grouped as (
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
        min(engagement_time)
        filter (where engagement_type = 'Responded') as first_response_at,
        bool_or(engagement_type = 'Delivered') as has_delivered,
        bool_or(engagement_type = 'Opened') as has_opened,
        bool_or(engagement_type = 'Clicked') as has_clicked,
        bool_or(engagement_type = 'Responded') as has_responded,
        bool_or(engagement_type = 'Opened' and not is_machine)
            as has_human_open,
        bool_or(engagement_type = 'Clicked' and not is_machine)
            as has_human_click
    from judged
    group by
        prospect_id,
        touch_id,
        assignment_id,
        campaign_id,
        campaign,
        channel,
        touch_order,
        touch
),

messages as (
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
        first_response_at,
        last_event_at,
        has_delivered as is_delivered_raw,
        has_responded as is_responded,
        coalesce(first_sent_at, first_event_at) as sent_at,
        (has_delivered or has_opened or has_clicked or has_responded)
            as is_delivered,
        channel = 'Email' and (has_opened or has_clicked) as is_opened_raw,
        channel = 'Email' and (has_human_open or has_human_click)
            as is_opened_filtered,
        channel in ('Email', 'SMS') and has_clicked as is_clicked_raw,
        channel in ('Email', 'SMS') and has_human_click as is_clicked_filtered
    from grouped
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
    from messages
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
from messages
left join ended_messages
    on
        messages.assignment_id = ended_messages.assignment_id
        and messages.touch_id = ended_messages.touch_id
left join first_opt_outs on messages.prospect_id = first_opt_outs.prospect_id
