-- Spend and leads of lead sources by month. One row per source and month that
-- has either. Spend of a month without a lead cannot be given to anybody and
-- is unallocated; where nothing is known, all three amounts are null.
-- @materialize: true
select
    lead_source,
    cast(source_month as timestamp) as month,
    leads,
    cast(spend as double) as spend,
    case
        when leads > 0 then cast(spend as double)
        when spend is not null then 0
    end as allocated_spend,
    case
        when leads = 0 then cast(spend as double)
        when spend is not null then 0
    end as unallocated_spend
from int_source_months
