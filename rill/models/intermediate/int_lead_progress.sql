-- How far leads came, when, and at what cost. One row per lead. highest_order
-- is the furthest stage order that stage, history or a loan proves; the _low
-- one trusts the current stage alone, the _high one credits disqualified leads
-- with the whole funnel. reached_pre_qual_at and reached_pre_approved_at are
-- the earliest proof of that stage or a later one at or after creation.
-- Allocated cost is the net spend of the lead's source and month of creation
-- divided by the leads of both; null if the cost file is empty. is_paid marks
-- leads of source-months that cost anything before credits.
-- @materialize: true
with stage_entries as (
    select
        stays.prospect_id,
        max(stays.stage_order) as history_order,
        min(stays.entered_at) filter (
            where stays.stage_order >= settings.pre_qual_order
            and stays.entered_at >= leads.created_at
        ) as entered_pre_qual_at,
        min(stays.entered_at) filter (
            where stays.stage_order >= settings.pre_approved_order
            and stays.entered_at >= leads.created_at
        ) as entered_pre_approved_at
    from stg_stage_history as stays
    inner join stg_prospects as leads on stays.prospect_id = leads.prospect_id
    cross join settings
    group by stays.prospect_id
),

cost_file as (
    select count(spend) > 0 as has_costs
    from int_source_months
),

lead_costs as (
    select
        leads.prospect_id,
        -- A file without costs says nothing; a source missing from it was free.
        case
            when cost_file.has_costs
                then
                    coalesce(
                        cast(months.net_spend as double) / months.leads, 0
                    )
        end as allocated_cost,
        coalesce(months.spend > 0, false) as is_paid
    from stg_prospects as leads
    cross join cost_file
    left join int_source_months as months
        on
            leads.lead_source_id = months.lead_source_id
            and date_trunc('month', leads.created_at_local)
            = months.source_month
),

leads_with_evidence as (
    select
        leads.prospect_id,
        leads.created_at,
        leads.is_disqualified,
        leads.stage_order,
        coalesce(leads.stage_order, 0) as order_low,
        greatest(
            coalesce(leads.stage_order, 0),
            coalesce(stage_entries.history_order, 0),
            case
                when loans.has_approved_loan then settings.pre_approved_order
                else 0
            end,
            case
                when loans.has_closed_loan then settings.final_order else 0
            end
        ) as order_evidence,
        stage_entries.entered_pre_qual_at,
        stage_entries.entered_pre_approved_at,
        loans.approval_proven_at,
        case
            when leads.stage_entered_at >= leads.created_at
                then leads.stage_entered_at
        end as stage_proven_at,
        coalesce(loans.has_closed_loan, false) as has_closed_loan,
        loans.funded_on,
        loans.funded_amount,
        loans.open_amount,
        coalesce(loans.revenue, 0) as revenue,
        (epoch_us(clock.as_of) - epoch_us(leads.created_at)) / 1000
            as age_ms,
        date_diff(
            'day', cast(leads.created_at_local as date), loans.funded_on
        ) as days_to_fund,
        date_diff(
            'day', cast(leads.created_at_local as date), loans.applied_on
        ) as days_to_application,
        not leads.is_disqualified
        and leads.stage_exited_at is null
        and not coalesce(loans.has_closed_loan, false) as is_open,
        -- Automated sends are not activity: a neglected lead in a drip campaign
        -- must not look cared for.
        greatest(
            leads.created_at,
            leads.stage_entered_at,
            activity.last_manual_event_at,
            activity.last_reply_at
        ) as last_activity_at,
        case leads.stage_group
            when 'working' then settings.stale_working_ms
            when 'qualified' then settings.stale_qualified_ms
            when 'contract' then settings.stale_contract_ms
            else settings.stale_new_ms
        end as stale_after_ms
    from stg_prospects as leads
    cross join clock
    cross join settings
    left join int_lead_activity as activity
        on leads.prospect_id = activity.prospect_id
    left join int_lead_loans as loans on leads.prospect_id = loans.prospect_id
    left join stage_entries on leads.prospect_id = stage_entries.prospect_id
)

select
    leads.prospect_id,
    leads.order_low as highest_order_low,
    leads.order_evidence as highest_order,
    leads.is_open,
    leads.last_activity_at,
    leads.age_ms,
    leads.has_closed_loan,
    leads.funded_on,
    leads.funded_amount,
    leads.open_amount,
    leads.revenue,
    leads.days_to_fund,
    leads.days_to_application,
    lead_costs.allocated_cost,
    lead_costs.is_paid,
    case
        when leads.is_disqualified or leads.stage_order is null
            then greatest(leads.order_evidence, settings.final_order)
        else leads.order_evidence
    end as highest_order_high,
    least(
        leads.entered_pre_qual_at,
        case
            when leads.order_low >= settings.pre_qual_order
                then leads.stage_proven_at
        end,
        leads.approval_proven_at
    ) as reached_pre_qual_at,
    least(
        leads.entered_pre_approved_at,
        case
            when leads.order_low >= settings.pre_approved_order
                then leads.stage_proven_at
        end,
        leads.approval_proven_at
    ) as reached_pre_approved_at,
    leads.is_open
    and (epoch_us(clock.as_of) - epoch_us(leads.last_activity_at)) / 1000
    > leads.stale_after_ms as is_stale,
    leads.age_ms >= settings.contact_ms as is_contact_aged,
    leads.age_ms >= settings.pre_approval_ms as is_pre_approval_aged,
    leads.age_ms >= settings.funded_ms as is_funded_aged,
    -- Closed on an unknown day: neither inside the window nor outside.
    leads.age_ms >= settings.funded_ms
    and not (leads.has_closed_loan and leads.funded_on is null)
        as is_in_funded_cohort,
    leads.age_ms >= settings.funded_ms
    and coalesce(leads.days_to_fund between 0 and settings.funded_days, false)
        as is_funded_in_time
from leads_with_evidence as leads
cross join clock
cross join settings
inner join lead_costs on leads.prospect_id = lead_costs.prospect_id
