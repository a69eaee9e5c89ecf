-- Trust checks on what the loads left behind. One row per check.
with closed_loans as (
    select distinct prospect_id
    from bonzo_loans
    where status = 'Closed'
),

stored_prospects as (
    select
        prospects.created_at,
        closed_loans.prospect_id is not null as has_closed_loan,
        coalesce(
            sightings.last_seen_at < clock.last_load_started_at, false
        ) as is_gone
    from bonzo_prospects as prospects
    cross join clock
    left join loader_sync_prospects as sightings
        on prospects.prospect_id = sightings.prospect_id
    left join closed_loans on prospects.prospect_id = closed_loans.prospect_id
)

select
    'lead_gone' as check_name,
    'loads' as area,
    'info' as severity,
    'Prospects deleted or merged in Bonzo are kept in the database and left '
    'out of every number.'
        as advice,
    count(*) filter (where is_gone) as failing_rows,
    count(*) as checked_rows
from stored_prospects
union all
select
    'gone_with_closed_loan' as check_name,
    'loads' as area,
    'warning' as severity,
    'Prospects with a closed loan are gone from Bonzo, and their volume and '
    'revenue with them. Restore them in Bonzo if that was a mistake.'
        as advice,
    count(*) filter (where is_gone and has_closed_loan) as failing_rows,
    count(*) filter (where is_gone) as checked_rows
from stored_prospects
union all
select
    'lead_without_creation_time' as check_name,
    'leads' as area,
    'warning' as severity,
    'Prospects have no creation time and are in no number. Correct them in '
    'Bonzo and load again.'
        as advice,
    count(*) filter (where not is_gone and created_at is null) as failing_rows,
    count(*) filter (where not is_gone) as checked_rows
from stored_prospects
union all
select
    'rejected_record' as check_name,
    'loads' as area,
    'error' as severity,
    'Records could not be stored at all. See loader.rejected_records for the '
    'reasons, correct them in Bonzo and load again.'
        as advice,
    count(*) filter (where field is null) as failing_rows,
    count(*) as checked_rows
from loader_rejected_records
union all
select
    'rejected_field' as check_name,
    'loads' as area,
    'warning' as severity,
    'Values did not fit and were stored empty or shortened. See '
    'loader.rejected_records, correct them in Bonzo and load again.'
        as advice,
    count(*) filter (where field is not null) as failing_rows,
    count(*) as checked_rows
from loader_rejected_records
