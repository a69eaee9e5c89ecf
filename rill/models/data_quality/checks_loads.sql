with closed_loans as (
    select distinct prospect_id
    from bonzo_loans
    where status = 'Closed'
),

stored as (
    select
        bonzo_prospects.created_at,
        closed_loans.prospect_id is not null as has_closed_loan,
        coalesce(
            loader_sync_prospects.last_seen_at < clock.last_load_started_at,
            false
        ) as is_gone
    from bonzo_prospects
    cross join clock
    left join loader_sync_prospects
        on bonzo_prospects.prospect_id = loader_sync_prospects.prospect_id
    left join closed_loans
        on bonzo_prospects.prospect_id = closed_loans.prospect_id
),

prospect_counts as (
    select
        count(*) as checked_rows,
        count(*) filter (where is_gone) as gone_rows,
        count(*) filter (where is_gone and has_closed_loan)
            as gone_closed_rows,
        count(*) filter (where not is_gone) as present_rows,
        count(*) filter (where not is_gone and created_at is null)
            as timeless_rows
    from stored
),

rejection_counts as (
    select
        count(*) as checked_rows,
        count(*) filter (where field is null) as record_rows,
        count(*) filter (where field is not null) as field_rows
    from loader_rejected_records
)

select
    'lead_gone' as check_name,
    gone_rows as failing_rows,
    checked_rows
from prospect_counts
union all
select
    'gone_with_closed_loan' as check_name,
    gone_closed_rows as failing_rows,
    gone_rows as checked_rows
from prospect_counts
union all
select
    'lead_without_creation_time' as check_name,
    timeless_rows as failing_rows,
    present_rows as checked_rows
from prospect_counts
union all
select
    'rejected_record' as check_name,
    record_rows as failing_rows,
    checked_rows
from rejection_counts
union all
select
    'rejected_field' as check_name,
    field_rows as failing_rows,
    checked_rows
from rejection_counts
