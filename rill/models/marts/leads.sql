-- Leads with the flags and durations that the metrics view adds up. One row
-- per lead. created_at is company time; durations are milliseconds and null
-- where there is none; an _in_time flag is true only for leads old enough for
-- its window.
-- Stored by time: a range then reads few other rows.
-- @materialize: true
with duplicates as (
    select
        prospect_id,
        -- Whoever shares an address with an earlier lead is its duplicate.
        email_group is not null and row_number() over (
            partition by email_group
            order by created_at, prospect_id
        ) > 1 as shares_email,
        phone_group is not null and row_number() over (
            partition by phone_group
            order by created_at, prospect_id
        ) > 1 as shares_phone
    from stg_prospects
),

-- An event before creation gives no duration.
contacts as (
    select
        leads.prospect_id,
        activity.first_human_answer_at,
        case
            when activity.first_touch_at >= leads.created_at
                then activity.first_touch_at
        end as first_touch_at,
        case
            when activity.first_human_touch_at >= leads.created_at
                then activity.first_human_touch_at
        end as first_human_touch_at,
        case
            when activity.first_reply_at >= leads.created_at
                then activity.first_reply_at
        end as first_reply_at
    from stg_prospects as leads
    inner join int_lead_activity as activity
        on leads.prospect_id = activity.prospect_id
),

durations as (
    select
        leads.prospect_id,
        (epoch_us(contacts.first_touch_at) - epoch_us(leads.created_at)) / 1000
            as speed_to_first_touch_ms,
        (
            epoch_us(contacts.first_human_touch_at)
            - epoch_us(leads.created_at)
        ) / 1000 as human_speed_to_lead_ms,
        (epoch_us(contacts.first_reply_at) - epoch_us(leads.created_at)) / 1000
            as speed_to_contact_ms,
        (
            epoch_us(contacts.first_reply_at)
            - epoch_us(contacts.first_touch_at)
        ) / 1000 as touch_to_reply_ms,
        (
            epoch_us(contacts.first_human_answer_at)
            - epoch_us(contacts.first_reply_at)
        ) / 1000 as reply_to_human_response_ms,
        (
            epoch_us(progress.reached_pre_qual_at)
            - epoch_us(leads.created_at)
        ) / 1000 as time_to_pre_qual_ms,
        (
            epoch_us(progress.reached_pre_approved_at)
            - epoch_us(leads.created_at)
        ) / 1000 as time_to_pre_approval_ms
    from stg_prospects as leads
    inner join int_lead_progress as progress
        on leads.prospect_id = progress.prospect_id
    left join contacts on leads.prospect_id = contacts.prospect_id
)

select
    leads.prospect_id,
    leads.created_at_local as created_at,
    leads.stage,
    leads.stage_group,
    leads.lead_source,
    leads.loan_officer,
    leads.team,
    leads.officer_email,
    leads.team_lead_email,
    leads.is_disqualified,
    progress.highest_order_low,
    progress.highest_order,
    progress.highest_order_high,
    progress.has_closed_loan,
    progress.is_contact_aged,
    progress.is_pre_approval_aged,
    progress.is_funded_aged,
    progress.is_in_funded_cohort,
    progress.is_funded_in_time,
    progress.allocated_cost,
    progress.is_paid,
    progress.revenue,
    durations.speed_to_first_touch_ms,
    durations.human_speed_to_lead_ms,
    durations.speed_to_contact_ms,
    durations.reply_to_human_response_ms,
    leads.state,
    leads.credit_band,
    leads.loan_purpose,
    leads.tags,
    leads.do_not_call_label as do_not_call,
    case
        when activity.first_touch_at is null then '5: never'
        when durations.speed_to_first_touch_ms is null then '6: unknown'
        when durations.speed_to_first_touch_ms <= 300000 then '1: up to 5 min'
        when durations.speed_to_first_touch_ms <= 3600000 then '2: up to 1 h'
        when durations.speed_to_first_touch_ms <= 86400000 then '3: up to 24 h'
        else '4: later'
    end as speed_bucket,
    dayname(leads.created_at_local) as created_weekday,
    strftime(leads.created_at_local, '%H') as created_hour,
    case
        when duplicates.shares_email or duplicates.shares_phone then 'yes'
        else 'no'
    end as is_duplicate,
    activity.first_message_at is not null as has_campaign_message,
    coalesce(activity.has_delivered_message, false) as has_delivered_message,
    -- A bad address shows within a day of the first message.
    duplicates.shares_email
    or duplicates.shares_phone
    or coalesce(
        not activity.has_delivered_message
        and activity.first_message_at <= clock.as_of - to_hours(24),
        false
    ) as is_bad_contact,
    activity.first_touch_at is not null as is_touched,
    activity.first_reply_at is not null as is_contacted,
    case
        when durations.touch_to_reply_ms >= 0 then durations.touch_to_reply_ms
    end as lead_response_time_ms,
    progress.is_contact_aged
    and coalesce(durations.speed_to_contact_ms <= settings.contact_ms, false)
        as is_contacted_in_time,
    progress.is_pre_approval_aged
    and coalesce(
        durations.time_to_pre_qual_ms <= settings.pre_approval_ms, false
    ) as is_pre_qualified_in_time,
    progress.is_pre_approval_aged
    and coalesce(
        durations.time_to_pre_approval_ms <= settings.pre_approval_ms, false
    ) as is_pre_approved_in_time,
    progress.is_funded_aged
    and coalesce(
        progress.days_to_application between 0 and settings.funded_days, false
    ) as is_applied_in_time,
    case
        when progress.is_pre_approval_aged
            then durations.time_to_pre_approval_ms
    end as time_to_pre_approval_ms,
    -- A date against an instant: whole company days.
    case
        when progress.is_funded_aged and progress.days_to_fund >= 0
            then progress.days_to_fund * 86400000
    end as time_to_fund_ms
from stg_prospects as leads
inner join int_lead_progress as progress
    on leads.prospect_id = progress.prospect_id
inner join duplicates on leads.prospect_id = duplicates.prospect_id
inner join durations on leads.prospect_id = durations.prospect_id
cross join clock
cross join settings
left join int_lead_activity as activity
    on leads.prospect_id = activity.prospect_id
order by created_at
