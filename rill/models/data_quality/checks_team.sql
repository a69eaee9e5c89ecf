-- Trust checks on the list of officers. One row per check.
with officers_with_user as (
    select
        officers.is_doubled,
        users.user_id
    from stg_officers_file as officers
    left join stg_users as users on officers.email = users.email
)

select
    'roster_row_unknown' as check_name,
    'team' as area,
    'warning' as severity,
    'Lines of loan_officers.csv match nobody in Bonzo. Correct the email or '
    'delete the line.'
        as advice,
    count(*) filter (where user_id is null) as failing_rows,
    count(*) as checked_rows
from officers_with_user
union all
select
    'roster_row_doubled' as check_name,
    'team' as area,
    'warning' as severity,
    'Lines of loan_officers.csv repeat an email: the first one counts. Delete '
    'the others.'
        as advice,
    count(*) filter (where is_doubled) as failing_rows,
    count(*) as checked_rows
from officers_with_user
