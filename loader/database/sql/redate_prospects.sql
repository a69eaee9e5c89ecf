-- Dates what loads saw of prospects back to `now` where it lies ahead of it.
-- What is empty stays empty (least() would fill it). Who was deleted by then
-- stays unseen by the runs that are dated back with it.
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
    opted_out_seen_at = case
        when opted_out_seen_at > %(now)s::timestamptz then %(now)s::timestamptz
        else opted_out_seen_at
    end,
    gone_at = case
        when gone_at > %(now)s::timestamptz then %(now)s::timestamptz
        else gone_at
    end,
    hidden_at = case
        when hidden_at > %(now)s::timestamptz then %(now)s::timestamptz
        else hidden_at
    end
where
    last_seen_at > %(now)s::timestamptz
    or messages_read_at > %(now)s::timestamptz
    or opted_out_seen_at > %(now)s::timestamptz
    or gone_at > %(now)s::timestamptz
    or hidden_at > %(now)s::timestamptz
