with lines as (
    select
        row_number() over () as line_number,
        nullif(lower(trim(email)), '') as email,
        coalesce(nullif(trim(team), ''), 'No team') as team,
        nullif(lower(trim(team_lead_email)), '') as team_lead_email,
        coalesce(lower(trim(is_active)), '') != 'false' as is_active
    from csv_loan_officers
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
where email is not null or team != 'No team' or team_lead_email is not null
