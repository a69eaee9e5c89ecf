-- Dates runs that lie ahead of the clock back to `now`: a clock was wrong then.
update loader.sync_runs
set
    started_at = case
        when started_at > %(now)s::timestamptz then %(now)s::timestamptz
        else started_at
    end,
    finished_at = case
        when finished_at > %(now)s::timestamptz then %(now)s::timestamptz
        else finished_at
    end
where
    started_at > %(now)s::timestamptz
    or finished_at > %(now)s::timestamptz
