with reached as (
    select
        stg_stage_history.prospect_id,
        max(stg_stage_history.stage_order) as history_order,
        min(stg_stage_history.entered_at) filter (
            where stg_stage_history.stage_order >= 4
            and stg_stage_history.entered_at >= stg_prospects.created_at
        ) as entered_4_at,
        min(stg_stage_history.entered_at) filter (
            where stg_stage_history.stage_order >= 5
            and stg_stage_history.entered_at >= stg_prospects.created_at
        ) as entered_5_at
    from stg_stage_history
    inner join stg_prospects
        on stg_stage_history.prospect_id = stg_prospects.prospect_id
    group by stg_stage_history.prospect_id
),

cost_file as (
    select count(spend) > 0 as has_costs
    from int_source_months
),

joined as (
    select
        stg_prospects.*,
        int_lead_activity.first_touch_at,
        int_lead_activity.first_human_touch_at,
        int_lead_activity.first_reply_at,
        int_lead_activity.first_human_answer_at,
        int_lead_activity.last_sent_at,
        int_lead_activity.last_reply_at,
        int_lead_activity.last_manual_event_at,
        int_lead_activity.has_campaign_message,
        int_lead_activity.has_delivered_message,
        int_lead_loans.has_closed_loan,
        int_lead_loans.has_approved_loan,
        int_lead_loans.funded_on,
        int_lead_loans.applied_on,
        int_lead_loans.approval_proven_at,
        int_lead_loans.funded_amount,
        int_lead_loans.open_amount,
        int_lead_loans.revenue,
        reached.history_order,
        reached.entered_4_at,
        reached.entered_5_at,
        settings.*,
        clock.as_of,
        cost_file.has_costs,
        cast(int_source_months.spend as double) / int_source_months.leads as cost_share
    from stg_prospects
    cross join clock
    cross join settings
    cross join cost_file
    left join int_lead_activity on stg_prospects.prospect_id = int_lead_activity.prospect_id
    left join int_lead_loans on stg_prospects.prospect_id = int_lead_loans.prospect_id
    left join reached on stg_prospects.prospect_id = reached.prospect_id
    left join int_source_months
        on
            stg_prospects.lead_source_id = int_source_months.lead_source_id
            and date_trunc('month', stg_prospects.created_at_local)
            = int_source_months.source_month
),

filled as (
    select
        *,
        coalesce(has_closed_loan, false) as has_closed,
        coalesce(stage_order, 0) as order_low,
        case
            when stage_entered_at >= created_at then stage_entered_at
        end as stage_proven_at,
        case stage_group
            when 'working' then stale_days_working
            when 'qualified' then stale_days_qualified
            when 'contract' then stale_days_contract
            else stale_days_new
        end as stale_days,
        -- Automated sends are no activity: a neglected lead in a drip campaign
        -- must not look cared for.
        greatest(
            created_at, stage_entered_at, last_manual_event_at, last_reply_at
        ) as last_activity_at,
        (epoch_us(as_of) - epoch_us(created_at)) / 1000 as age_ms,
        cast(created_at_local as date) as created_on
    from joined
),

judged as (
    select
        *,
        greatest(
            order_low,
            coalesce(history_order, 0),
            case when has_approved_loan then 5 else 0 end,
            case when has_closed then 8 else 0 end
        ) as order_evidence,
        not is_disqualified and stage_exited_at is null and not has_closed
            as is_open,
        age_ms >= funded_days * 86400000 as is_funded_aged,
        date_diff('day', created_on, funded_on) as days_to_fund
    from filled
)

select
    prospect_id,
    first_name,
    last_name,
    created_at,
    created_at_local,
    stage_id,
    stage,
    stage_group,
    stage_order,
    is_disqualified,
    stage_entered_at,
    stage_exited_at,
    lead_source_id,
    lead_source,
    user_id,
    loan_officer,
    team,
    officer_email,
    team_lead_email,
    owner_is_active,
    do_not_call,
    email_group,
    phone_group,
    first_touch_at,
    first_human_touch_at,
    first_reply_at,
    first_human_answer_at,
    last_sent_at,
    last_reply_at,
    last_activity_at,
    funded_on,
    applied_on,
    funded_amount,
    open_amount,
    order_low as highest_order_low,
    order_evidence as highest_order,
    is_open,
    age_ms,
    is_funded_aged,
    days_to_fund,
    has_closed as has_closed_loan,
    coalesce(has_approved_loan, false) as has_approved_loan,
    coalesce(has_campaign_message, false) as has_campaign_message,
    coalesce(has_delivered_message, false) as has_delivered_message,
    coalesce(revenue, 0) as revenue,
    case
        when is_disqualified or stage_order is null
            then greatest(order_evidence, 8)
        else order_evidence
    end as highest_order_high,
    least(
        entered_4_at,
        case when order_low >= 4 then stage_proven_at end,
        approval_proven_at
    ) as reached_4_at,
    least(
        entered_5_at,
        case when order_low >= 5 then stage_proven_at end,
        approval_proven_at
    ) as reached_5_at,
    date_diff('day', created_on, applied_on) as days_to_application,
    is_open and epoch_us(as_of) - epoch_us(last_activity_at)
    > stale_days * 86400000000 as is_stale,
    age_ms >= contact_days * 86400000 as is_contact_aged,
    age_ms >= pre_approval_days * 86400000 as is_pre_approval_aged,
    -- Closed on an unknown day: neither inside the window nor outside.
    is_funded_aged and not (has_closed and funded_on is null)
        as is_in_funded_cohort,
    is_funded_aged and coalesce(days_to_fund between 0 and funded_days, false)
        as is_funded_in_time,
    -- A file without costs says nothing; a source missing from it was free.
    case when has_costs then coalesce(cost_share, 0) end as allocated_cost
from judged
