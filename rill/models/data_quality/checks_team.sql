-- Trust checks on the list of officers. One row per check.
with officers_with_user as (
    select
        officers.is_doubled,
        officers.is_word_unknown,
        users.user_id
    from stg_officers_file as officers
    left join stg_users as users on officers.email = users.email
),

files as (
    select
        lines.file_name is null as is_empty,
        lines.email is not null as has_columns
    from csv_files as files
    left join stg_csv_lines as lines
        on files.file_name = lines.file_name and lines.is_header
    where files.file_name = 'loan_officers'
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
union all
select
    'roster_word_unknown' as check_name,
    'team' as area,
    'warning' as severity,
    'Words in the column is_active of loan_officers.csv mean neither yes nor '
    'no: these officers count as active. Write true or false.'
        as advice,
    count(*) filter (where is_word_unknown) as failing_rows,
    count(*) as checked_rows
from officers_with_user
union all
select
    'roster_file_unreadable' as check_name,
    'team' as area,
    'error' as severity,
    'loan_officers.csv lacks the column email in its first line. Save it as '
    'CSV with commas.'
        as advice,
    count(*) filter (where not is_empty and not has_columns)
        as failing_rows,
    1 as checked_rows
from files
