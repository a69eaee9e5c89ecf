-- Loans that were funded on a known day. One row per Closed loan with a
-- closing date that is not in the future. closed_on is a company day.
-- @materialize: true
select
    loans.loan_id,
    loans.prospect_id,
    loans.loan_type,
    leads.lead_source,
    leads.loan_officer,
    leads.team,
    leads.officer_email,
    leads.team_lead_email,
    leads.state,
    cast(loans.closed_on_past as timestamp) as closed_on,
    cast(loans.amount as double) as loan_amount,
    coalesce(cast(loans.amount as double), 0)
    * settings.revenue_basis_points / 10000 as revenue,
    case
        when loans.applied_on <= loans.closed_on_past
            then
                date_diff('day', loans.applied_on, loans.closed_on_past)
                * 86400000
    end as time_from_application_ms
from stg_loans as loans
inner join stg_prospects as leads on loans.prospect_id = leads.prospect_id
cross join settings
where loans.is_closed and loans.closed_on_past is not null
