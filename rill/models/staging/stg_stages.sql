-- Stages with their group. One row per stage. stage_order is null for
-- disqualified stages, which lie outside the funnel; raw_stage_order is the
-- stored number.
with flagged as (
    select
        stage_id,
        stage_name,
        stage_order,
        coalesce(is_disqualify, false) as is_disqualified
    from bonzo_qualification_stages
)

select
    flagged.stage_id,
    flagged.stage_name,
    flagged.stage_order as raw_stage_order,
    flagged.is_disqualified,
    case when not flagged.is_disqualified then flagged.stage_order end
        as stage_order,
    case
        when flagged.is_disqualified then 'disqualified'
        when flagged.stage_order < settings.working_order then 'new'
        when flagged.stage_order < settings.pre_qual_order then 'working'
        when flagged.stage_order < settings.contract_order then 'qualified'
        else 'contract'
    end as stage_group
from flagged
cross join settings
