-- Lines of loan_officers.csv, read. One row per line that says anything. Of
-- several lines with one email the first counts; the others are marked
-- is_doubled. A word in is_active that is neither yes nor no means active.
with officer_lines as (
    select
        line_number,
        lower(email) as email,
        coalesce(team, 'No team') as team,
        lower(team_lead_email) as team_lead_email,
        coalesce(lower(is_active), '') as active_word
    from stg_csv_lines
    where file_name = 'loan_officers' and not is_header
)

select
    line_number,
    email,
    team,
    team_lead_email,
    active_word not in (
        'false', 'no', 'n', '0', 'inactive', 'terminated'
    ) as is_active,
    active_word not in (
        '',
        'true',
        'yes',
        'y',
        '1',
        'active',
        'false',
        'no',
        'n',
        '0',
        'inactive',
        'terminated'
    ) as is_word_unknown,
    email is not null and row_number() over (
        partition by email
        order by line_number
    ) > 1 as is_doubled
from officer_lines
