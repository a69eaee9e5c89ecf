-- Enrollments with what became of each. One row per enrollment of a lead.
-- ended_at is its completion; where only the status says that it is over, its
-- last event, else its start. lowest_answered_order is the earliest step that
-- was ever answered, first_answered_order the step that was answered first.
-- @materialize: true
with first_steps as (
    select
        campaign_id,
        min(touch_order) as first_order
    from stg_touches
    group by campaign_id
),

message_sums as (
    select
        messages.assignment_id,
        min(messages.first_sent_at) as first_sent_at,
        min(messages.first_response_at) as first_response_at,
        max(messages.last_event_at) as last_event_at,
        bool_or(messages.is_delivered) as is_delivered,
        bool_or(messages.is_responded) as is_responded,
        bool_or(
            messages.is_delivered
            and messages.touch_order = first_steps.first_order
        ) as is_first_step_delivered,
        min(messages.touch_order)
        filter (where messages.is_responded) as lowest_answered_order,
        first(
            messages.touch_order
            order by messages.first_response_at, messages.touch_order
        )
        filter (where messages.is_responded) as first_answered_order
    from int_messages as messages
    inner join first_steps on messages.campaign_id = first_steps.campaign_id
    where messages.assignment_id is not null
    group by messages.assignment_id
)

select
    enrollments.assignment_id,
    enrollments.prospect_id,
    enrollments.campaign_id,
    enrollments.campaign,
    enrollments.assigned_at,
    enrollments.completed_at,
    enrollments.status,
    message_sums.first_sent_at,
    message_sums.first_response_at,
    message_sums.lowest_answered_order,
    message_sums.first_answered_order,
    coalesce(message_sums.is_delivered, false) as is_delivered,
    coalesce(message_sums.is_responded, false) as is_responded,
    coalesce(message_sums.is_first_step_delivered, false)
        as is_first_step_delivered,
    case
        when enrollments.completed_at is not null
            then enrollments.completed_at
        when coalesce(enrollments.status, '') != 'Active'
            then coalesce(message_sums.last_event_at, enrollments.assigned_at)
    end as ended_at,
    row_number() over (
        partition by enrollments.prospect_id, enrollments.campaign_id
        order by enrollments.assigned_at, enrollments.assignment_id
    ) > 1 as is_re_enrollment
from stg_enrollments as enrollments
left join message_sums
    on enrollments.assignment_id = message_sums.assignment_id
