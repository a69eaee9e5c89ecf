-- Prospects whose messages are due for another read though nothing shows a
-- change: in a campaign and read over a day ago; not read for so many days as
-- `full_read_days` says; or read under other mapping rules. The longest unread
-- come first. A read that lies in the future (the clock was set back) counts as
-- long ago. `version` is null where the present mapping rules are not known.
select p.prospect_id
from loader.sync_prospects as p
where
    p.gone_at is null
    and (
        p.messages_read_at is null
        or p.messages_read_at > %(now)s::timestamptz
        or p.messages_read_at
        < %(now)s::timestamptz - %(full_read_days)s * interval '1 day'
        or p.rules_version is null
        or p.rules_version <> coalesce(%(version)s::text, p.rules_version)
        or (
            coalesce(cardinality(p.listed), 0) > 0
            and p.messages_read_at < %(now)s::timestamptz - interval '1 day'
        )
    )
order by p.messages_read_at asc nulls first, p.prospect_id asc
limit %(row_limit)s
