-- Removes notes about these prospects, and originals that hold their email
-- address or, in international or national form, their phone number.
with people as (
    select
        lower(p.email) as email,
        p.phone,
        right(regexp_replace(p.phone, '\D', '', 'g'), 10) as digits
    from public.prospects as p
    where p.prospect_id = any(%(ids)s)
)

delete from loader.rejected_records as r
where
    r.prospect_id = any(%(ids)s)
    or (
        r.resource in ('prospects', 'loans')
        and r.id = any(%(ids)s::text[])
    )
    or exists (
        select 1
        from people as p
        where
            (
                length(p.email) > 5
                and strpos(lower(r.original), p.email) > 0
            )
            or (
                length(p.digits) = 10
                and strpos(
                    regexp_replace(r.original, '[-+.() ]', '', 'g'), p.digits
                ) > 0
            )
    )
