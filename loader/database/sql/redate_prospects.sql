-- Dates what loads saw of prospects back to `now` where it lies ahead of it.
-- Who was deleted by then stays unseen by the runs that are dated back with it.
update loader.sync_prospects
set
    last_seen_at = case
        when last_seen_at <= %(now)s::timestamptz then last_seen_at
        when gone_at is null then %(now)s::timestamptz
        else %(now)s::timestamptz - interval '1 microsecond'
    end,
    messages_read_at = case
        when messages_read_at <= %(now)s::timestamptz then messages_read_at
    end,
    opted_out_seen_at = least(opted_out_seen_at, %(now)s::timestamptz),
    gone_at = least(gone_at, %(now)s::timestamptz),
    hidden_at = least(hidden_at, %(now)s::timestamptz)
where
    last_seen_at > %(now)s::timestamptz
    or messages_read_at > %(now)s::timestamptz
    or opted_out_seen_at > %(now)s::timestamptz
    or gone_at > %(now)s::timestamptz
    or hidden_at > %(now)s::timestamptz
