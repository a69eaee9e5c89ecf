-- Steps that the plan of a campaign owed an enrollment, on the time they were
-- due (company time). One row per enrollment and touch that fell due while
-- the enrollment ran and was unanswered, and the touch was in use.
-- Stored by time: a range then reads few other rows.
-- @materialize: true
with touch_uses as (
    select
        touch_id,
        min(sent_at) as in_use_from
    from int_messages
    group by touch_id
),

-- Every message counts as sent, whatever event shows it.
sent_steps as (
    select
        enrollments.campaign_id,
        enrollments.assigned_at,
        messages.touch_id,
        row_number() over (
            partition by messages.assignment_id
            order by
                messages.sent_at, messages.touch_order, messages.touch_id
        ) = 1 as is_first
    from int_messages as messages
    inner join int_enrollments as enrollments
        on messages.assignment_id = enrollments.assignment_id
),

step_spans as (
    select
        campaign_id,
        touch_id,
        min(assigned_at) as used_from,
        max(assigned_at) as used_until,
        bool_or(is_first) as is_ever_first
    from sent_steps
    group by campaign_id, touch_id
),

-- A campaign that is saved again in Bonzo gets new steps, and whoever is
-- enrolled after the last enrollment that was sent an old one is not due for
-- it any more. A new step shows by beginning a later enrollment; a step that
-- is merely left out has no such successor.
replaced_steps as (
    select distinct
        steps.touch_id,
        steps.used_until
    from step_spans as steps
    inner join loader_touch_origins as origins
        on steps.touch_id = origins.touch_id
    inner join step_spans as successors
        on
            steps.campaign_id = successors.campaign_id
            and steps.used_until < successors.used_from
    where origins.origin = 'derived' and successors.is_ever_first
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
        replaced_steps.used_until,
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
    left join replaced_steps on touches.touch_id = replaced_steps.touch_id
),

planned_touches as (
    select
        enrollments.assignment_id,
        enrollments.prospect_id,
        enrollments.campaign,
        enrollments.ended_at,
        enrollments.first_response_at,
        steps.touch_id,
        steps.channel,
        steps.touch_order,
        steps.touch,
        steps.in_use_from,
        enrollments.assigned_at + steps.due_after as due_at
    from int_enrollments as enrollments
    inner join steps on enrollments.campaign_id = steps.campaign_id
    where
        steps.used_until is null
        or enrollments.assigned_at <= steps.used_until
),

due_touches as (
    select
        touches.assignment_id,
        touches.prospect_id,
        touches.campaign,
        touches.touch_id,
        touches.channel,
        touches.touch_order,
        touches.touch,
        touches.due_at
    from planned_touches as touches
    cross join clock
    cross join settings
    where
        touches.due_at <= clock.as_of
        and (touches.ended_at is null or touches.ended_at > touches.due_at)
        and (
            touches.first_response_at is null
            or touches.first_response_at >= touches.due_at
        )
        -- A touch never sent has no first use and falls out here.
        and (epoch_us(touches.in_use_from) - epoch_us(touches.due_at)) / 1000
        <= settings.dropped_ms
),

-- Before the joins, for the zone: see messages.
company_times as (
    select
        due_touches.*,
        timezone(settings.company_time_zone, due_touches.due_at) as due_at_local
    from due_touches
    cross join settings
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
    due_touches.due_at_local as due_at,
    (epoch_us(clock.as_of) - epoch_us(due_touches.due_at)) / 1000
    >= settings.on_time_ms as is_on_time_known,
    coalesce(
        (epoch_us(messages.sent_at) - epoch_us(due_touches.due_at)) / 1000
        <= settings.on_time_ms,
        false
    ) as is_on_time,
    (epoch_us(clock.as_of) - epoch_us(due_touches.due_at)) / 1000
    >= settings.dropped_ms as is_dropped_known,
    messages.sent_at is null as is_unsent,
    case
        when messages.sent_at >= due_touches.due_at
            then
                (
                    epoch_us(messages.sent_at)
                    - epoch_us(due_touches.due_at)
                ) / 1000
    end as lateness_ms
from company_times as due_touches
inner join stg_prospects as leads
    on due_touches.prospect_id = leads.prospect_id
cross join clock
cross join settings
left join int_messages as messages
    on
        due_touches.assignment_id = messages.assignment_id
        and due_touches.touch_id = messages.touch_id
order by due_at
