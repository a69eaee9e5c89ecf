select
    bonzo_loans.loan_id,
    bonzo_loans.prospect_id,
    bonzo_loans.created_at,
    bonzo_loan_dates.closed_on,
    bonzo_loans.loan_amount as amount,
    case
        when trim(bonzo_loans.loan_type) != '' then bonzo_loans.loan_type
        else 'unknown'
    end as loan_type,
    case
        when trim(bonzo_loans.status) != '' then bonzo_loans.status
        else 'unknown'
    end as loan_status,
    coalesce(bonzo_loans.status = 'Closed', false) as is_closed,
    coalesce(bonzo_loans.status = 'Approved', false) as is_approved,
    timezone(settings.company_time_zone, bonzo_loans.created_at)
        as created_at_local,
    case
        when bonzo_loans.property_value > 0 then bonzo_loans.property_value
    end as property_value,
    case
        when bonzo_loans.interest_rate > 0 and bonzo_loans.interest_rate <= 25
            then bonzo_loans.interest_rate
    end as interest_rate,
    case
        when bonzo_loan_dates.applied_on <= clock.as_of_day
            then bonzo_loan_dates.applied_on
    end as applied_on,
    case
        when bonzo_loan_dates.rate_locked_on <= clock.as_of_day
            then bonzo_loan_dates.rate_locked_on
    end as rate_locked_on,
    case
        when bonzo_loan_dates.closed_on <= clock.as_of_day
            then bonzo_loan_dates.closed_on
    end as closed_on_past
from bonzo_loans
inner join stg_prospects
    on bonzo_loans.prospect_id = stg_prospects.prospect_id
cross join clock
cross join settings
left join bonzo_loan_dates on bonzo_loans.loan_id = bonzo_loan_dates.loan_id
where bonzo_loans.created_at <= clock.as_of
