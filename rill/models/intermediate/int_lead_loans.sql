with dated_loans as (
    select
        stg_loans.*,
        stg_prospects.created_at as lead_created_at,
        cast(stg_prospects.created_at_local as date) as lead_created_on,
        -- A date proves its stage from the start of that company day.
        timezone(
            settings.company_time_zone,
            cast(stg_loans.rate_locked_on as timestamp)
        ) as rate_locked_at,
        timezone(
            settings.company_time_zone,
            cast(stg_loans.closed_on_past as timestamp)
        ) as closed_at
    from stg_loans
    inner join stg_prospects
        on stg_loans.prospect_id = stg_prospects.prospect_id
    cross join settings
),

loan_sums as (
    select
        prospect_id,
        bool_or(is_closed) as has_closed_loan,
        bool_or(is_approved) as has_approved_loan,
        min(closed_on_past) filter (where is_closed) as funded_on,
        min(applied_on)
        filter (where applied_on >= lead_created_on) as applied_on,
        min(
            least(
                case
                    when rate_locked_at >= lead_created_at then rate_locked_at
                end,
                case when closed_at >= lead_created_at then closed_at end
            )
        ) filter (where is_closed or is_approved) as approval_proven_at,
        sum(amount) filter (where is_closed) as funded_amount,
        -- first() keeps a missing amount, where max_by() would pass on to an
        -- older loan.
        first(amount order by created_at desc, loan_id desc)
        filter (where not is_closed) as open_amount
    from dated_loans
    group by prospect_id
)

select
    loan_sums.*,
    coalesce(cast(loan_sums.funded_amount as double), 0)
    * settings.revenue_basis_points / 10000 as revenue
from loan_sums
cross join settings
