with stays as (
    select
        prospect_id,
        entered_at,
        stage_order
    from stg_stage_history
    -- Of several stays entered at one instant the last one holds.
    qualify row_number() over (
        partition by prospect_id, entered_at
        order by stay_number desc
    ) = 1
),

starting_stays as (
    select
        int_enrollments.assignment_id,
        int_enrollments.prospect_id,
        int_enrollments.assigned_at,
        stays.stage_order
    from int_enrollments
    asof inner join stays
        on
            int_enrollments.prospect_id = stays.prospect_id
            and int_enrollments.assigned_at >= stays.entered_at
),

aged_starts as (
    select
        starting_stays.assignment_id,
        starting_stays.prospect_id,
        starting_stays.assigned_at,
        starting_stays.stage_order,
        starting_stays.assigned_at + to_seconds(86400 * settings.contact_days)
            as window_ends_at
    from starting_stays
    cross join clock
    cross join settings
    where
        starting_stays.stage_order is not null
        and starting_stays.assigned_at
        + to_seconds(86400 * settings.contact_days)
        <= clock.as_of
),

advances as (
    select
        aged_starts.assignment_id,
        coalesce(
            bool_or(stg_stage_history.stage_order > aged_starts.stage_order),
            false
        ) as has_advanced
    from aged_starts
    left join stg_stage_history
        on
            aged_starts.prospect_id = stg_stage_history.prospect_id
            and aged_starts.assigned_at < stg_stage_history.entered_at
            and aged_starts.window_ends_at >= stg_stage_history.entered_at
    group by aged_starts.assignment_id
)

select
    int_enrollments.assignment_id,
    int_enrollments.prospect_id,
    int_enrollments.campaign,
    int_enrollments.status,
    int_enrollments.is_re_enrollment,
    int_enrollments.is_delivered,
    int_enrollments.is_responded,
    int_enrollments.is_first_step_delivered,
    int_enrollments.lowest_answered_order,
    int_enrollments.first_answered_order,
    advances.has_advanced,
    stg_prospects.lead_source,
    stg_prospects.loan_officer,
    stg_prospects.team,
    stg_prospects.officer_email,
    stg_prospects.team_lead_email,
    int_enrollments.assigned_at at time zone settings.company_time_zone
        as assigned_at,
    advances.assignment_id is not null as is_in_advance_cohort,
    case
        when
            int_enrollments.first_response_at >= int_enrollments.first_sent_at
            then (
                epoch_us(int_enrollments.first_response_at)
                - epoch_us(int_enrollments.first_sent_at)
            ) / 1000
    end as response_ms
from int_enrollments
inner join stg_prospects
    on int_enrollments.prospect_id = stg_prospects.prospect_id
left join advances
    on int_enrollments.assignment_id = advances.assignment_id
cross join settings
