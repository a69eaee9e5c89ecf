-- How many leads were open at the end of each day. One row per company day,
-- stage, officer and source; every combination that ever occurs has a row for
-- every day from the first that a load has seen to the last that is over,
-- zero where nothing was open. Owner and source are the current ones.
-- Stored by time: a range then reads few other rows.
-- @materialize: true
with bounds as (
    select
        cast(
            timezone(
                any_value(settings.company_time_zone), min(stays.first_seen_at)
            ) as date
        ) as first_day,
        -- The last day that is over. One that ends with the clock's very last
        -- instant is over, too.
        cast(
            timezone(
                any_value(settings.company_time_zone),
                any_value(clock.as_of) + interval 1 microsecond
            ) as date
        ) - 1 as last_day
    from stg_stage_history as stays
    cross join clock
    cross join settings
    where stays.first_seen_at <= clock.as_of
),

days as (
    select
        cast(listed.day as date) as day,
        timezone(
            settings.company_time_zone, listed.day + interval 1 day
        ) as ended_at
    from (
        select
            unnest(
                generate_series(
                    cast(first_day as timestamp),
                    cast(last_day as timestamp),
                    interval 1 day
                )
            ) as day
        from bounds
    ) as listed
    cross join settings
),

stays as (
    select
        prospect_id,
        stage,
        stage_group,
        stage_order,
        entered_at,
        lead(entered_at) over (
            partition by prospect_id
            order by stay_number
        ) as next_entered_at
    from stg_stage_history
),

-- A stay entered at the very midnight that ends a day begins the next one. It
-- is open from the first day whose end it covers until the first day whose
-- end the next stay covers, or the day on which the loan closes.
spans as (
    select
        stays.prospect_id,
        stays.stage,
        stays.stage_group,
        entries.day as from_day,
        least(exits.day, loans.funded_on) as until_day
    from stays
    asof inner join days as entries
        on stays.entered_at < entries.ended_at
    asof left join days as exits
        on stays.next_entered_at < exits.ended_at
    left join int_lead_loans as loans
        on stays.prospect_id = loans.prospect_id
    where stays.stage_order is not null
),

changes as (
    select
        prospect_id,
        stage,
        stage_group,
        from_day as day,
        1 as difference
    from spans
    where until_day is null or until_day > from_day
    union all
    select
        prospect_id,
        stage,
        stage_group,
        until_day as day,
        -1 as difference
    from spans
    where until_day > from_day
),

daily_changes as (
    select
        changes.stage,
        changes.stage_group,
        leads.lead_source,
        leads.loan_officer,
        leads.team,
        leads.officer_email,
        leads.team_lead_email,
        changes.day,
        sum(changes.difference) as difference
    from changes
    inner join stg_prospects as leads
        on changes.prospect_id = leads.prospect_id
    group by all
),

slices as (
    select distinct
        stays.stage,
        stays.stage_group,
        leads.lead_source,
        leads.loan_officer,
        leads.team,
        leads.officer_email,
        leads.team_lead_email
    from stays
    inner join stg_prospects as leads
        on stays.prospect_id = leads.prospect_id
    where stays.stage_order is not null
)

select
    slices.stage,
    slices.stage_group,
    slices.lead_source,
    slices.loan_officer,
    slices.team,
    slices.officer_email,
    slices.team_lead_email,
    cast(days.day as timestamp) as day,
    cast(coalesce(
        sum(daily_changes.difference) over (
            partition by
                slices.stage,
                slices.stage_group,
                slices.lead_source,
                slices.loan_officer,
                slices.team,
                slices.officer_email,
                slices.team_lead_email
            order by days.day
        ),
        0
    ) as bigint) as open_leads
from slices
cross join days
left join daily_changes
    on
        days.day = daily_changes.day
        and slices.stage = daily_changes.stage
        and slices.stage_group = daily_changes.stage_group
        and slices.lead_source = daily_changes.lead_source
        and slices.loan_officer = daily_changes.loan_officer
        and slices.team = daily_changes.team
        and slices.officer_email
        is not distinct from daily_changes.officer_email
        and slices.team_lead_email
        is not distinct from daily_changes.team_lead_email
order by day
