-- Enrollments and what came of them, from bench_rounds and bench_plots. Needs
-- the setting bench.loose_campaign.

insert into prospect_campaign_assignments (
    assignment_id, prospect_id, campaign_id, assigned_at, completed_at, status
)
select
    md5(
        'enrollment ' || rounds.prospect_id || ' ' || rounds.round_number
    )::uuid as assignment_id,
    rounds.prospect_id,
    steps.campaign_id,
    rounds.started_at,
    case
        when rounds.status = 'Opted Out'
            then
                rounds.started_at + rounds.pace * (
                    interval '1442 minutes'
                    + rounds.slowness * interval '25 minutes'
                )
        when rounds.status = 'Completed'
            then rounds.started_at + rounds.pace * interval '9 days'
    end as completed_at,
    rounds.status
from bench_rounds as rounds
inner join bench_steps as steps
    on rounds.campaign = steps.campaign and steps.touch_order = 1;

insert into loader.enrollment_starts (
    prospect_id, campaign_id, started_at, campaign_key, is_first_seen
)
select
    enrollments.prospect_id,
    enrollments.campaign_id,
    enrollments.assigned_at,
    steps.campaign_key,
    false as is_first_seen
from prospect_campaign_assignments as enrollments
inner join bench_steps as steps
    on
        enrollments.campaign_id = steps.campaign_id
        and steps.touch_order = 1;

-- As the loader does, it keeps the text of what came in alone.
insert into touch_engagements (
    engagement_id, prospect_id, touch_id, engagement_type, engagement_time,
    content, campaign_id
)
select
    md5(
        'engagement ' || rounds.prospect_id || ' ' || rounds.round_number
        || ' ' || plots.event_number
    )::uuid as engagement_id,
    rounds.prospect_id,
    steps.touch_id,
    plots.kind,
    rounds.started_at + rounds.pace * (
        plots.minutes * interval '1 minute'
        + plots.wait * rounds.slowness * interval '1 minute'
    ) as engagement_time,
    case
        when plots.kind = 'Responded'
            then 'Yes, tomorrow at ten would be fine. What are rates today?'
    end as content,
    case
        when plots.touch_order = -1
            then current_setting('bench.loose_campaign')::uuid
        else steps.campaign_id
    end as campaign_id
from bench_rounds as rounds
inner join bench_plots as plots
    on rounds.plot = plots.plot and rounds.events > plots.event_number
left join bench_steps as steps
    on
        rounds.campaign = steps.campaign
        and plots.touch_order = steps.touch_order;
