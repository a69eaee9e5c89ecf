select
    stg_loans.loan_id,
    stg_loans.prospect_id,
    stg_loans.loan_type,
    stg_prospects.lead_source,
    stg_prospects.loan_officer,
    stg_prospects.team,
    stg_prospects.officer_email,
    stg_prospects.team_lead_email,
    cast(stg_loans.closed_on_past as timestamp) as closed_on,
    cast(stg_loans.amount as double) as loan_amount,
    coalesce(cast(stg_loans.amount as double), 0)
    * settings.revenue_basis_points / 10000 as revenue,
    case
        when stg_loans.applied_on <= stg_loans.closed_on_past
            then
                date_diff('day', stg_loans.applied_on, stg_loans.closed_on_past)
                * 86400000
    end as time_from_application_ms
from stg_loans
inner join stg_prospects on stg_loans.prospect_id = stg_prospects.prospect_id
cross join settings
where stg_loans.is_closed and stg_loans.closed_on_past is not null
