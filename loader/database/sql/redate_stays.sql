-- Dates stage entries that a load's own time dated back to `now`, in their
-- order, with the prospects' present entry times.
with ahead as (
    select
        prospect_id,
        stage_id,
        entered_at,
        %(now)s::timestamptz - interval '1 microsecond' * (
            row_number() over (
                partition by prospect_id
                order by entered_at desc, stage_id asc
            ) - 1
        ) as new_entry
    from public.prospect_stage_history
    where
        entered_at > %(now)s::timestamptz
        and entered_at = first_seen_at
),

redated as (
    update public.prospect_stage_history as h
    set
        entered_at = a.new_entry,
        first_seen_at = a.new_entry
    from ahead as a
    where
        h.prospect_id = a.prospect_id
        and h.stage_id = a.stage_id
        and h.entered_at = a.entered_at
)

update public.prospects as p
set stage_entered_at = a.new_entry
from ahead as a
where
    p.prospect_id = a.prospect_id
    and p.qualification_stage_id = a.stage_id
    and p.stage_entered_at = a.entered_at
