with loans as (
    select
        stg_loans.*,
        stg_prospects.stage_order
    from stg_loans
    inner join stg_prospects
        on stg_loans.prospect_id = stg_prospects.prospect_id
),

stored_loans as (
    select
        count(*) as checked_rows,
        count(*) filter (where bonzo_loans.created_at is null) as timeless_rows
    from bonzo_loans
    inner join stg_prospects
        on bonzo_loans.prospect_id = stg_prospects.prospect_id
),

counts as (
    select
        count(*) as checked_rows,
        count(*) filter (where is_closed) as closed_rows,
        count(*) filter (where is_closed and closed_on_past is null)
            as undated_rows,
        count(*) filter (
            where is_closed
            and rate_locked_on is null
            and coalesce(stage_order, 0) < 7
        ) as unproven_rows,
        count(*) filter (where amount is null) as amountless_rows,
        count(*) filter (where property_value is null) as valueless_rows,
        count(*) filter (where interest_rate is null) as rateless_rows,
        count(*) filter (where amount > 2 * property_value) as steep_rows
    from loans
)

select
    'closed_loan_without_closing_date' as check_name,
    undated_rows as failing_rows,
    closed_rows as checked_rows
from counts
union all
select
    'closed_by_date_alone' as check_name,
    unproven_rows as failing_rows,
    closed_rows as checked_rows
from counts
union all
select
    'loan_without_creation_time' as check_name,
    timeless_rows as failing_rows,
    checked_rows
from stored_loans
union all
select
    'loan_without_amount' as check_name,
    amountless_rows as failing_rows,
    checked_rows
from counts
union all
select
    'loan_without_value' as check_name,
    valueless_rows as failing_rows,
    checked_rows
from counts
union all
select
    'loan_without_rate' as check_name,
    rateless_rows as failing_rows,
    checked_rows
from counts
union all
select
    'loan_ltv_over_200' as check_name,
    steep_rows as failing_rows,
    checked_rows
from counts
