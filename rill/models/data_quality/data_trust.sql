with counts as (
    select * from checks_leads
    union all
    select * from checks_events
    union all
    select * from checks_messages
    union all
    select * from checks_loans
    union all
    select * from checks_costs
    union all
    select * from checks_team
    union all
    select * from checks_loads
    union all
    select * from checks_identities
)

select
    trust_checks.check_name,
    trust_checks.area,
    trust_checks.severity,
    trust_checks.advice,
    counts.failing_rows,
    counts.checked_rows,
    coalesce(
        strftime(clock.as_of_local, '%B %-d, %Y, %-I:%M %p'), 'no data yet'
    ) as as_of
from trust_checks
full outer join counts on trust_checks.check_name = counts.check_name
cross join clock
