-- Notes values and records that could not be stored, but for what this run has
-- noted already. The parameters are arrays; together they are rows.
insert into loader.rejected_records
(resource, id, field, reason, original, prospect_id, run_id)
select
    n.resource,
    n.id,
    n.field,
    n.reason,
    n.original,
    n.prospect_id,
    %(run_id)s
from
    unnest(
        %(resources)s::text[],
        %(ids)s::text[],
        %(fields)s::text[],
        %(reasons)s::text[],
        %(originals)s::text[],
        %(prospect_ids)s::int[]
    ) as n (resource, id, field, reason, original, prospect_id)
where
    not exists (
        select 1
        from loader.rejected_records as r
        where
            -- By plain equality, so that many rows are compared at once.
            r.run_id = %(run_id)s
            and r.resource = n.resource
            and r.field = n.field
            and r.original = n.original
            and coalesce(r.id, '') = coalesce(n.id, '')
            and coalesce(r.prospect_id, 0) = coalesce(n.prospect_id, 0)
    )
