-- Removes notes about other prospects whose reason names one of these.
delete from loader.rejected_records as r
where exists (
    select 1
    from unnest(%(ids)s::bigint[]) as f (prospect_id)
    where r.reason ~ ('\mprospect ' || f.prospect_id || '\M')
)
