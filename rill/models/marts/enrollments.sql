-- Enrollments of leads in campaigns, on the time they began (company time).
-- One row per enrollment. is_in_advance_cohort marks enrollments that are old
-- enough and whose lead was in an ordered stage when they began; has_advanced
-- is null outside of it.
-- Stored by time: a range then reads few other rows.
-- @materialize: true
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

enrollments_with_stage as (
    select
        enrollments.assignment_id,
        enrollments.prospect_id,
        enrollments.assigned_at,
        stays.stage_order
    from int_enrollments as enrollments
    asof inner join stays
        on
            enrollments.prospect_id = stays.prospect_id
            and enrollments.assigned_at >= stays.entered_at
),

advances as (
    select
        enrollments.assignment_id,
        coalesce(
            bool_or(
                later.stage_order > enrollments.stage_order
                and (
                    epoch_us(later.entered_at)
                    - epoch_us(enrollments.assigned_at)
                ) / 1000
                <= settings.contact_ms
            ),
            false
        ) as has_advanced
    from enrollments_with_stage as enrollments
    cross join clock
    cross join settings
    left join stg_stage_history as later
        on
            enrollments.prospect_id = later.prospect_id
            and enrollments.assigned_at < later.entered_at
    where
        enrollments.stage_order is not null
        and (epoch_us(clock.as_of) - epoch_us(enrollments.assigned_at)) / 1000
        >= settings.contact_ms
    group by enrollments.assignment_id
)

select
    enrollments.assignment_id,
    enrollments.prospect_id,
    enrollments.campaign,
    enrollments.status,
    enrollments.is_re_enrollment,
    enrollments.is_delivered,
    enrollments.is_responded,
    enrollments.is_first_step_delivered,
    enrollments.lowest_answered_order,
    enrollments.first_answered_order,
    advances.has_advanced,
    leads.lead_source,
    leads.loan_officer,
    leads.team,
    leads.officer_email,
    leads.team_lead_email,
    timezone(settings.company_time_zone, enrollments.assigned_at)
        as assigned_at,
    advances.assignment_id is not null as is_in_advance_cohort,
    case
        when enrollments.first_response_at >= enrollments.first_sent_at
            then
                (
                    epoch_us(enrollments.first_response_at)
                    - epoch_us(enrollments.first_sent_at)
                ) / 1000
    end as response_ms
from int_enrollments as enrollments
inner join stg_prospects as leads
    on enrollments.prospect_id = leads.prospect_id
cross join settings
left join advances on enrollments.assignment_id = advances.assignment_id
order by assigned_at
