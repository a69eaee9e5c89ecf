-- Forgets which of these prospects' messages a step's type was read from.
update loader.touch_origins as o
set
    type_at = null,
    type_message = null
where exists (
    select 1
    from public.touch_engagements as e
    where
        e.touch_id = o.touch_id
        and e.prospect_id = any(%(ids)s)
        and e.engagement_time = o.type_at
)
