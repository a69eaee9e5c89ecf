with source_spend as (
    select
        lead_source_id,
        cost_month,
        case when lead_source_id is null then source_key end as unknown_source,
        sum(spend) as spend
    from stg_costs
    where is_readable and not is_future
    group by 1, 2, 3
),

arrivals as (
    select
        lead_source_id,
        cast(date_trunc('month', created_at_local) as date) as lead_month,
        count(*) as leads,
        coalesce(sum(allocated_cost), 0) as allocated
    from int_lead_progress
    group by 1, 2
),

source_months as (
    select
        source_spend.spend,
        arrivals.leads,
        arrivals.allocated,
        source_spend.spend != 0 as has_spend,
        source_spend.spend is not null or arrivals.allocated != 0 as has_costs,
        coalesce(arrivals.leads, 0) = 0
        and source_spend.spend != 0 as is_unallocated,
        -- A cent of slack: shares of a month's spend are fractions.
        arrivals.leads > 0
        and abs(coalesce(source_spend.spend, 0) - arrivals.allocated) > 0.01
            as is_off
    from source_spend
    full outer join arrivals
        on
            source_spend.lead_source_id = arrivals.lead_source_id
            and source_spend.cost_month = arrivals.lead_month
),

month_counts as (
    select
        count(*) filter (where has_costs) as checked_rows,
        count(*) filter (where has_spend) as spend_rows,
        count(*) filter (where is_unallocated) as unallocated_rows,
        count(*) filter (where is_off) as off_rows
    from source_months
),

line_counts as (
    select
        count(*) as checked_rows,
        count(*) filter (where not is_readable) as unreadable_rows,
        count(*) filter (where is_readable and not is_future) as told_rows,
        count(*) filter (
            where is_readable and not is_future and lead_source_id is null
        ) as unknown_rows
    from stg_costs
)

select
    'spend_without_leads' as check_name,
    unallocated_rows as failing_rows,
    spend_rows as checked_rows
from month_counts
union all
select
    'spend_not_reconciled' as check_name,
    off_rows as failing_rows,
    checked_rows
from month_counts
union all
select
    'cost_row_of_unknown_source' as check_name,
    unknown_rows as failing_rows,
    told_rows as checked_rows
from line_counts
union all
select
    'cost_row_unreadable' as check_name,
    unreadable_rows as failing_rows,
    checked_rows
from line_counts
