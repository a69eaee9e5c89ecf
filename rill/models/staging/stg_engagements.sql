-- Engagements as stored, with what decides whether they count. One row per
-- stored row: a row that the loader stored twice is there twice.
-- loose_campaign_id is the campaign of an automation whose step Bonzo no longer
-- names; of a campaign's own step the step knows the campaign.
select
    engagements.prospect_id,
    engagements.touch_id,
    engagements.engagement_type,
    engagements.engagement_time,
    case when engagements.touch_id is null then engagements.campaign_id end
        as loose_campaign_id,
    leads.prospect_id is not null as has_lead,
    coalesce(engagements.engagement_time <= clock.as_of, false) as is_past,
    coalesce(
        engagements.engagement_type in (
            'Sent', 'Delivered', 'Opened', 'Clicked', 'Responded'
        ),
        false
    ) as is_known_type
from bonzo_touch_engagements as engagements
cross join clock
left join stg_prospects as leads
    on engagements.prospect_id = leads.prospect_id
