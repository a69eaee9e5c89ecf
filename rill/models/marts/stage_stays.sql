with stays as (
    select
        stg_stage_history.*,
        max(stg_stage_history.stay_number)
            over (partition by stg_stage_history.prospect_id)
        > stg_stage_history.stay_number as has_next,
        row_number() over (
            partition by
                stg_stage_history.prospect_id,
                stg_stage_history.stage_id
            order by stg_stage_history.stay_number
        ) = 1 as is_first_in_stage,
        lead(stg_stage_history.entered_at) over next_stay as next_entered_at,
        lead(stg_stage_history.stage_order) over next_stay as next_order,
        lead(stg_stage_history.is_disqualified) over next_stay
            as is_next_disqualified
    from stg_stage_history
    window next_stay as (
        partition by stg_stage_history.prospect_id
        order by stg_stage_history.stay_number
    )
),

advances as (
    select
        stays.prospect_id,
        stays.stay_number,
        min(later.entered_at) as advanced_at
    from stays
    inner join stg_stage_history as later
        on
            stays.prospect_id = later.prospect_id
            and stays.stay_number < later.stay_number
            and stays.stage_order < later.stage_order
    group by 1, 2
),

last_stage as (
    select max(stage_order) as last_order
    from stg_stages
),

judged as (
    select
        stays.*,
        (epoch_us(stays.next_entered_at) - epoch_us(stays.entered_at)) / 1000
            as time_in_stage_ms,
        epoch_us(advances.advanced_at) - epoch_us(stays.entered_at)
        <= settings.advance_days * 86400000000 as is_advanced_in_time,
        stays.is_first_in_stage
        and stays.stage_order < last_stage.last_order
        and epoch_us(clock.as_of) - epoch_us(stays.entered_at)
        >= settings.advance_days * 86400000000 as is_in_advance_cohort
    from stays
    cross join clock
    cross join settings
    cross join last_stage
    left join advances
        on
            stays.prospect_id = advances.prospect_id
            and stays.stay_number = advances.stay_number
)

select
    judged.prospect_id,
    judged.stay_number,
    judged.entered_at_local as entered_at,
    judged.stage,
    judged.stage_group,
    stg_prospects.lead_source,
    stg_prospects.loan_officer,
    stg_prospects.team,
    stg_prospects.officer_email,
    stg_prospects.team_lead_email,
    judged.is_disqualified,
    judged.time_in_stage_ms,
    coalesce(judged.is_in_advance_cohort, false) as is_in_advance_cohort,
    coalesce(judged.is_in_advance_cohort and judged.is_advanced_in_time, false)
        as is_advanced_in_time,
    judged.stage_order is not null and judged.has_next as is_ordered_with_next,
    judged.stage_order is not null and judged.next_order is not null
        as is_between_ordered,
    coalesce(judged.next_order < judged.stage_order, false) as is_regressed,
    judged.stage_order is not null
    and coalesce(judged.is_next_disqualified, false)
        as is_followed_by_disqualified,
    judged.is_disqualified and judged.next_order is not null as is_reactivated
from judged
inner join stg_prospects on judged.prospect_id = stg_prospects.prospect_id
