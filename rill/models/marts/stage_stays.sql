-- Stays of leads in stages, with what came next. One row per entry into a
-- stage that a load has seen; hops between two loads are missing. entered_at
-- is company time, source and owner are the lead's current ones.
-- Stored by time: a range then reads few other rows.
-- @materialize: true
with stays_with_next as (
    select
        prospect_id,
        stay_number,
        stage,
        stage_group,
        stage_order,
        is_disqualified,
        entered_at,
        entered_at_local,
        row_number() over (
            partition by prospect_id, stage_id
            order by stay_number
        ) = 1 as is_first_in_stage,
        lead(stay_number) over next_stay is not null as has_next,
        lead(entered_at) over next_stay as next_entered_at,
        lead(stage_order) over next_stay as next_order,
        lead(is_disqualified) over next_stay as is_next_disqualified
    from stg_stage_history
    window next_stay as (partition by prospect_id order by stay_number)
),

advances as (
    select
        stays.prospect_id,
        stays.stay_number,
        min(later.entered_at) as advanced_at
    from stg_stage_history as stays
    inner join stg_stage_history as later
        on
            stays.prospect_id = later.prospect_id
            and stays.stay_number < later.stay_number
            and stays.stage_order < later.stage_order
    group by stays.prospect_id, stays.stay_number
),

last_stage as (
    select max(stage_order) as last_order
    from stg_stages
),

stays_with_advance as (
    select
        stays.*,
        (epoch_us(stays.next_entered_at) - epoch_us(stays.entered_at)) / 1000
            as time_in_stage_ms,
        (epoch_us(advances.advanced_at) - epoch_us(stays.entered_at)) / 1000
        <= settings.advance_ms as is_advanced_in_time,
        stays.is_first_in_stage
        and stays.stage_order < last_stage.last_order
        and (epoch_us(clock.as_of) - epoch_us(stays.entered_at)) / 1000
        >= settings.advance_ms as is_in_advance_cohort
    from stays_with_next as stays
    cross join clock
    cross join settings
    cross join last_stage
    left join advances
        on
            stays.prospect_id = advances.prospect_id
            and stays.stay_number = advances.stay_number
)

select
    stays.prospect_id,
    stays.stay_number,
    stays.entered_at_local as entered_at,
    stays.stage,
    stays.stage_group,
    leads.lead_source,
    leads.loan_officer,
    leads.team,
    leads.officer_email,
    leads.team_lead_email,
    stays.is_disqualified,
    stays.time_in_stage_ms,
    coalesce(stays.is_in_advance_cohort, false) as is_in_advance_cohort,
    coalesce(stays.is_in_advance_cohort and stays.is_advanced_in_time, false)
        as is_advanced_in_time,
    stays.stage_order is not null and stays.has_next as is_ordered_with_next,
    stays.stage_order is not null and stays.next_order is not null
        as is_between_ordered,
    coalesce(stays.next_order < stays.stage_order, false) as is_regressed,
    stays.stage_order is not null
    and coalesce(stays.is_next_disqualified, false)
        as is_followed_by_disqualified,
    stays.is_disqualified and stays.next_order is not null as is_reactivated
from stays_with_advance as stays
inner join stg_prospects as leads on stays.prospect_id = leads.prospect_id
order by entered_at
