-- Loans of leads, added up before anything joins them. One row per lead that
-- has a loan. funded_on is the earliest known closing, applied_on the
-- earliest application at or after the lead's creation, approval_proven_at
-- the earliest rate lock or closing after it; open_amount belongs to the
-- latest loan that is not closed, and is null where that loan has no amount.
-- @materialize: true
with loans_with_proofs as (
    select
        loans.loan_id,
        loans.prospect_id,
        loans.created_at,
        loans.is_closed,
        loans.is_approved,
        loans.amount,
        loans.closed_on_past,
        leads.created_at as lead_created_at,
        case
            when loans.applied_on >= cast(leads.created_at_local as date)
                then loans.applied_on
        end as applied_on,
        -- A date proves its stage from the start of that company day.
        timezone(
            settings.company_time_zone, cast(loans.rate_locked_on as timestamp)
        ) as rate_locked_at,
        timezone(
            settings.company_time_zone, cast(loans.closed_on_past as timestamp)
        ) as closed_at
    from stg_loans as loans
    inner join stg_prospects as leads on loans.prospect_id = leads.prospect_id
    cross join settings
),

loan_sums as (
    select
        prospect_id,
        bool_or(is_closed) as has_closed_loan,
        bool_or(is_approved) as has_approved_loan,
        min(closed_on_past) filter (where is_closed) as funded_on,
        min(applied_on) as applied_on,
        min(
            least(
                case
                    when rate_locked_at >= lead_created_at then rate_locked_at
                end,
                case when closed_at >= lead_created_at then closed_at end
            )
        ) filter (where is_closed or is_approved) as approval_proven_at,
        cast(sum(amount) filter (where is_closed) as double) as funded_amount,
        -- first() keeps a missing amount, where max_by() would pass on to an
        -- older loan.
        first(amount order by created_at desc, loan_id desc)
        filter (where not is_closed) as open_amount
    from loans_with_proofs
    group by prospect_id
)

select
    loan_sums.prospect_id,
    loan_sums.has_closed_loan,
    loan_sums.has_approved_loan,
    loan_sums.funded_on,
    loan_sums.applied_on,
    loan_sums.approval_proven_at,
    loan_sums.funded_amount,
    loan_sums.open_amount,
    coalesce(loan_sums.funded_amount, 0)
    * settings.revenue_basis_points / 10000 as revenue
from loan_sums
cross join settings
