select
    bonzo_touches.touch_id,
    bonzo_touches.campaign_id,
    bonzo_touches.touch_order,
    bonzo_touches.touch_type as channel,
    bonzo_touches.scheduled_delay,
    coalesce(bonzo_campaigns.campaign_name, 'No campaign') as campaign,
    concat(bonzo_touches.touch_order, ' · ', bonzo_touches.touch_type) as touch
from bonzo_touches
left join bonzo_campaigns
    on bonzo_touches.campaign_id = bonzo_campaigns.campaign_id
