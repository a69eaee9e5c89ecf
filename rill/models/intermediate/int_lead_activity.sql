-- First and last events of leads. One row per lead that has any event. A
-- human touch is a manual Sent; first_human_answer_at is the first one after
-- the lead's first reply. Loose events count as touches and replies, never as
-- human. Messages are those of campaigns.
-- @materialize: true
with event_sums as (
    select
        prospect_id,
        min(engagement_time)
        filter (where engagement_type = 'Sent') as first_touch_at,
        min(engagement_time)
        filter (where engagement_type = 'Sent' and is_manual)
            as first_human_touch_at,
        max(engagement_time)
        filter (where engagement_type = 'Sent' and is_manual)
            as last_human_touch_at,
        min(engagement_time)
        filter (where engagement_type = 'Responded') as first_reply_at,
        max(engagement_time)
        filter (where engagement_type = 'Responded') as last_reply_at,
        max(engagement_time)
        filter (where is_manual) as last_manual_event_at
    from int_events
    group by prospect_id
),

human_answers as (
    select
        events.prospect_id,
        min(events.engagement_time) as first_human_answer_at
    from int_events as events
    inner join event_sums
        on
            events.prospect_id = event_sums.prospect_id
            and events.engagement_time > event_sums.first_reply_at
    where events.is_manual and events.engagement_type = 'Sent'
    group by events.prospect_id
),

message_sums as (
    select
        prospect_id,
        min(sent_at) as first_message_at,
        bool_or(is_delivered) as has_delivered_message
    from int_messages
    group by prospect_id
)

select
    event_sums.prospect_id,
    event_sums.first_touch_at,
    event_sums.first_human_touch_at,
    event_sums.last_human_touch_at,
    event_sums.first_reply_at,
    event_sums.last_reply_at,
    event_sums.last_manual_event_at,
    human_answers.first_human_answer_at,
    message_sums.first_message_at,
    coalesce(message_sums.has_delivered_message, false)
        as has_delivered_message
from event_sums
left join human_answers on event_sums.prospect_id = human_answers.prospect_id
left join message_sums on event_sums.prospect_id = message_sums.prospect_id
