select
    bonzo_prospect_stage_history.prospect_id,
    bonzo_prospect_stage_history.stage_id,
    bonzo_prospect_stage_history.entered_at,
    bonzo_prospect_stage_history.first_seen_at,
    stg_stages.stage_order,
    stg_stages.raw_stage_order,
    timezone(
        settings.company_time_zone, bonzo_prospect_stage_history.entered_at
    ) as entered_at_local,
    coalesce(stg_stages.stage_name, 'No stage') as stage,
    coalesce(stg_stages.stage_group, 'none') as stage_group,
    coalesce(stg_stages.is_disqualified, false) as is_disqualified,
    row_number() over (
        partition by bonzo_prospect_stage_history.prospect_id
        order by
            bonzo_prospect_stage_history.entered_at,
            stg_stages.raw_stage_order,
            bonzo_prospect_stage_history.stage_id
    ) as stay_number
from bonzo_prospect_stage_history
inner join stg_prospects
    on bonzo_prospect_stage_history.prospect_id = stg_prospects.prospect_id
cross join clock
cross join settings
left join stg_stages
    on bonzo_prospect_stage_history.stage_id = stg_stages.stage_id
where bonzo_prospect_stage_history.entered_at <= clock.as_of
