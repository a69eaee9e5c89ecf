-- Move a step from the campaign that took its sequence's place (old) to its
-- sequence (new): the step itself, where it comes from, and what it sent.
insert into touches (
    touch_id, campaign_id, touch_order, touch_type, content, scheduled_delay
)
select
    %(new)s,
    t.campaign_id,
    t.touch_order,
    t.touch_type,
    t.content,
    t.scheduled_delay
from touches as t
where t.touch_id = %(old)s
on conflict (touch_id) do nothing;

insert into loader.touch_origins (
    touch_id, origin, sequence_id, event_id, type_at, type_message
)
select
    %(new)s,
    o.origin,
    %(sequence)s,
    o.event_id,
    o.type_at,
    o.type_message
from loader.touch_origins as o
where o.touch_id = %(old)s
on conflict (touch_id) do nothing;

update touch_engagements
set touch_id = %(new)s
where touch_id = %(old)s;

delete from loader.touch_origins
where touch_id = %(old)s;

delete from touches
where touch_id = %(old)s;
