-- Takes these prospects' ids out of what earlier runs reported.
update loader.sync_runs as r
set
    message = regexp_replace(r.message, f.pattern, '\1(forgotten)', 'g'),
    warnings = regexp_replace(r.warnings, f.pattern, '\1(forgotten)', 'g')
from (
    select
        '(\mprospects?[ /])(?:'
        || string_agg(i::text, '|')
        || ')\M' as pattern
    from unnest(%(ids)s::bigint[]) as i
) as f
where r.message ~ f.pattern or r.warnings ~ f.pattern
