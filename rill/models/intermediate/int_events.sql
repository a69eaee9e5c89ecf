with engagements as (
    select distinct
        bonzo_touch_engagements.prospect_id,
        bonzo_touch_engagements.touch_id,
        bonzo_touch_engagements.engagement_type,
        bonzo_touch_engagements.engagement_time
    from bonzo_touch_engagements
    inner join stg_prospects
        on bonzo_touch_engagements.prospect_id = stg_prospects.prospect_id
    cross join clock
    where
        bonzo_touch_engagements.engagement_type in (
            'Sent', 'Delivered', 'Opened', 'Clicked', 'Responded'
        )
        and bonzo_touch_engagements.engagement_time <= clock.as_of
),

anchored as (
    select
        engagements.*,
        stg_touches.campaign_id,
        stg_touches.campaign,
        stg_touches.channel,
        stg_touches.touch_order,
        stg_touches.touch,
        -- Whatever follows a send is about that send, even when the prospect
        -- has been enrolled again in between. A send is its own anchor.
        coalesce(
            max(engagements.engagement_time)
            filter (where engagements.engagement_type = 'Sent')
                over (
                    partition by engagements.prospect_id, engagements.touch_id
                    order by engagements.engagement_time
                    range between unbounded preceding and current row
                ),
            engagements.engagement_time
        ) as anchor_at
    from engagements
    left join stg_touches on engagements.touch_id = stg_touches.touch_id
),

starts as (
    select
        prospect_id,
        campaign_id,
        assigned_at,
        max(assignment_id) as assignment_id
    from stg_enrollments
    group by prospect_id, campaign_id, assigned_at
)

select
    anchored.prospect_id,
    anchored.touch_id,
    anchored.engagement_type,
    anchored.engagement_time,
    anchored.campaign_id,
    anchored.campaign,
    anchored.channel,
    anchored.touch_order,
    anchored.touch,
    starts.assignment_id,
    anchored.touch_id is null as is_manual
from anchored
asof left join starts
    on
        anchored.prospect_id = starts.prospect_id
        and anchored.campaign_id = starts.campaign_id
        and anchored.anchor_at >= starts.assigned_at
