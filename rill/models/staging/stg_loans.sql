-- Loans of leads with their dates. One row per loan created by the clock's
-- moment. Dates after its day are read as empty; only closed_on also holds a
-- planned closing, and closed_on_past leaves those out. property_value and
-- interest_rate are null where they cannot be true.
-- @materialize: true
select
    loans.loan_id,
    loans.prospect_id,
    loans.created_at,
    dates.closed_on,
    loans.loan_amount as amount,
    case
        when trim(loans.loan_type) != '' then loans.loan_type else 'unknown'
    end
        as loan_type,
    case when trim(loans.status) != '' then loans.status else 'unknown' end
        as loan_status,
    coalesce(loans.status = 'Closed', false) as is_closed,
    coalesce(loans.status = 'Approved', false) as is_approved,
    timezone(settings.company_time_zone, loans.created_at) as created_at_local,
    case when loans.property_value > 0 then loans.property_value end
        as property_value,
    case
        when loans.interest_rate > 0 and loans.interest_rate <= 25
            then loans.interest_rate
    end as interest_rate,
    -- A share where percent were meant: 0.06875 beside 6.875.
    coalesce(loans.interest_rate > 0 and loans.interest_rate < 0.5, false)
        as is_rate_implausible,
    case when dates.applied_on <= clock.as_of_day then dates.applied_on end
        as applied_on,
    case
        when dates.rate_locked_on <= clock.as_of_day then dates.rate_locked_on
    end as rate_locked_on,
    case when dates.closed_on <= clock.as_of_day then dates.closed_on end
        as closed_on_past
from bonzo_loans as loans
inner join stg_prospects as leads on loans.prospect_id = leads.prospect_id
cross join clock
cross join settings
left join bonzo_loan_dates as dates on loans.loan_id = dates.loan_id
where loans.created_at <= clock.as_of
