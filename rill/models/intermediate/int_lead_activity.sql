-- First and last events of leads. One row per lead that has any event. A
-- human touch is a Sent without a campaign step; first_human_answer_at is the
-- first such Sent after the lead's first reply.
-- @materialize: true
with event_sums as (
    select
        prospect_id,
        min(engagement_time)
        filter (where engagement_type = 'Sent') as first_touch_at,
        min(engagement_time)
        filter (where engagement_type = 'Sent' and is_manual)
            as first_human_touch_at,
        min(engagement_time)
        filter (where engagement_type = 'Responded') as first_reply_at,
        max(engagement_time)
        filter (where engagement_type = 'Sent') as last_sent_at,
        max(engagement_time)
        filter (where engagement_type = 'Responded') as last_reply_at,
        max(engagement_time)
        filter (where is_manual) as last_manual_event_at,
        bool_or(not is_manual) as has_campaign_message,
        -- Any answer or open proves a delivery that left no receipt.
        bool_or(not is_manual and engagement_type != 'Sent')
            as has_delivered_message
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
)

select
    event_sums.*,
    human_answers.first_human_answer_at
from event_sums
left join human_answers on event_sums.prospect_id = human_answers.prospect_id
