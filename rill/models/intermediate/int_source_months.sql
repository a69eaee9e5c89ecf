with named_costs as (
    select
        lead_source_id,
        cost_month,
        spend,
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
        sum(spend) as spend
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
joined as (
    select
        costs.unknown_name,
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
        bonzo_lead_sources.source_name, joined.unknown_name, 'Unattributed'
    ) as lead_source
from joined
left join bonzo_lead_sources
    on joined.lead_source_id = bonzo_lead_sources.lead_source_id
