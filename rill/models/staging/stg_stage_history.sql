-- Stays of leads in stages. One row per entry into a stage by the clock's
-- moment, numbered per lead in order of time, stage order and stage id.
-- @materialize: true
select
    stays.prospect_id,
    stays.stage_id,
    stays.entered_at,
    stays.first_seen_at,
    stages.stage_order,
    stages.raw_stage_order,
    timezone(settings.company_time_zone, stays.entered_at) as entered_at_local,
    coalesce(stages.stage_name, 'No stage') as stage,
    coalesce(stages.stage_group, 'none') as stage_group,
    coalesce(stages.is_disqualified, false) as is_disqualified,
    row_number() over (
        partition by stays.prospect_id
        order by stays.entered_at, stages.raw_stage_order, stays.stage_id
    ) as stay_number
from bonzo_prospect_stage_history as stays
inner join stg_prospects as leads on stays.prospect_id = leads.prospect_id
cross join clock
cross join settings
left join stg_stages as stages on stays.stage_id = stages.stage_id
where stays.entered_at <= clock.as_of
