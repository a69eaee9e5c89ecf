-- Loans with their ratios and flags. One row per loan. created_at is company
-- time; ltv is null where amount or value is unknown or the ratio exceeds 2;
-- ltv_amount and rate_amount are the amounts that weigh ltv and rate.
-- @materialize: true
with loans_with_ratios as (
    select
        loans.loan_id,
        loans.prospect_id,
        loans.created_at_local,
        loans.loan_type,
        loans.loan_status,
        loans.is_closed,
        loans.is_approved,
        loans.closed_on_past,
        loans.rate_locked_on,
        case
            when not loans.is_rate_implausible
                then cast(loans.interest_rate as double)
        end as interest_rate,
        cast(loans.amount as double) as loan_amount,
        -- Compared as decimals: a quotient could fall beside the limit.
        -- Nobody lends more than twice a value: such a pair is a typing error.
        case
            when loans.amount <= loans.property_value * 2
                then loans.amount / loans.property_value
        end as ltv,
        loans.amount <= loans.property_value * 0.8 as is_up_to_80,
        loans.amount <= loans.property_value * 0.95 as is_up_to_95,
        date_diff('day', loans.applied_on, clock.as_of_day)
        >= settings.funded_days as is_application_aged,
        date_diff('day', loans.applied_on, loans.closed_on_past)
        between 0 and settings.funded_days as is_closed_within,
        loans.closed_on > clock.as_of_day
        and loans.closed_on <= clock.as_of_day + 30 as is_closing_soon
    from stg_loans as loans
    cross join clock
    cross join settings
)

select
    loans.loan_id,
    loans.prospect_id,
    loans.created_at_local as created_at,
    loans.loan_type,
    loans.loan_status,
    leads.lead_source,
    leads.loan_officer,
    leads.team,
    leads.officer_email,
    leads.team_lead_email,
    leads.state,
    leads.credit_band,
    leads.loan_purpose,
    loans.is_closed,
    loans.is_approved,
    loans.loan_amount,
    loans.ltv,
    loans.interest_rate,
    case when loans.ltv is not null then loans.loan_amount end as ltv_amount,
    case when loans.interest_rate is not null then loans.loan_amount end
        as rate_amount,
    case
        when loans.ltv is null then 'unknown'
        when loans.is_up_to_80 then 'up to 80 %'
        when loans.is_up_to_95 then '80-95 %'
        else 'over 95 %'
    end as ltv_band,
    loans.ltv is not null and not loans.is_up_to_80 as is_over_80,
    loans.ltv is not null and not loans.is_up_to_95 as is_over_95,
    -- Closed on an unknown day: neither inside the window nor outside.
    coalesce(loans.is_application_aged, false)
    and not (loans.is_closed and loans.closed_on_past is null)
        as is_in_pull_through_cohort,
    coalesce(loans.is_application_aged and loans.is_closed_within, false)
    and loans.is_closed as is_pulled_through,
    not loans.is_closed and loans.rate_locked_on is not null as is_locked,
    not loans.is_closed and coalesce(loans.is_closing_soon, false)
        as is_expected_to_close
from loans_with_ratios as loans
inner join stg_prospects as leads on loans.prospect_id = leads.prospect_id
