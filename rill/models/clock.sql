-- The moment the numbers are as of, and the last complete load. One row.
-- as_of is the variable of that name, else the end of the last complete load,
-- else the latest time in the data; the wall clock never counts. as_of_local
-- and as_of_day are company time.
-- @materialize: true
with complete_loads as (
    select
        started_at,
        finished_at
    from loader_sync_runs
    where outcome = 'complete' and finished_at is not null
),

last_load as (
    select
        max(finished_at) as last_load_finished_at,
        max_by(started_at, finished_at) as last_load_started_at
    from complete_loads
),

latest_row as (
    select max(happened_at) as latest_at
    from (
        select max(created_at) as happened_at
        from bonzo_prospects
        union all
        select max(engagement_time) as happened_at
        from bonzo_touch_engagements
        union all
        select max(assigned_at) as happened_at
        from bonzo_prospect_campaign_assignments
    ) as latest_rows
),

as_of_with_seconds as (
    select
        company_time_zone,
        -- DuckDB reads an offset only after seconds.
        regexp_replace(
            upper(as_of_text),
            '^(\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2})([Z+-].*)$',
            '\1:00\2'
        ) as as_of_text
    from settings
),

chosen_as_of as (
    select
        company_time_zone,
        case
            when as_of_text is null then null
            -- A bare date: the last instant of that company day.
            when regexp_full_match(as_of_text, '\d{4}-\d{1,2}-\d{1,2}')
                then timezone(
                    company_time_zone,
                    cast(cast(as_of_text as date) + 1 as timestamp)
                ) - interval 1 microsecond
            -- Text after the time of day is an offset: an instant as it is.
            when regexp_matches(as_of_text, '\d:\d.*(Z|[+-]\d.*)$')
                then cast(as_of_text as timestamp with time zone)
            else timezone(company_time_zone, cast(as_of_text as timestamp))
        end as chosen_at
    from as_of_with_seconds
),

decided_as_of as (
    select
        chosen.company_time_zone,
        last_load.last_load_started_at,
        last_load.last_load_finished_at,
        coalesce(
            chosen.chosen_at,
            last_load.last_load_finished_at,
            latest_row.latest_at
        ) as as_of
    from chosen_as_of as chosen
    cross join last_load
    cross join latest_row
)

select
    as_of,
    last_load_started_at,
    last_load_finished_at,
    -- What is past does not fail for ever: some checks look back this far.
    as_of - to_hours(28 * 24) as recent_from,
    timezone(company_time_zone, as_of) as as_of_local,
    cast(timezone(company_time_zone, as_of) as date) as as_of_day
from decided_as_of
