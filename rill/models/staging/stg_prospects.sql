-- Leads that exist as of the clock. One row per prospect that is not gone and
-- was created by then. Times after it are read as empty; created_at_local is
-- company time. Owner, stage and do_not_call are the stored, current ones;
-- owner_is_active is null without an owner.
-- @materialize: true
select
    prospects.prospect_id,
    prospects.first_name,
    prospects.last_name,
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
    coalesce(owners.team, 'No team') as team
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
where
    prospects.created_at <= clock.as_of
    -- Not seen by the last complete load: deleted or merged in Bonzo.
    and not coalesce(
        sightings.last_seen_at < clock.last_load_started_at, false
    )
