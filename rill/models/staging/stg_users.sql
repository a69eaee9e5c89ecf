-- Team members with their team. One row per user. Where two share a name,
-- both labels carry the email. A user missing from loan_officers.csv is
-- active and has no team.
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

listed as (
    select
        email,
        team,
        team_lead_email,
        is_active
    from stg_officers_file
    where email is not null and not is_doubled
)

select
    named.user_id,
    named.email,
    listed.team_lead_email,
    case
        -- Two people of one name would otherwise be counted as one.
        when count(*) over (partition by named.full_name) > 1
            then concat(named.full_name, ' (', named.email, ')')
        else named.full_name
    end as loan_officer,
    coalesce(listed.team, 'No team') as team,
    coalesce(listed.is_active, true) as is_active,
    listed.email is not null as is_in_officers_file
from named
left join listed on named.email = listed.email
