-- Replies of borrowers on the time they came in (company time), to campaigns
-- and to people. One row per distinct Responded event.
-- @materialize: true
with replies as (
    select
        events.prospect_id,
        events.touch_id,
        coalesce(events.campaign, 'No campaign') as campaign,
        coalesce(events.channel, 'No channel') as channel,
        timezone(settings.company_time_zone, events.engagement_time)
            as replied_at
    from int_events as events
    cross join settings
    where events.engagement_type = 'Responded'
)

select
    replies.prospect_id,
    replies.touch_id,
    replies.campaign,
    replies.channel,
    replies.replied_at,
    leads.lead_source,
    leads.loan_officer,
    leads.team,
    leads.officer_email,
    leads.team_lead_email,
    dayname(replies.replied_at) as reply_weekday,
    strftime(replies.replied_at, '%H') as reply_hour
from replies
inner join stg_prospects as leads on replies.prospect_id = leads.prospect_id
