-- The session that holds the loader's advisory lock on this database.
select
    a.pid,
    a.application_name,
    a.client_addr,
    a.backend_start
from pg_locks as l
left join pg_stat_activity as a on l.pid = a.pid
where
    l.locktype = 'advisory'
    and l.granted
    and l.database = (
        select d.oid from pg_database as d
        where d.datname = current_database()
    )
    and l.classid::bigint = %(high)s
    and l.objid::bigint = %(low)s
order by a.backend_start asc
limit 1
