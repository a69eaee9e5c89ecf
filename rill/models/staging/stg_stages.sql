select
    stage_id,
    stage_name,
    stage_order as raw_stage_order,
    coalesce(is_disqualify, false) as is_disqualified,
    -- Disqualified stages lie outside the funnel, whatever number they carry.
    case when not coalesce(is_disqualify, false) then stage_order end
        as stage_order,
    case
        when coalesce(is_disqualify, false) then 'disqualified'
        when stage_order <= 2 then 'new'
        when stage_order = 3 then 'working'
        when stage_order <= 6 then 'qualified'
        else 'contract'
    end as stage_group
from bonzo_qualification_stages
