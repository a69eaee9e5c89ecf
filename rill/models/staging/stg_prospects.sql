with present as (
    select bonzo_prospects.*
    from bonzo_prospects
    cross join clock
    left join loader_sync_prospects
        on bonzo_prospects.prospect_id = loader_sync_prospects.prospect_id
    where
        bonzo_prospects.created_at <= clock.as_of
        -- Not seen by the last complete load: deleted or merged in Bonzo.
        and not coalesce(
            loader_sync_prospects.last_seen_at < clock.last_load_started_at,
            false
        )
)

select
    present.prospect_id,
    present.first_name,
    present.last_name,
    present.created_at,
    stg_stages.stage_id,
    stg_stages.stage_order,
    present.lead_source_id,
    stg_users.user_id,
    stg_users.email as officer_email,
    stg_users.team_lead_email,
    stg_users.is_active as owner_is_active,
    present.do_not_call,
    present.email_group,
    present.phone_group,
    timezone(settings.company_time_zone, present.created_at)
        as created_at_local,
    coalesce(stg_stages.stage_name, 'No stage') as stage,
    coalesce(stg_stages.stage_group, 'none') as stage_group,
    coalesce(stg_stages.is_disqualified, false) as is_disqualified,
    case
        when present.stage_entered_at <= clock.as_of
            then present.stage_entered_at
    end as stage_entered_at,
    case
        when present.stage_exited_at <= clock.as_of
            then present.stage_exited_at
    end as stage_exited_at,
    coalesce(bonzo_lead_sources.source_name, 'Unattributed') as lead_source,
    coalesce(stg_users.loan_officer, 'Unassigned') as loan_officer,
    coalesce(stg_users.team, 'No team') as team
from present
cross join clock
cross join settings
left join stg_stages
    on present.qualification_stage_id = stg_stages.stage_id
left join bonzo_lead_sources
    on present.lead_source_id = bonzo_lead_sources.lead_source_id
left join stg_users on present.assigned_to = stg_users.user_id
