-- Spend, credits and leads of lead sources by month. One row per source and
-- month that has any. Net spend is spend less what vendors gave back. That of
-- a month without a lead cannot be given to anybody and is unallocated; where
-- the cost file says nothing, all amounts are null.
-- @materialize: true
select
    lead_source,
    cast(source_month as timestamp) as month,
    leads,
    cast(spend as double) as spend,
    cast(credits as double) as credits,
    cast(net_spend as double) as net_spend,
    case
        when leads > 0 then cast(net_spend as double)
        when net_spend is not null then 0
    end as allocated_spend,
    case
        when leads = 0 then cast(net_spend as double)
        when net_spend is not null then 0
    end as unallocated_spend
from int_source_months
