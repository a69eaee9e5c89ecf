with ranked as (
    select
        int_lead_progress.*,
        settings.contact_days,
        settings.pre_approval_days,
        settings.funded_days,
        -- Whoever shares an address with an earlier lead is its duplicate.
        row_number() over (
            partition by int_lead_progress.email_group
            order by int_lead_progress.created_at, int_lead_progress.prospect_id
        ) as email_rank,
        row_number() over (
            partition by int_lead_progress.phone_group
            order by int_lead_progress.created_at, int_lead_progress.prospect_id
        ) as phone_rank
    from int_lead_progress
    cross join settings
),

-- An event before creation gives no duration.
started as (
    select
        *,
        case when first_touch_at >= created_at then first_touch_at end
            as timed_touch_at,
        case
            when first_human_touch_at >= created_at then first_human_touch_at
        end as timed_human_touch_at,
        case when first_reply_at >= created_at then first_reply_at end
            as timed_reply_at
    from ranked
),

timed as (
    select
        *,
        contact_days * 86400000 as contact_ms,
        pre_approval_days * 86400000 as pre_approval_ms,
        (epoch_us(timed_touch_at) - epoch_us(created_at)) / 1000
            as speed_to_first_touch_ms,
        (epoch_us(timed_human_touch_at) - epoch_us(created_at)) / 1000
            as human_speed_to_lead_ms,
        (epoch_us(timed_reply_at) - epoch_us(created_at)) / 1000
            as speed_to_contact_ms,
        (epoch_us(timed_reply_at) - epoch_us(timed_touch_at)) / 1000
            as response_ms,
        (epoch_us(first_human_answer_at) - epoch_us(timed_reply_at)) / 1000
            as reply_to_human_response_ms,
        (epoch_us(reached_4_at) - epoch_us(created_at)) / 1000
            as pre_qual_ms,
        (epoch_us(reached_5_at) - epoch_us(created_at)) / 1000
            as pre_approval_after_ms
    from started
)

select
    prospect_id,
    created_at_local as created_at,
    stage,
    stage_group,
    lead_source,
    loan_officer,
    team,
    officer_email,
    team_lead_email,
    highest_order_low,
    highest_order,
    highest_order_high,
    is_disqualified,
    has_campaign_message,
    has_delivered_message,
    has_closed_loan,
    is_contact_aged,
    is_pre_approval_aged,
    is_funded_aged,
    is_in_funded_cohort,
    is_funded_in_time,
    allocated_cost,
    revenue,
    speed_to_first_touch_ms,
    human_speed_to_lead_ms,
    speed_to_contact_ms,
    reply_to_human_response_ms,
    case
        when do_not_call then 'yes'
        when not do_not_call then 'no'
        else 'unknown'
    end as do_not_call,
    case
        when first_touch_at is null then '5: never'
        when speed_to_first_touch_ms is null then '6: unknown'
        when speed_to_first_touch_ms <= 300000 then '1: up to 5 min'
        when speed_to_first_touch_ms <= 3600000 then '2: up to 1 h'
        when speed_to_first_touch_ms <= 86400000 then '3: up to 24 h'
        else '4: later'
    end as speed_bucket,
    dayname(created_at_local) as created_weekday,
    strftime(created_at_local, '%H') as created_hour,
    case
        when
            (email_group is not null and email_rank > 1)
            or (phone_group is not null and phone_rank > 1)
            then 'yes'
        else 'no'
    end as is_duplicate,
    first_touch_at is not null as is_touched,
    first_reply_at is not null as is_contacted,
    case when response_ms >= 0 then response_ms end as lead_response_time_ms,
    is_contact_aged and coalesce(speed_to_contact_ms <= contact_ms, false)
        as is_contacted_in_time,
    is_pre_approval_aged and coalesce(pre_qual_ms <= pre_approval_ms, false)
        as is_pre_qualified_in_time,
    is_pre_approval_aged
    and coalesce(pre_approval_after_ms <= pre_approval_ms, false)
        as is_pre_approved_in_time,
    is_funded_aged
    and coalesce(days_to_application between 0 and funded_days, false)
        as is_applied_in_time,
    case when is_pre_approval_aged then pre_approval_after_ms end
        as time_to_pre_approval_ms,
    -- A date against an instant: whole company days.
    case
        when is_funded_aged and days_to_fund >= 0
            then days_to_fund * 86400000
    end as time_to_fund_ms
from timed
