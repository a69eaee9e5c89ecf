-- The clock, and the latest time that earlier loads noted. `at` replaces
-- PostgreSQL's clock where it is not null.
select
    coalesce(%(at)s::timestamptz, clock_timestamp()) as present,
    greatest(
        (
            select max(greatest(r.started_at, r.finished_at))
            from loader.sync_runs as r
        ),
        (select max(p.last_seen_at) from loader.sync_prospects as p)
    ) as latest
