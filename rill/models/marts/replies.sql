with responses as (
    select
        int_events.prospect_id,
        int_events.touch_id,
        coalesce(int_events.campaign, 'No campaign') as campaign,
        coalesce(int_events.channel, 'No channel') as channel,
        int_events.engagement_time at time zone settings.company_time_zone
            as replied_at
    from int_events
    cross join settings
    where int_events.engagement_type = 'Responded'
)

select
    responses.*,
    stg_prospects.lead_source,
    stg_prospects.loan_officer,
    stg_prospects.team,
    stg_prospects.officer_email,
    stg_prospects.team_lead_email,
    dayname(responses.replied_at) as reply_weekday,
    strftime(responses.replied_at, '%H') as reply_hour
from responses
inner join stg_prospects
    on responses.prospect_id = stg_prospects.prospect_id
