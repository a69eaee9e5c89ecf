-- What loads leave behind: one row per run, per prospect seen, per value that
-- did not fit.

-- Hourly for ninety days. One run in fifty failed, one in thirty was partial;
-- the last was complete and ended at the account's moment.
insert into loader.sync_runs (
    started_at, finished_at, outcome, requests, prospects_read, messages_read,
    rows_changed
)
select
    current_setting('bench.as_of')::timestamptz
    - hours.hours_ago * interval '1 hour'
    - interval '3 minutes' as started_at,
    current_setting('bench.as_of')::timestamptz
    - hours.hours_ago * interval '1 hour' as finished_at,
    case
        when hours.hours_ago > 0 and hours.hours_ago % 50 = 0 then 'failed'
        when hours.hours_ago > 0 and hours.hours_ago % 30 = 0 then 'partial'
        else 'complete'
    end as outcome,
    2100 as requests,
    2000 as prospects_read,
    6000 as messages_read,
    500 as rows_changed
from generate_series(90 * 24, 0, -1) as hours (hours_ago)
order by hours.hours_ago desc;

-- One prospect in a hundred was deleted in Bonzo.
insert into loader.sync_prospects (
    prospect_id, last_seen_at, fingerprint, rules_version, messages_read_at,
    last_message_at, listed, sequences, unknown_events, yields_to, gone_at
)
with campaigns as (
    select
        enrollments.prospect_id,
        array_agg(distinct steps.sequence_id) as sequence_ids,
        array_agg(distinct steps.campaign_key)
        filter (where enrollments.status = 'Active') as active_keys
    from prospect_campaign_assignments as enrollments
    inner join bench_steps as steps
        on
            enrollments.campaign_id = steps.campaign_id
            and steps.touch_order = 1
    group by enrollments.prospect_id
)

select
    leads.prospect_id,
    case
        when leads.prospect_id % 100 = 0 then leads.as_of - interval '30 days'
        else leads.as_of - interval '3 minutes'
    end as last_seen_at,
    md5(leads.prospect_id::text) as fingerprint,
    'bench' as rules_version,
    leads.as_of - interval '1 day' as messages_read_at,
    leads.created_at + leads.rounds * leads.round_length as last_message_at,
    coalesce(campaigns.active_keys, '{}') as listed,
    coalesce(campaigns.sequence_ids, '{}') as sequence_ids,
    '{}' as unknown_events,
    '{}' as yields_to,
    case
        when leads.prospect_id % 100 = 0 then leads.as_of - interval '29 days'
    end as gone_at
from bench_leads as leads
left join campaigns on leads.prospect_id = campaigns.prospect_id;

-- One record in 2,000 could not be stored, one value in 400.
insert into loader.rejected_records (
    resource, id, field, reason, original, run_id, prospect_id
)
select
    'prospects' as resource,
    leads.prospect_id::text as id,
    case when leads.prospect_id % 2000 != 19 then 'phone' end as field,
    'not a phone number' as reason,
    'n/a' as original,
    (select max(runs.run_id) from loader.sync_runs as runs) as run_id,
    leads.prospect_id
from bench_leads as leads
where leads.prospect_id % 400 = 19;
