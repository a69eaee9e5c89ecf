with counts as (
    select
        count(*) as checked_rows,
        count(*) filter (where stg_users.user_id is null) as unknown_rows,
        count(*) filter (where stg_officers_file.is_doubled) as doubled_rows
    from stg_officers_file
    left join stg_users on stg_officers_file.email = stg_users.email
)

select
    'roster_row_unknown' as check_name,
    unknown_rows as failing_rows,
    checked_rows
from counts
union all
select
    'roster_row_doubled' as check_name,
    doubled_rows as failing_rows,
    checked_rows
from counts
