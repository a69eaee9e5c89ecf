with measured as (
    select
        stg_loans.*,
        cast(stg_loans.amount as double) as loan_amount,
        -- Compared as decimals: a quotient could fall beside the limit.
        -- Nobody lends more than twice a value: such a pair is a typing error.
        case
            when stg_loans.amount <= stg_loans.property_value * 2
                then stg_loans.amount / stg_loans.property_value
        end as ltv,
        stg_loans.amount <= stg_loans.property_value * 0.8 as is_up_to_80,
        stg_loans.amount <= stg_loans.property_value * 0.95 as is_up_to_95,
        date_diff('day', stg_loans.applied_on, clock.as_of_day)
        >= settings.funded_days as is_application_aged,
        date_diff('day', stg_loans.applied_on, stg_loans.closed_on_past)
        between 0 and settings.funded_days as is_closed_within,
        stg_loans.closed_on > clock.as_of_day
        and stg_loans.closed_on <= clock.as_of_day + 30 as is_closing_soon
    from stg_loans
    cross join clock
    cross join settings
)

select
    measured.loan_id,
    measured.prospect_id,
    measured.created_at_local as created_at,
    measured.loan_type,
    measured.loan_status,
    stg_prospects.lead_source,
    stg_prospects.loan_officer,
    stg_prospects.team,
    stg_prospects.officer_email,
    stg_prospects.team_lead_email,
    measured.is_closed,
    measured.is_approved,
    measured.loan_amount,
    measured.ltv,
    cast(measured.interest_rate as double) as interest_rate,
    case when measured.ltv is not null then measured.loan_amount end
        as ltv_amount,
    case when measured.interest_rate is not null then measured.loan_amount end
        as rate_amount,
    case
        when measured.ltv is null then 'unknown'
        when measured.is_up_to_80 then 'up to 80 %'
        when measured.is_up_to_95 then '80-95 %'
        else 'over 95 %'
    end as ltv_band,
    measured.ltv is not null and not measured.is_up_to_80 as is_over_80,
    measured.ltv is not null and not measured.is_up_to_95 as is_over_95,
    -- Closed on an unknown day: neither inside the window nor outside.
    coalesce(measured.is_application_aged, false)
    and not (measured.is_closed and measured.closed_on_past is null)
        as is_in_pull_through_cohort,
    coalesce(measured.is_application_aged and measured.is_closed_within, false)
    and measured.is_closed as is_pulled_through,
    not measured.is_closed and measured.rate_locked_on is not null as is_locked,
    not measured.is_closed and coalesce(measured.is_closing_soon, false)
        as is_expected_to_close
from measured
inner join stg_prospects on measured.prospect_id = stg_prospects.prospect_id
