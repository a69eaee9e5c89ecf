-- Notes a new run, later than every earlier one even if the clock was set back.
-- `at` replaces PostgreSQL's clock where it is not null.
insert into loader.sync_runs (started_at)
select
    greatest(
        coalesce(%(at)s::timestamptz, clock_timestamp()),
        (
            select max(greatest(r.started_at, r.finished_at))
            from loader.sync_runs as r
        ) + interval '1 microsecond',
        (
            select max(p.last_seen_at) from loader.sync_prospects as p
        ) + interval '1 microsecond'
    )
returning
    run_id, started_at, coalesce(%(at)s::timestamptz, clock_timestamp())
