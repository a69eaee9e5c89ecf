-- Faults of the user's two files, where they are. One row per faulty cell, or
-- per line where no cell is to blame. line_number counts as a spreadsheet does.
-- Staging decides what makes a line faulty; here it gets its place and its fix.
-- If the header lacks a column, that alone is said.
with headers as (
    select
        files.file_name,
        lines.line_number,
        lines.lead_source is not null as has_lead_source,
        lines.month is not null as has_month,
        lines.spend is not null as has_spend,
        lines.email is not null as has_email
    from csv_files as files
    inner join stg_csv_lines as lines
        on files.file_name = lines.file_name and lines.is_header
),

header_faults as (
    select
        headers.file_name,
        headers.line_number,
        needed.column_name
    from headers
    inner join
        (
            values
            ('lead_source_costs', 'lead_source'),
            ('lead_source_costs', 'month'),
            ('lead_source_costs', 'spend'),
            ('loan_officers', 'email')
        ) as needed (file_name, column_name)
        on headers.file_name = needed.file_name
    where
        not case needed.column_name
            when 'lead_source' then headers.has_lead_source
            when 'month' then headers.has_month
            when 'spend' then headers.has_spend
            else headers.has_email
        end
),

cost_lines as (
    select
        spends.*,
        lines.month as month_text,
        lines.spend as spend_text,
        lines.credits as credits_text,
        lines.has_surplus
    from stg_costs as spends
    inner join stg_csv_lines as lines
        on
            spends.line_number = lines.line_number
            and lines.file_name = 'lead_source_costs'
),

known_emails as (
    select distinct email
    from stg_users
    where email is not null
),

officer_lines as (
    select
        officers.*,
        lines.is_active as active_word,
        known_emails.email is not null as is_known
    from stg_officers_file as officers
    inner join stg_csv_lines as lines
        on
            officers.line_number = lines.line_number
            and lines.file_name = 'loan_officers'
    left join known_emails on officers.email = known_emails.email
),

line_faults as (
    select
        'lead_source_costs' as file_name,
        line_number,
        'cost_row_unreadable' as check_name,
        'lead_source' as column_name,
        source_name as faulty_value,
        'is not a name' as fault,
        'write the name that Bonzo shows' as fix
    from cost_lines
    where source_key is null
    union all
    select
        'lead_source_costs' as file_name,
        line_number,
        'cost_row_unreadable' as check_name,
        'month' as column_name,
        month_text as faulty_value,
        'is not a month after 1989' as fault,
        'write YYYY-MM' as fix
    from cost_lines
    where cost_month is null
    union all
    select
        'lead_source_costs' as file_name,
        line_number,
        'cost_row_unreadable' as check_name,
        'spend' as column_name,
        spend_text as faulty_value,
        'is not an amount' as fault,
        'write it like 1200.50' as fix
    from cost_lines
    where spend is null
    union all
    select
        'lead_source_costs' as file_name,
        line_number,
        'cost_row_unreadable' as check_name,
        'credits' as column_name,
        credits_text as faulty_value,
        case
            when credits < 0 then 'is negative' else 'is not an amount'
        end as fault,
        'write what the vendor gave back like 1200.50' as fix
    from cost_lines
    where not coalesce(credits >= 0, false)
    union all
    select
        'lead_source_costs' as file_name,
        line_number,
        'cost_row_unreadable' as check_name,
        null as column_name,
        null as faulty_value,
        'has more cells than the first line has names' as fault,
        'write amounts without a comma, or in quotes' as fix
    from cost_lines
    where has_surplus
    union all
    select
        'lead_source_costs' as file_name,
        line_number,
        'cost_row_of_unknown_source' as check_name,
        'lead_source' as column_name,
        source_name as faulty_value,
        'is not a lead source in Bonzo' as fault,
        'correct the spelling' as fix
    from cost_lines
    where is_readable and not is_future and lead_source_id is null
    union all
    select
        'loan_officers' as file_name,
        line_number,
        'roster_row_unknown' as check_name,
        'email' as column_name,
        email as faulty_value,
        'is nobody''s in Bonzo' as fault,
        'correct it or delete the line' as fix
    from officer_lines
    where not is_known
    union all
    select
        'loan_officers' as file_name,
        line_number,
        'roster_row_doubled' as check_name,
        'email' as column_name,
        email as faulty_value,
        'is on an earlier line, which counts' as fault,
        'delete this line' as fix
    from officer_lines
    where is_doubled
    union all
    select
        'loan_officers' as file_name,
        line_number,
        'roster_word_unknown' as check_name,
        'is_active' as column_name,
        active_word as faulty_value,
        'means neither yes nor no' as fault,
        'write true or false' as fix
    from officer_lines
    where is_word_unknown
),

faults as (
    select
        file_name,
        line_number,
        case file_name
            when 'loan_officers' then 'roster_file_unreadable'
            else 'cost_file_unreadable'
        end as check_name,
        column_name,
        null as faulty_value,
        'is not named in the first line' as fault,
        'add it there and save the file as CSV with commas' as fix
    from header_faults
    union all
    select
        file_name,
        line_number,
        check_name,
        column_name,
        faulty_value,
        case
            when column_name is not null and faulty_value is null
                then 'is empty'
            else fault
        end as fault,
        fix
    from line_faults
    where
        file_name not in (
            select lacking.file_name from header_faults as lacking
        )
)

select
    file_name,
    line_number + 1 as line_number,
    check_name,
    check_name in (
        'cost_row_unreadable', 'cost_file_unreadable', 'roster_file_unreadable'
    ) as is_error,
    column_name,
    faulty_value,
    fault,
    fix
from faults
