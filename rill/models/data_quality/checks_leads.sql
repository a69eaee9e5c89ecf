-- Trust checks on leads. One row per check.
with leads_with_contacts as (
    select
        leads.prospect_id,
        leads.stage_id,
        leads.lead_source_id,
        leads.user_id,
        leads.do_not_call,
        activity.first_touch_at < leads.created_at
            as is_touched_before_creation,
        activity.first_reply_at < leads.created_at
            as has_replied_before_creation,
        activity.first_reply_at < activity.first_touch_at
            as has_replied_before_touch,
        progress.is_contact_aged,
        progress.is_pre_approval_aged,
        progress.is_funded_aged,
        progress.highest_order_low > progress.highest_order
        or progress.highest_order > progress.highest_order_high
            as has_broken_bounds
    from stg_prospects as leads
    inner join int_lead_progress as progress
        on leads.prospect_id = progress.prospect_id
    left join int_lead_activity as activity
        on leads.prospect_id = activity.prospect_id
),

-- Entries to a stage less exits are the leads whose last stay is there; they
-- must be the leads whose stage it is.
last_stays as (
    select
        stays.prospect_id,
        coalesce(leads.stage_id, -1) != stays.stage_id as is_elsewhere
    from stg_stage_history as stays
    inner join stg_prospects as leads on stays.prospect_id = leads.prospect_id
    qualify row_number() over (
        partition by stays.prospect_id
        order by stays.stay_number desc
    ) = 1
),

lead_counts as (
    select
        (select count(*) from int_lead_progress) as told_rows,
        (select count(distinct prospect_id) from stg_prospects) as stored_rows
)

select
    'lead_without_stage' as check_name,
    'leads' as area,
    'warning' as severity,
    'Leads have no stage, or one that the mapping does not know. Add the '
    'stage names that the load reports to stages in bonzo.yaml.'
        as advice,
    count(*) filter (where stage_id is null) as failing_rows,
    count(*) as checked_rows
from leads_with_contacts
union all
select
    'lead_without_source' as check_name,
    'leads' as area,
    'warning' as severity,
    'Leads have no source: they count as Unattributed and carry no cost. Fill '
    'the lead source in Bonzo.'
        as advice,
    count(*) filter (where lead_source_id is null) as failing_rows,
    count(*) as checked_rows
from leads_with_contacts
union all
select
    'lead_without_owner' as check_name,
    'leads' as area,
    'warning' as severity,
    'Leads belong to nobody. Assign them in Bonzo.'
        as advice,
    count(*) filter (where user_id is null) as failing_rows,
    count(*) as checked_rows
from leads_with_contacts
union all
select
    'lead_do_not_call_unknown' as check_name,
    'leads' as area,
    'info' as severity,
    'Nobody knows whether these leads may be called. They count as '
    'contactable; set the mark in Bonzo.'
        as advice,
    count(*) filter (where do_not_call is null) as failing_rows,
    count(*) as checked_rows
from leads_with_contacts
union all
select
    'first_touch_before_creation' as check_name,
    'leads' as area,
    'warning' as severity,
    'The first send lies before the lead was created, as after an import or a '
    'merge. These leads are in no speed number.'
        as advice,
    count(*) filter (where is_touched_before_creation) as failing_rows,
    count(*) as checked_rows
from leads_with_contacts
union all
select
    'first_reply_before_creation' as check_name,
    'leads' as area,
    'warning' as severity,
    'The first reply lies before the lead was created, as after an import or '
    'a merge. These leads are in no speed-to-contact number.'
        as advice,
    count(*) filter (where has_replied_before_creation) as failing_rows,
    count(*) as checked_rows
from leads_with_contacts
union all
select
    'first_reply_before_first_touch' as check_name,
    'leads' as area,
    'warning' as severity,
    'The lead wrote before anybody wrote to it. These leads are in no '
    'response-time number.'
        as advice,
    count(*) filter (where has_replied_before_touch) as failing_rows,
    count(*) as checked_rows
from leads_with_contacts
union all
select
    'lead_younger_than_contact_days' as check_name,
    'leads' as area,
    'info' as severity,
    'Leads too young for contact rates of cohorts. Wait, or look at an '
    'earlier period.'
        as advice,
    count(*) filter (where not is_contact_aged) as failing_rows,
    count(*) as checked_rows
from leads_with_contacts
union all
select
    'lead_younger_than_pre_approval_days' as check_name,
    'leads' as area,
    'info' as severity,
    'Leads too young for pre-approval rates of cohorts. Wait, or look at an '
    'earlier period.'
        as advice,
    count(*) filter (where not is_pre_approval_aged) as failing_rows,
    count(*) as checked_rows
from leads_with_contacts
union all
select
    'lead_younger_than_funded_days' as check_name,
    'leads' as area,
    'info' as severity,
    'Leads too young for funded rates of cohorts. Wait, or look at an earlier '
    'period.'
        as advice,
    count(*) filter (where not is_funded_aged) as failing_rows,
    count(*) as checked_rows
from leads_with_contacts
union all
select
    'reached_bounds_broken' as check_name,
    'leads' as area,
    'error' as severity,
    'The low, evidence and high bounds of the stages reached contradict each '
    'other. The stage counts are wrong: report it.'
        as advice,
    count(*) filter (where has_broken_bounds) as failing_rows,
    count(*) as checked_rows
from leads_with_contacts
union all
select
    'stage_flow_broken' as check_name,
    'leads' as area,
    'warning' as severity,
    'The last stage in the history is not the stage of the lead, so entries '
    'less exits differ from who is there. Load again; under an as_of in the '
    'past it is expected.'
        as advice,
    count(*) filter (where is_elsewhere) as failing_rows,
    count(*) as checked_rows
from last_stays
union all
select
    'lead_rows_not_reconciled' as check_name,
    'leads' as area,
    'error' as severity,
    'Leads were lost or doubled between staging and the lead numbers. All '
    'lead numbers are wrong: report it.'
        as advice,
    abs(told_rows - stored_rows) as failing_rows,
    greatest(told_rows, stored_rows) as checked_rows
from lead_counts
