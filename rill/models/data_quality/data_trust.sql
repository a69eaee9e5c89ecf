-- What is wrong or uncertain in the data, and what to do about it. One row
-- per check.
-- @materialize: true
with checks as (
    select * from checks_leads
    union all by name
    select * from checks_events
    union all by name
    select * from checks_messages
    union all by name
    select * from checks_loans
    union all by name
    select * from checks_costs
    union all by name
    select * from checks_team
    union all by name
    select * from checks_loads
)

select
    checks.check_name,
    checks.area,
    checks.severity,
    checks.advice,
    checks.failing_rows,
    checks.checked_rows,
    coalesce(
        strftime(clock.as_of_local, '%B %-d, %Y, %-I:%M %p'), 'no data yet'
    ) as as_of
from checks
cross join clock
