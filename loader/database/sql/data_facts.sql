-- What `doctor` says of the data: counts and shares, no value of anybody's.
select
    (
        select v.applied_version
        from loader.schema_version as v
    ) as schema_version,
    has_table_privilege('prospects', 'insert, update, delete') as may_write,
    extract(epoch from now() - (
        select max(r.finished_at)
        from loader.sync_runs as r
        where r.outcome = 'complete'
    ))::bigint as age_seconds,
    (
        select count(*)
        from prospects
    ) as prospects,
    (
        select count(*)
        from prospects as p
        where p.qualification_stage_id is null
    ) as prospects_without_stage,
    (
        select count(*)
        from touch_engagements as e
        where e.engagement_type = 'Sent'
    ) as messages_sent,
    (
        select count(*)
        from touch_engagements as e
        where e.engagement_type = 'Sent' and e.touch_id is null
    ) as messages_without_step
