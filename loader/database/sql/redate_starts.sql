-- Dates enrollments that a load's own time dated back to `now`. Messages of
-- their prospects are read again, since an enrollment's id holds its start.
with redated as (
    update loader.enrollment_starts
    set started_at = %(now)s::timestamptz
    where
        is_first_seen
        and started_at > %(now)s::timestamptz
    returning prospect_id
)

update loader.sync_prospects as p
set fingerprint = null
from redated as r
where p.prospect_id = r.prospect_id
