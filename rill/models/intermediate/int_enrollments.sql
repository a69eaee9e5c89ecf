with first_steps as (
    select
        campaign_id,
        min(touch_order) as first_order
    from stg_touches
    group by campaign_id
),

message_sums as (
    select
        int_messages.assignment_id,
        min(int_messages.first_sent_at) as first_sent_at,
        min(int_messages.first_response_at) as first_response_at,
        max(int_messages.last_event_at) as last_event_at,
        bool_or(int_messages.is_delivered) as is_delivered,
        bool_or(int_messages.is_responded) as is_responded,
        bool_or(
            int_messages.is_delivered
            and int_messages.touch_order = first_steps.first_order
        ) as is_first_step_delivered,
        min(int_messages.touch_order)
        filter (where int_messages.is_responded) as lowest_answered_order,
        first(
            int_messages.touch_order
            order by
                int_messages.first_response_at,
                int_messages.touch_order
        )
        filter (where int_messages.is_responded) as first_answered_order
    from int_messages
    inner join first_steps
        on int_messages.campaign_id = first_steps.campaign_id
    where int_messages.assignment_id is not null
    group by int_messages.assignment_id
)

select
    stg_enrollments.assignment_id,
    stg_enrollments.prospect_id,
    stg_enrollments.campaign_id,
    stg_enrollments.campaign,
    stg_enrollments.assigned_at,
    stg_enrollments.completed_at,
    stg_enrollments.status,
    message_sums.first_sent_at,
    message_sums.first_response_at,
    message_sums.lowest_answered_order,
    message_sums.first_answered_order,
    coalesce(message_sums.is_delivered, false) as is_delivered,
    coalesce(message_sums.is_responded, false) as is_responded,
    coalesce(message_sums.is_first_step_delivered, false)
        as is_first_step_delivered,
    case
        when stg_enrollments.completed_at is not null
            then stg_enrollments.completed_at
        when coalesce(stg_enrollments.status, '') != 'Active'
            then coalesce(
                message_sums.last_event_at, stg_enrollments.assigned_at
            )
    end as ended_at,
    row_number() over (
        partition by stg_enrollments.prospect_id, stg_enrollments.campaign_id
        order by stg_enrollments.assigned_at, stg_enrollments.assignment_id
    ) > 1 as is_re_enrollment
from stg_enrollments
left join message_sums
    on stg_enrollments.assignment_id = message_sums.assignment_id
