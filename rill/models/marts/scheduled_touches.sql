with touch_uses as (
    select
        touch_id,
        min(sent_at) as in_use_from
    from int_messages
    group by touch_id
),

-- Delays count from one step to the next, so a step is due after all up to it;
-- steps of one order share their due time.
steps as (
    select
        stg_touches.touch_id,
        stg_touches.campaign_id,
        stg_touches.channel,
        stg_touches.touch_order,
        stg_touches.touch,
        cast(
            sum(stg_touches.scheduled_delay) over (
                partition by stg_touches.campaign_id
                order by stg_touches.touch_order
                range between unbounded preceding and current row
            ) as bigint
        ) as offset_minutes
    from stg_touches
),

due as (
    select
        int_enrollments.assignment_id,
        int_enrollments.prospect_id,
        int_enrollments.campaign,
        int_enrollments.ended_at,
        int_enrollments.first_response_at,
        steps.touch_id,
        steps.channel,
        steps.touch_order,
        steps.touch,
        touch_uses.in_use_from,
        int_enrollments.assigned_at + to_minutes(steps.offset_minutes)
            as due_at
    from int_enrollments
    inner join steps on int_enrollments.campaign_id = steps.campaign_id
    inner join touch_uses on steps.touch_id = touch_uses.touch_id
),

expected as (
    select
        due.*,
        clock.as_of,
        settings.on_time_minutes,
        settings.dropped_hours,
        settings.company_time_zone
    from due
    cross join clock
    cross join settings
    where
        due.due_at <= clock.as_of
        and (due.ended_at is null or due.ended_at > due.due_at)
        and (
            due.first_response_at is null
            or due.first_response_at >= due.due_at
        )
        and due.due_at + to_seconds(3600 * settings.dropped_hours)
        >= due.in_use_from
),

judged as (
    select
        expected.*,
        int_messages.sent_at,
        expected.due_at
        + to_seconds(60 * expected.on_time_minutes) as on_time_until,
        expected.due_at
        + to_seconds(3600 * expected.dropped_hours) as dropped_from
    from expected
    left join int_messages
        on
            expected.assignment_id = int_messages.assignment_id
            and expected.touch_id = int_messages.touch_id
)

select
    judged.assignment_id,
    judged.prospect_id,
    judged.touch_id,
    judged.campaign,
    judged.channel,
    judged.touch_order,
    judged.touch,
    stg_prospects.lead_source,
    stg_prospects.loan_officer,
    stg_prospects.team,
    stg_prospects.officer_email,
    stg_prospects.team_lead_email,
    judged.due_at at time zone judged.company_time_zone as due_at,
    judged.on_time_until <= judged.as_of as is_on_time_known,
    coalesce(judged.sent_at <= judged.on_time_until, false) as is_on_time,
    judged.dropped_from <= judged.as_of as is_dropped_known,
    judged.sent_at is null as is_unsent,
    case
        when judged.sent_at >= judged.due_at
            then (epoch_us(judged.sent_at) - epoch_us(judged.due_at)) / 1000
    end as lateness_ms
from judged
inner join stg_prospects
    on judged.prospect_id = stg_prospects.prospect_id
