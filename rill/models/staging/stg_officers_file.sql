-- Lines of loan_officers.csv, cleaned. One row per line that says anything.
-- Of several lines with one e-mail the first counts; the others are marked
-- is_doubled.

-- A column that the user's file lacks must not stop the dashboards.
with expected_columns as (
    select
        cast(null as varchar) as email,
        cast(null as varchar) as team,
        cast(null as varchar) as team_lead_email,
        cast(null as varchar) as is_active
),

complete_lines as (
    select
        *,
        concat_ws('', *columns(*)) as whole_line
    from csv_loan_officers
    union all by name
    select *
    from expected_columns
    where false
),

lines as (
    select
        row_number() over () as line_number,
        nullif(lower(trim(email)), '') as email,
        coalesce(nullif(trim(team), ''), 'No team') as team,
        nullif(lower(trim(team_lead_email)), '') as team_lead_email,
        coalesce(lower(trim(is_active)), '') != 'false' as is_active,
        trim(whole_line) as whole_line
    from complete_lines
)

select
    line_number,
    email,
    team,
    team_lead_email,
    is_active,
    email is not null and row_number() over (
        partition by email
        order by line_number
    ) > 1 as is_doubled
from lines
-- A line of commas alone, as spreadsheets leave behind, says nothing.
where whole_line != ''
