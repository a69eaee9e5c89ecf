-- Trust checks on events. One row per check.
with stored_events as (
    select
        has_lead,
        is_past,
        is_known_type,
        engagement_time,
        row_number() over (
            partition by
                prospect_id,
                touch_id,
                loose_campaign_id,
                engagement_type,
                engagement_time
        ) > 1 as is_repeated
    from stg_engagements
),

lead_events as (
    select * from stored_events
    where has_lead
),

past_events as (
    select * from lead_events
    where is_past
),

event_counts as (
    select
        (select count(*) from int_events) as told_rows,
        (
            select count(*) from past_events
            where is_known_type and not is_repeated
        ) as stored_rows
)

select
    'duplicate_event_row' as check_name,
    'events' as area,
    'info' as severity,
    'Rows that repeat an event were counted once. Nothing to do.'
        as advice,
    count(*) filter (where is_known_type and is_repeated) as failing_rows,
    count(*) filter (where is_known_type) as checked_rows
from past_events
union all
select
    'event_of_unknown_type' as check_name,
    'events' as area,
    'warning' as severity,
    'Events of a type that no number knows are left out. Correct the type or '
    'the mapping.'
        as advice,
    count(*) filter (where not is_known_type) as failing_rows,
    count(*) as checked_rows
from past_events
union all
select
    'event_without_lead' as check_name,
    'events' as area,
    'info' as severity,
    'Events of prospects that are gone or not there yet are left out.'
        as advice,
    count(*) filter (where not has_lead) as failing_rows,
    count(*) as checked_rows
from stored_events
union all
select
    'event_without_time' as check_name,
    'events' as area,
    'warning' as severity,
    'Events without a time are in no number. Load again; if they stay, '
    'correct them in Bonzo.'
        as advice,
    count(*) filter (where engagement_time is null) as failing_rows,
    count(*) as checked_rows
from lead_events
union all
select
    'event_in_future' as check_name,
    'events' as area,
    'info' as severity,
    'Events after the moment that the numbers are as of are left out.'
        as advice,
    count(*) filter (where engagement_time is not null and not is_past)
        as failing_rows,
    count(*) as checked_rows
from lead_events
union all
select
    'event_rows_not_reconciled' as check_name,
    'events' as area,
    'error' as severity,
    'Events were lost or doubled on the way from storage to the numbers. All '
    'message numbers are wrong: report it.'
        as advice,
    abs(told_rows - stored_rows) as failing_rows,
    greatest(told_rows, stored_rows) as checked_rows
from event_counts
union all
select
    'orphan_event' as check_name,
    'events' as area,
    'warning' as severity,
    'Campaign events fit no enrollment: they count as messages, but in no '
    'enrollment rate. Load again; if they stay, the enrollment is gone from '
    'Bonzo.'
        as advice,
    count(*) filter (where is_campaign and assignment_id is null)
        as failing_rows,
    count(*) filter (where is_campaign) as checked_rows
from int_events
union all
select
    'event_without_touch' as check_name,
    'events' as area,
    'info' as severity,
    'Messages and answers outside of campaigns. They count for speed, contact '
    'and replies, not for campaign rates.'
        as advice,
    count(*) filter (where not is_campaign) as failing_rows,
    count(*) as checked_rows
from int_events
