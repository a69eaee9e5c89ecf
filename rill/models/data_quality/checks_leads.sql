with contacts as (
    select
        prospect_id,
        min(engagement_time)
        filter (where engagement_type = 'Sent') as first_touch_at,
        min(engagement_time)
        filter (where engagement_type = 'Responded') as first_reply_at
    from int_events
    group by prospect_id
),

checked as (
    select
        stg_prospects.stage_id,
        stg_prospects.lead_source_id,
        stg_prospects.user_id,
        stg_prospects.do_not_call,
        contacts.first_touch_at < stg_prospects.created_at
            as is_touched_before_creation,
        contacts.first_reply_at < stg_prospects.created_at
            as has_replied_before_creation,
        contacts.first_reply_at < contacts.first_touch_at
            as has_replied_before_touch,
        clock.as_of - to_seconds(86400 * settings.contact_days)
        < stg_prospects.created_at as is_younger_than_contact,
        clock.as_of - to_seconds(86400 * settings.pre_approval_days)
        < stg_prospects.created_at as is_younger_than_pre_approval,
        clock.as_of - to_seconds(86400 * settings.funded_days)
        < stg_prospects.created_at as is_younger_than_funded
    from stg_prospects
    left join contacts on stg_prospects.prospect_id = contacts.prospect_id
    cross join clock
    cross join settings
),

counts as (
    select
        count(*) as checked_rows,
        count(*) filter (where stage_id is null) as lead_without_stage,
        count(*) filter (where lead_source_id is null) as lead_without_source,
        count(*) filter (where user_id is null) as lead_without_owner,
        count(*) filter (where do_not_call is null)
            as lead_do_not_call_unknown,
        count(*) filter (where is_touched_before_creation)
            as first_touch_before_creation,
        count(*) filter (where has_replied_before_creation)
            as first_reply_before_creation,
        count(*) filter (where has_replied_before_touch)
            as first_reply_before_first_touch,
        count(*) filter (where is_younger_than_contact)
            as lead_younger_than_contact_days,
        count(*) filter (where is_younger_than_pre_approval)
            as lead_younger_than_pre_approval_days,
        count(*) filter (where is_younger_than_funded)
            as lead_younger_than_funded_days
    from checked
)

select
    check_name,
    failing_rows,
    checked_rows
from counts
unpivot (
    failing_rows for check_name in (
        lead_without_stage,
        lead_without_source,
        lead_without_owner,
        lead_do_not_call_unknown,
        first_touch_before_creation,
        first_reply_before_creation,
        first_reply_before_first_touch,
        lead_younger_than_contact_days,
        lead_younger_than_pre_approval_days,
        lead_younger_than_funded_days
    )
)
