-- Steps of campaigns. One row per step. scheduled_delay is in minutes after
-- the step before; touch is its label, order and channel.
select
    touches.touch_id,
    touches.campaign_id,
    touches.touch_order,
    touches.touch_type as channel,
    touches.scheduled_delay,
    coalesce(campaigns.campaign_name, 'No campaign') as campaign,
    concat(touches.touch_order, ' · ', touches.touch_type) as touch
from bonzo_touches as touches
left join bonzo_campaigns as campaigns
    on touches.campaign_id = campaigns.campaign_id
