with costs as (
    select
        lead_source_id,
        cost_month,
        -- A source that Bonzo does not know has no id, only its name.
        case when lead_source_id is null then source_key end as unknown_key,
        min(source_name) as source_name,
        sum(spend) as spend
    from stg_costs
    where is_readable and not is_future
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
joined as (
    select
        costs.source_name,
        costs.spend,
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
    joined.lead_source_id,
    joined.source_month,
    joined.spend,
    joined.leads,
    coalesce(
        bonzo_lead_sources.source_name, joined.source_name, 'Unattributed'
    ) as lead_source
from joined
left join bonzo_lead_sources
    on joined.lead_source_id = bonzo_lead_sources.lead_source_id
