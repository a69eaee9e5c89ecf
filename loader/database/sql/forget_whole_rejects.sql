-- Removes earlier notes of these whole records; one without an id is known by
-- its original alone.
delete from loader.rejected_records as r
using
    unnest(
        %(resources)s::text[],
        %(ids)s::text[],
        %(originals)s::text[]
    ) as n (resource, id, original)
where
    r.field is null
    and r.resource = n.resource
    and r.original = n.original
    and coalesce(r.id, '') = coalesce(n.id, '')
