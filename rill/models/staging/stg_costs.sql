-- Lines of lead_source_costs.csv, cast. One row per line that says anything.
-- is_readable is false where source, month or spend cannot be read;
-- lead_source_id is null for a source that Bonzo does not know; is_future
-- marks months after the clock's.

-- A column that the user's file lacks must not stop the dashboards.
with expected_columns as (
    select
        cast(null as varchar) as lead_source,
        cast(null as varchar) as month,
        cast(null as varchar) as spend,
        cast(null as varchar) as column3
),

complete_lines as (
    select
        *,
        concat_ws('', *columns(*)) as whole_line
    from csv_lead_source_costs
    union all by name
    select *
    from expected_columns
    where false
),

lines as (
    select
        row_number() over () as line_number,
        nullif(trim(lead_source), '') as source_name,
        nullif(trim(month), '') as month_text,
        nullif(trim(spend), '') as spend_text,
        -- DuckDB's name for a value beyond the header: an unquoted 1,200 is
        -- two values, and the first alone would be a wrong amount.
        nullif(trim(column3), '') as surplus_text,
        trim(whole_line) as whole_line
    from complete_lines
),

parsed as (
    select
        line_number,
        source_name,
        surplus_text,
        lower(source_name) as source_key,
        cast(
            date_trunc(
                'month',
                try_strptime(month_text, ['%Y-%m-%d', '%m/%d/%Y', '%Y-%m'])
            ) as date
        ) as cost_month,
        try_cast(
            regexp_replace(spend_text, '[$,\s]', '', 'g') as decimal(18, 4)
        ) as spend
    from lines
    -- A line of commas alone, as spreadsheets leave behind, says nothing.
    where whole_line != ''
),

-- Names that differ in case or blanks only: the first source gets the spend.
sources as (
    select
        lower(trim(source_name)) as source_key,
        min(lead_source_id) as lead_source_id
    from bonzo_lead_sources
    group by 1
)

select
    parsed.line_number,
    parsed.source_name,
    parsed.source_key,
    parsed.cost_month,
    parsed.spend,
    sources.lead_source_id,
    (
        parsed.source_key is not null
        and parsed.cost_month is not null
        and parsed.spend is not null
        and parsed.surplus_text is null
    ) as is_readable,
    -- Without any data there is no present month, so nothing is past either.
    clock.as_of_day is null
    or coalesce(
        parsed.cost_month > date_trunc('month', clock.as_of_day), false
    ) as is_future
from parsed
cross join clock
left join sources on parsed.source_key = sources.source_key
