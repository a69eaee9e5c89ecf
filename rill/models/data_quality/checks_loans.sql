-- Trust checks on loans. One row per check.
with loans_with_stage as (
    select
        loans.is_closed,
        loans.closed_on_past,
        loans.rate_locked_on,
        loans.amount,
        loans.property_value,
        loans.interest_rate,
        loans.is_rate_implausible,
        coalesce(leads.stage_order >= settings.contract_order, false)
            as is_in_contract
    from stg_loans as loans
    inner join stg_prospects as leads on loans.prospect_id = leads.prospect_id
    cross join settings
),

stored_loans as (
    select loans.created_at
    from bonzo_loans as loans
    inner join stg_prospects as leads on loans.prospect_id = leads.prospect_id
)

select
    'closed_loan_without_closing_date' as check_name,
    'loans' as area,
    'warning' as severity,
    'Closed loans without a closing date count as funded, but in no period '
    'and no cohort. Fill the closing date in Bonzo.'
        as advice,
    count(*) filter (where is_closed and closed_on_past is null)
        as failing_rows,
    count(*) filter (where is_closed) as checked_rows
from loans_with_stage
union all
select
    'closed_by_date_alone' as check_name,
    'loans' as area,
    'warning' as severity,
    'Loans are taken for closed because of their date alone: no rate lock, no '
    'late stage. Confirm them in Bonzo or move the planned date.'
        as advice,
    count(*) filter (
        where is_closed and rate_locked_on is null and not is_in_contract
    ) as failing_rows,
    count(*) filter (where is_closed) as checked_rows
from loans_with_stage
union all
select
    'loan_without_creation_time' as check_name,
    'loans' as area,
    'warning' as severity,
    'Loans without a creation time are in no number. Load again; if they '
    'stay, correct them in Bonzo.'
        as advice,
    count(*) filter (where created_at is null) as failing_rows,
    count(*) as checked_rows
from stored_loans
union all
select
    'loan_without_amount' as check_name,
    'loans' as area,
    'warning' as severity,
    'Loans without an amount add nothing to volume, revenue and pipeline '
    'value. Fill the amount in Bonzo.'
        as advice,
    count(*) filter (where amount is null) as failing_rows,
    count(*) as checked_rows
from loans_with_stage
union all
select
    'loan_without_value' as check_name,
    'loans' as area,
    'warning' as severity,
    'Loans without a property value above zero have no loan-to-value. Fill '
    'the value in Bonzo.'
        as advice,
    count(*) filter (where property_value is null) as failing_rows,
    count(*) as checked_rows
from loans_with_stage
union all
select
    'loan_without_rate' as check_name,
    'loans' as area,
    'warning' as severity,
    'Loans without an interest rate above 0 and up to 25 percent are in no '
    'rate average. Fill the rate in Bonzo.'
        as advice,
    count(*) filter (where interest_rate is null) as failing_rows,
    count(*) as checked_rows
from loans_with_stage
union all
select
    'loan_ltv_over_200' as check_name,
    'loans' as area,
    'warning' as severity,
    'The amount is over twice the property value: a typing error. These loans '
    'are in no loan-to-value number. Correct one of the two in Bonzo.'
        as advice,
    count(*) filter (where amount > 2 * property_value) as failing_rows,
    count(*) as checked_rows
from loans_with_stage
union all
select
    'loan_rate_implausible' as check_name,
    'loans' as area,
    'warning' as severity,
    'Interest rates below half a percent are shares where percent were meant '
    '(0.06875 for 6.875). These loans are in no rate average. Correct the '
    'rate in Bonzo.'
        as advice,
    count(*) filter (where is_rate_implausible) as failing_rows,
    count(*) as checked_rows
from loans_with_stage
