-- Leads that exist as of the clock. One row per prospect that is not gone and
-- was created by then. Times after it are read as empty; created_at_local is
-- company time. Owner, stage, do_not_call, details and tags are the stored,
-- current ones; owner_is_active is null without an owner. recipient_zone is the
-- time zone where a message arrives, zone_basis where that is known from.
-- prospect is a label that is safe inside a link. tags is a list as JSON: by
-- lists themselves DuckDB groups in ten times the time.
-- @materialize: true
with tag_lists as (
    select
        prospect_id,
        list_sort(list(distinct tag)) as tags
    from bonzo_prospect_tags
    group by prospect_id
),

-- Names such as Area/City, as the time zone database spells them.
time_zones as (
    select name as time_zone
    from pg_timezone_names()
    where
        regexp_full_match(name, '[A-Za-z_]+(/[A-Za-z0-9_+-]+){1,2}')
        and not starts_with(name, 'SystemV/')
),

details_with_zone as (
    select
        details.prospect_id,
        nullif(trim(details.state), '') as person_state,
        nullif(trim(details.property_state), '') as property_state,
        nullif(trim(details.loan_purpose), '') as loan_purpose,
        details.credit_score,
        own_zones.time_zone as own_zone,
        state_zones.time_zone as state_zone
    from bonzo_prospect_details as details
    left join time_zones as own_zones
        on details.time_zone = own_zones.time_zone
    left join csv_us_states as states on trim(details.state) = states.state
    left join time_zones as state_zones
        on states.time_zone = state_zones.time_zone
)

select
    prospects.prospect_id,
    prospects.created_at,
    stages.stage_id,
    stages.stage_order,
    prospects.lead_source_id,
    owners.user_id,
    owners.email as officer_email,
    owners.team_lead_email,
    owners.is_active as owner_is_active,
    prospects.do_not_call,
    prospects.email_group,
    prospects.phone_group,
    timezone(settings.company_time_zone, prospects.created_at)
        as created_at_local,
    coalesce(stages.stage_name, 'No stage') as stage,
    coalesce(stages.stage_group, 'none') as stage_group,
    coalesce(stages.is_disqualified, false) as is_disqualified,
    case
        when prospects.stage_entered_at <= clock.as_of
            then prospects.stage_entered_at
    end as stage_entered_at,
    case
        when prospects.stage_exited_at <= clock.as_of
            then prospects.stage_exited_at
    end as stage_exited_at,
    coalesce(lead_sources.source_name, 'Unattributed') as lead_source,
    coalesce(owners.loan_officer, 'Unassigned') as loan_officer,
    coalesce(owners.team, 'No team') as team,
    case
        when prospects.do_not_call then 'yes'
        when not prospects.do_not_call then 'no'
        else 'unknown'
    end as do_not_call_label,
    coalesce(details.person_state, details.property_state, 'Unknown') as state,
    case
        when details.credit_score > 850 then '6: unknown'
        when details.credit_score >= 740 then '1: 740+'
        when details.credit_score >= 700 then '2: 700-739'
        when details.credit_score >= 660 then '3: 660-699'
        when details.credit_score >= 620 then '4: 620-659'
        when details.credit_score >= 300 then '5: under 620'
        else '6: unknown'
    end as credit_band,
    coalesce(details.loan_purpose, 'Unknown') as loan_purpose,
    to_json(coalesce(tag_lists.tags, ['No tag'])) as tags,
    coalesce(details.own_zone, details.state_zone) as recipient_zone,
    case
        when details.own_zone is not null then 'Bonzo'
        when details.state_zone is not null then 'state'
        else 'unknown'
    end as zone_basis,
    concat(
        coalesce(
            nullif(
                -- Brackets, bars, line ends and marks that turn the direction
                -- of text would break the links of lists.
                trim(
                    regexp_replace(
                        regexp_replace(
                            concat_ws(
                                ' ',
                                nullif(trim(prospects.first_name), ''),
                                nullif(trim(prospects.last_name), '')
                            ),
                            '[\s\p{Zl}\p{Zp}\x{85}]+',
                            ' ',
                            'g'
                        ),
                        '[\[\]()|<>\p{C}]',
                        '',
                        'g'
                    )
                ),
                ''
            ),
            'Prospect'
        ),
        ' #',
        prospects.prospect_id
    ) as prospect,
    concat(settings.bonzo_web_url, '/prospect/', prospects.prospect_id)
        as prospect_url
from bonzo_prospects as prospects
cross join clock
cross join settings
left join loader_sync_prospects as sightings
    on prospects.prospect_id = sightings.prospect_id
left join stg_stages as stages
    on prospects.qualification_stage_id = stages.stage_id
left join bonzo_lead_sources as lead_sources
    on prospects.lead_source_id = lead_sources.lead_source_id
left join stg_users as owners on prospects.assigned_to = owners.user_id
left join details_with_zone as details
    on prospects.prospect_id = details.prospect_id
left join tag_lists on prospects.prospect_id = tag_lists.prospect_id
where
    prospects.created_at <= clock.as_of
    -- Not seen by the last complete load: deleted or merged in Bonzo.
    and not coalesce(
        sightings.last_seen_at < clock.last_load_started_at, false
    )
