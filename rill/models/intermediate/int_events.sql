-- What happened to leads. One row per distinct prospect, touch, type and
-- time; rows that the loader stored twice are one event, a person's message
-- and an automated one at the same instant are two. A campaign event has a
-- touch, a loose one only a campaign of its own (an automation whose step
-- Bonzo no longer names), a manual one neither: a person wrote it.
-- assignment_id is the enrollment of a campaign event: of a Sent, the latest
-- one begun by then; of anything else, that of the latest Sent of the same
-- touch to the same prospect, and its own time decides only where no such
-- Sent exists. Null means that no enrollment fits: an orphan.
-- @materialize: true
with events as (
    select distinct
        prospect_id,
        touch_id,
        loose_campaign_id,
        engagement_type,
        engagement_time
    from stg_engagements
    where has_lead and is_past and is_known_type
),

events_with_send as (
    select
        events.prospect_id,
        events.touch_id,
        events.engagement_type,
        events.engagement_time,
        events.loose_campaign_id,
        touches.campaign_id,
        coalesce(touches.campaign, campaigns.campaign_name) as campaign,
        touches.channel,
        touches.touch_order,
        touches.touch,
        -- Whatever follows a send is about that send, even when the prospect
        -- has been enrolled again in between. A send belongs to itself.
        coalesce(
            max(events.engagement_time)
            filter (where events.engagement_type = 'Sent')
                over (
                    partition by events.prospect_id, events.touch_id
                    order by events.engagement_time
                    range between unbounded preceding and current row
                ),
            events.engagement_time
        ) as send_at
    from events
    left join stg_touches as touches on events.touch_id = touches.touch_id
    left join bonzo_campaigns as campaigns
        on events.loose_campaign_id = campaigns.campaign_id
),

enrollment_starts as (
    select
        prospect_id,
        campaign_id,
        assigned_at,
        max(assignment_id) as assignment_id
    from stg_enrollments
    group by prospect_id, campaign_id, assigned_at
)

select
    events.prospect_id,
    events.touch_id,
    events.engagement_type,
    events.engagement_time,
    events.campaign_id,
    events.campaign,
    events.channel,
    events.touch_order,
    events.touch,
    starts.assignment_id,
    events.touch_id is not null as is_campaign,
    events.touch_id is null
    and events.loose_campaign_id is not null as is_loose,
    events.touch_id is null and events.loose_campaign_id is null as is_manual
from events_with_send as events
asof left join enrollment_starts as starts
    on
        events.prospect_id = starts.prospect_id
        and events.campaign_id = starts.campaign_id
        and events.send_at >= starts.assigned_at
