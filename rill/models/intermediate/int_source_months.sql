-- Spend and new leads side by side. One row per lead source and month that has
-- either. Net spend is spend less credits; all three are null where the cost
-- file has no such row. lead_source_id is null for leads without a source and
-- for sources that only the file knows.
-- @materialize: true
with named_costs as (
    select
        lead_source_id,
        cost_month,
        spend,
        credits,
        -- A source that Bonzo does not know has no id, only its name, and one
        -- name however it is spelled.
        case
            when lead_source_id is null
                then first_value(source_name) over (
                    partition by source_key
                    order by line_number
                )
        end as unknown_name
    from stg_costs
    where is_readable and not is_future
),

costs as (
    select
        lead_source_id,
        cost_month,
        unknown_name,
        sum(spend) as spend,
        sum(credits) as credits
    from named_costs
    group by 1, 2, 3
),

arrivals as (
    select
        lead_source_id,
        cast(date_trunc('month', created_at_local) as date) as lead_month,
        count(*) as leads
    from stg_prospects
    group by 1, 2
),

-- Without an id nothing matches: leads without a source carry no cost.
source_months as (
    select
        costs.unknown_name,
        costs.spend,
        costs.credits,
        costs.spend - costs.credits as net_spend,
        coalesce(costs.lead_source_id, arrivals.lead_source_id)
            as lead_source_id,
        coalesce(costs.cost_month, arrivals.lead_month) as source_month,
        coalesce(arrivals.leads, 0) as leads
    from costs
    full outer join arrivals
        on
            costs.lead_source_id = arrivals.lead_source_id
            and costs.cost_month = arrivals.lead_month
)

select
    months.lead_source_id,
    months.source_month,
    months.spend,
    months.credits,
    months.net_spend,
    months.leads,
    coalesce(sources.source_name, months.unknown_name, 'Unattributed')
        as lead_source
from source_months as months
left join bonzo_lead_sources as sources
    on months.lead_source_id = sources.lead_source_id
