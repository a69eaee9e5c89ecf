-- Campaign messages on the time they were sent (company time). One row per
-- prospect, touch and enrollment (or none). Phone messages are texts and
-- voicemails: only they can wake anybody.
-- Stored by time: a range then reads few other rows.
-- @materialize: true
with company_times as (
    -- Before any join, where the zone is the same for all rows: a zone that may
    -- be another for each row is many times as slow.
    select
        messages.*,
        timezone(settings.company_time_zone, messages.sent_at) as sent_at_local
    from int_messages as messages
    cross join settings
)

select
    messages.prospect_id,
    messages.touch_id,
    messages.assignment_id,
    messages.campaign,
    messages.channel,
    messages.touch_order,
    messages.touch,
    messages.is_delivered_raw,
    messages.is_delivered,
    messages.is_opened_raw,
    messages.is_opened_filtered,
    messages.is_clicked_raw,
    messages.is_clicked_filtered,
    messages.is_responded,
    messages.is_ended_by_opt_out,
    messages.is_sent_after_opt_out,
    leads.lead_source,
    leads.loan_officer,
    leads.team,
    leads.officer_email,
    leads.team_lead_email,
    leads.state,
    leads.zone_basis,
    messages.sent_at_local as sent_at,
    coalesce(format('{:02d}', messages.local_hour), 'unknown') as local_hour,
    messages.first_sent_at is not null and coalesce(leads.do_not_call, false)
        as is_to_do_not_call,
    messages.last_outside_hours_at is not null as is_outside_hours,
    case
        when messages.last_outside_hours_at >= clock.as_of - to_hours(48)
            then 'yes'
        else 'no'
    end as outside_hours_lately,
    messages.channel in ('SMS', 'Voicemail')
    and messages.first_sent_at is not null as is_phone_send,
    leads.recipient_zone is not null as is_zone_known,
    dayname(messages.sent_at_local) as sent_weekday,
    strftime(messages.sent_at_local, '%H') as sent_hour
from company_times as messages
inner join stg_prospects as leads on messages.prospect_id = leads.prospect_id
cross join clock
order by sent_at
