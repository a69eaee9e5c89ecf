with localized as (
    select
        int_messages.*,
        int_messages.sent_at at time zone settings.company_time_zone
            as sent_at_local
    from int_messages
    cross join settings
)

select
    localized.prospect_id,
    localized.touch_id,
    localized.assignment_id,
    localized.campaign,
    localized.channel,
    localized.touch_order,
    localized.touch,
    localized.is_delivered_raw,
    localized.is_delivered,
    localized.is_opened_raw,
    localized.is_opened_filtered,
    localized.is_clicked_raw,
    localized.is_clicked_filtered,
    localized.is_responded,
    localized.is_ended_by_opt_out,
    localized.is_sent_after_opt_out,
    stg_prospects.lead_source,
    stg_prospects.loan_officer,
    stg_prospects.team,
    stg_prospects.officer_email,
    stg_prospects.team_lead_email,
    localized.sent_at_local as sent_at,
    coalesce(stg_prospects.do_not_call, false) as is_to_do_not_call,
    dayname(localized.sent_at_local) as sent_weekday,
    strftime(localized.sent_at_local, '%H') as sent_hour
from localized
inner join stg_prospects
    on localized.prospect_id = stg_prospects.prospect_id
