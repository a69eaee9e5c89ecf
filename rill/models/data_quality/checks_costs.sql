-- Trust checks on the cost file. One row per check.
with source_spend as (
    select
        lead_source_id,
        cost_month,
        case when lead_source_id is null then source_key end as unknown_source,
        sum(spend) as spend,
        sum(credits) as credits
    from stg_costs
    where is_readable and not is_future
    group by 1, 2, 3
),

lead_months as (
    select
        leads.lead_source_id,
        cast(date_trunc('month', leads.created_at_local) as date) as lead_month,
        count(*) as leads,
        coalesce(sum(progress.allocated_cost), 0) as allocated
    from stg_prospects as leads
    inner join int_lead_progress as progress
        on leads.prospect_id = progress.prospect_id
    group by 1, 2
),

source_months as (
    select
        coalesce(source_spend.spend != 0, false) as has_spend,
        source_spend.spend is not null as has_cost_row,
        source_spend.spend is not null
        or lead_months.allocated != 0 as has_costs,
        coalesce(source_spend.credits > source_spend.spend, false)
            as has_excess_credits,
        coalesce(lead_months.leads, 0) = 0 as is_without_leads,
        -- A cent of slack: shares of a month's spend are fractions.
        lead_months.leads > 0
        and abs(
            coalesce(source_spend.spend - source_spend.credits, 0)
            - lead_months.allocated
        ) > 0.01 as is_off
    from source_spend
    full outer join lead_months
        on
            source_spend.lead_source_id = lead_months.lead_source_id
            and source_spend.cost_month = lead_months.lead_month
),

readable_lines as (
    select lead_source_id
    from stg_costs
    where is_readable and not is_future
),

files as (
    select
        lines.file_name is null as is_empty,
        lines.lead_source is not null
        and lines.month is not null
        and lines.spend is not null as has_columns
    from csv_files as files
    left join stg_csv_lines as lines
        on files.file_name = lines.file_name and lines.is_header
    where files.file_name = 'lead_source_costs'
)

select
    'spend_without_leads' as check_name,
    'costs' as area,
    'warning' as severity,
    'Months with spend in which the source brought no lead: this money is in '
    'no cost per lead. Check month and source name in lead_source_costs.csv.'
        as advice,
    count(*) filter (where has_spend and is_without_leads) as failing_rows,
    count(*) filter (where has_spend) as checked_rows
from source_months
union all
select
    'spend_not_reconciled' as check_name,
    'costs' as area,
    'error' as severity,
    'Costs allocated to leads differ from the spend of their source and '
    'month. All cost numbers are wrong: report it.'
        as advice,
    count(*) filter (where is_off) as failing_rows,
    count(*) filter (where has_costs) as checked_rows
from source_months
union all
select
    'cost_row_of_unknown_source' as check_name,
    'costs' as area,
    'warning' as severity,
    'Lines of lead_source_costs.csv name a source that Bonzo does not know. '
    'Correct the spelling.'
        as advice,
    count(*) filter (where lead_source_id is null) as failing_rows,
    count(*) as checked_rows
from readable_lines
union all
select
    'cost_row_unreadable' as check_name,
    'costs' as area,
    'error' as severity,
    'Lines of lead_source_costs.csv cannot be read and are left out. Write '
    'source, month (2026-03-01) and spend (1200.50).'
        as advice,
    count(*) filter (where not is_readable) as failing_rows,
    count(*) as checked_rows
from stg_costs
union all
select
    'credits_above_spend' as check_name,
    'costs' as area,
    'warning' as severity,
    'Vendors gave back more than the month cost. A refund belongs to the '
    'month of the leads it was paid for: check month and amount in '
    'lead_source_costs.csv.'
        as advice,
    count(*) filter (where has_excess_credits) as failing_rows,
    count(*) filter (where has_cost_row) as checked_rows
from source_months
union all
select
    'cost_file_unreadable' as check_name,
    'costs' as area,
    'error' as severity,
    'lead_source_costs.csv lacks a column: its first line must name '
    'lead_source, month and spend. Save it as CSV with commas.'
        as advice,
    count(*) filter (where not is_empty and not has_columns)
        as failing_rows,
    1 as checked_rows
from files
