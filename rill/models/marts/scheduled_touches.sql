-- Steps that the plan of a campaign owed an enrollment, on the time they were
-- due (company time). One row per enrollment and touch that fell due while
-- the enrollment ran and was unanswered, and the touch was in use.
-- @materialize: true
with touch_uses as (
    select
        touch_id,
        min(sent_at) as in_use_from
    from int_messages
    group by touch_id
),

first_steps as (
    select
        assignment_id,
        first(touch_id order by first_sent_at, touch_order, touch_id)
            as first_step_id
    from int_messages
    where first_sent_at is not null and assignment_id is not null
    group by assignment_id
),

-- The last enrollment that was sent a derived step. A campaign that is saved
-- again in Bonzo gets new steps, and nobody is due for the old ones any more.
last_uses as (
    select
        messages.touch_id,
        enrollments.campaign_id,
        enrollments.assigned_at as last_used_from,
        first_steps.first_step_id
    from int_messages as messages
    inner join loader_touch_origins as origins
        on messages.touch_id = origins.touch_id
    inner join int_enrollments as enrollments
        on messages.assignment_id = enrollments.assignment_id
    inner join first_steps
        on messages.assignment_id = first_steps.assignment_id
    where origins.origin = 'derived' and messages.first_sent_at is not null
    qualify row_number() over (
        partition by messages.touch_id
        order by enrollments.assigned_at desc, enrollments.assignment_id desc
    ) = 1
),

abandoned_touches as (
    select distinct
        last_uses.touch_id,
        last_uses.last_used_from
    from last_uses
    inner join int_enrollments as later
        on
            last_uses.campaign_id = later.campaign_id
            and last_uses.last_used_from < later.assigned_at
    inner join first_steps on later.assignment_id = first_steps.assignment_id
    where first_steps.first_step_id != last_uses.first_step_id
),

-- Delays count from one step to the next, so a step is due after all up to it;
-- steps of one order share their due time.
steps as (
    select
        touches.touch_id,
        touches.campaign_id,
        touches.channel,
        touches.touch_order,
        touches.touch,
        touch_uses.in_use_from,
        abandoned_touches.last_used_from,
        to_minutes(
            cast(
                sum(touches.scheduled_delay) over (
                    partition by touches.campaign_id
                    order by touches.touch_order
                    range between unbounded preceding and current row
                ) as bigint
            )
        ) as due_after
    from stg_touches as touches
    left join touch_uses on touches.touch_id = touch_uses.touch_id
    left join abandoned_touches
        on touches.touch_id = abandoned_touches.touch_id
),

due_touches as (
    select
        enrollments.assignment_id,
        enrollments.prospect_id,
        enrollments.campaign,
        steps.touch_id,
        steps.channel,
        steps.touch_order,
        steps.touch,
        enrollments.assigned_at + steps.due_after as due_at
    from int_enrollments as enrollments
    inner join steps on enrollments.campaign_id = steps.campaign_id
    cross join clock
    cross join settings
    where
        enrollments.assigned_at + steps.due_after <= clock.as_of
        and (
            enrollments.ended_at is null
            or enrollments.ended_at > enrollments.assigned_at + steps.due_after
        )
        and (
            enrollments.first_response_at is null
            or enrollments.first_response_at
            >= enrollments.assigned_at + steps.due_after
        )
        and (
            steps.last_used_from is null
            or enrollments.assigned_at <= steps.last_used_from
        )
        -- A touch never sent has no first use and falls out here.
        and date_diff(
            'microsecond',
            enrollments.assigned_at + steps.due_after,
            steps.in_use_from
        )
        / 1000
        <= settings.dropped_ms
)

select
    due_touches.assignment_id,
    due_touches.prospect_id,
    due_touches.touch_id,
    due_touches.campaign,
    due_touches.channel,
    due_touches.touch_order,
    due_touches.touch,
    leads.lead_source,
    leads.loan_officer,
    leads.team,
    leads.officer_email,
    leads.team_lead_email,
    timezone(settings.company_time_zone, due_touches.due_at) as due_at,
    date_diff('microsecond', due_touches.due_at, clock.as_of) / 1000
    >= settings.on_time_ms as is_on_time_known,
    coalesce(
        date_diff('microsecond', due_touches.due_at, messages.sent_at) / 1000
        <= settings.on_time_ms,
        false
    ) as is_on_time,
    date_diff('microsecond', due_touches.due_at, clock.as_of) / 1000
    >= settings.dropped_ms as is_dropped_known,
    messages.sent_at is null as is_unsent,
    case
        when messages.sent_at >= due_touches.due_at
            then
                date_diff('microsecond', due_touches.due_at, messages.sent_at)
                / 1000
    end as lateness_ms
from due_touches
inner join stg_prospects as leads
    on due_touches.prospect_id = leads.prospect_id
cross join clock
cross join settings
left join int_messages as messages
    on
        due_touches.assignment_id = messages.assignment_id
        and due_touches.touch_id = messages.touch_id
