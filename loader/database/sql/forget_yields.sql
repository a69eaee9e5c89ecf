-- Forgets that other prospects' lists show messages of these.
update loader.sync_prospects
set
    yields_to = array(
        select i
        from unnest(yields_to) as i
        where i <> all(%(ids)s::int[])
    )
where yields_to && %(ids)s::int[]
