with named as (
    select
        user_id,
        lower(trim(email)) as email,
        coalesce(
            nullif(trim(concat_ws(' ', first_name, last_name)), ''),
            trim(email)
        ) as full_name
    from bonzo_users
),

roster as (
    select *
    from stg_officers_file
    where email is not null and not is_doubled
)

select
    named.user_id,
    named.email,
    roster.team_lead_email,
    case
        -- Two people of one name would otherwise be counted as one.
        when count(*) over (partition by named.full_name) > 1
            then concat(named.full_name, ' (', named.email, ')')
        else named.full_name
    end as loan_officer,
    coalesce(roster.team, 'No team') as team,
    coalesce(roster.is_active, true) as is_active,
    roster.email is not null as in_roster
from named
left join roster on named.email = roster.email
