-- The session that has kept the given one waiting for the longest time.
select
    a.pid,
    a.application_name,
    a.usename,
    coalesce(a.state, 'of unknown state') as state,
    to_char(a.xact_start at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as since
from pg_stat_activity as a
where a.pid = any(pg_blocking_pids(%(pid)s))
order by a.xact_start asc nulls last
limit 1
