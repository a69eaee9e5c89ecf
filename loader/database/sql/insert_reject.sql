-- Notes a value or record that could not be stored, unless this run noted it.
insert into loader.rejected_records
(resource, id, field, reason, original, run_id, prospect_id)
select
    %(resource)s,
    %(id)s,
    %(field)s,
    %(reason)s,
    %(original)s,
    %(run_id)s,
    %(prospect_id)s
where
    not exists (
        select 1
        from loader.rejected_records as r
        where
            r.resource = %(resource)s
            and r.id is not distinct from %(id)s
            and r.field = %(field)s
            and r.original = %(original)s
            and r.run_id = %(run_id)s
            and r.prospect_id is not distinct from %(prospect_id)s
    )
