-- Leads that somebody should be working. One row per lead that is neither
-- disqualified nor out of its stage nor funded. why_now is the first reason to
-- call that holds, call_rank the place in the company's call list.
-- pipeline_value is the amount of the latest loan that is not closed, from the
-- pre-qualified stage on.
-- @materialize: true
with opt_outs as (
    select
        prospect_id,
        max(completed_at) as last_opt_out_at,
        bool_or(completed_at is null) as has_undated_opt_out
    from stg_enrollments
    where status = 'Opted Out'
    group by prospect_id
),

open_leads as (
    select
        leads.prospect_id,
        leads.prospect,
        leads.prospect_url,
        leads.stage,
        leads.stage_group,
        leads.stage_order,
        leads.lead_source,
        leads.loan_officer,
        leads.team,
        leads.officer_email,
        leads.team_lead_email,
        leads.state,
        leads.credit_band,
        leads.loan_purpose,
        leads.tags,
        leads.created_at,
        leads.user_id is null as is_unassigned,
        coalesce(not leads.owner_is_active, false) as is_owner_inactive,
        progress.age_ms,
        progress.is_stale,
        progress.last_activity_at,
        (epoch_us(clock.as_of) - epoch_us(progress.last_activity_at)) / 1000
            as inactive_ms,
        activity.last_reply_at,
        activity.first_touch_at is null as is_never_touched,
        coalesce(leads.stage_order >= settings.pre_qual_order, false)
            as is_valued,
        case
            when leads.stage_order >= settings.pre_qual_order
                then cast(progress.open_amount as double)
        end as pipeline_value,
        (epoch_us(clock.as_of) - epoch_us(leads.stage_entered_at)) / 1000
            as time_in_stage_ms,
        (epoch_us(clock.as_of) - epoch_us(activity.last_reply_at)) / 1000
            as time_since_reply_ms,
        -- A campaign's next step answers nobody.
        activity.last_reply_at is not null
        and activity.last_reply_at
        > coalesce(activity.last_human_touch_at, '-infinity')
            as is_awaiting_reply,
        -- Who wrote again after a STOP may be answered.
        coalesce(leads.do_not_call, false)
        or coalesce(opt_outs.has_undated_opt_out, false)
        or coalesce(
            opt_outs.last_opt_out_at
            >= coalesce(activity.last_reply_at, '-infinity'),
            false
        ) as is_not_to_call,
        progress.age_ms < settings.new_lead_ms
        and activity.first_human_touch_at is null as is_new_untouched,
        coalesce(
            leads.stage_order >= settings.pre_approved_order
            and leads.stage_order < settings.contract_order,
            false
        )
        and (
            epoch_us(clock.as_of)
            - epoch_us(progress.last_activity_at)
        ) / 1000
        > settings.silent_ms as is_pre_approved_silent
    from stg_prospects as leads
    inner join int_lead_progress as progress
        on leads.prospect_id = progress.prospect_id
    cross join clock
    cross join settings
    left join int_lead_activity as activity
        on leads.prospect_id = activity.prospect_id
    left join opt_outs on leads.prospect_id = opt_outs.prospect_id
    where progress.is_open
),

leads_with_reason as (
    select
        *,
        case
            when is_not_to_call then '6: do not call'
            when is_awaiting_reply then '1: reply unanswered'
            when is_new_untouched then '2: new, no person yet'
            when is_pre_approved_silent then '3: pre-approved and silent'
            when is_stale then '4: stale'
            else '5: nothing due'
        end as why_now
    from open_leads
),

call_list as (
    select
        prospect_id,
        count(*) over () as open_leads,
        case why_now
            when '1: reply unanswered' then time_since_reply_ms
            when '2: new, no person yet' then age_ms
            when '3: pre-approved and silent' then inactive_ms
            when '4: stale' then inactive_ms
        end as waiting_ms,
        row_number() over (
            order by
                why_now asc,
                case when why_now >= '3' then coalesce(stage_order, 0) end desc,
                case
                    when why_now = '1: reply unanswered' then last_reply_at
                    when why_now = '2: new, no person yet' then created_at
                    else last_activity_at
                end desc,
                prospect_id
        ) as call_rank
    from leads_with_reason
),

-- Of the leads that ever came as far as a stage, the share that was funded.
order_outcomes as (
    select
        stages.stage_order,
        count(*) filter (where progress.has_closed_loan) / count(*)
            as funded_share
    from (select distinct stage_order from stg_stages) as stages
    inner join int_lead_progress as progress
        on stages.stage_order <= progress.highest_order
    group by stages.stage_order
)

select
    leads.prospect_id,
    leads.prospect,
    leads.prospect_url,
    leads.stage,
    leads.stage_group,
    leads.lead_source,
    leads.loan_officer,
    leads.team,
    leads.officer_email,
    leads.team_lead_email,
    leads.state,
    leads.credit_band,
    leads.loan_purpose,
    leads.tags,
    leads.why_now,
    call_list.call_rank,
    call_list.open_leads + 1 - call_list.call_rank as call_priority,
    concat(
        case leads.why_now
            when '1: reply unanswered' then 'Reply unanswered for '
            when '2: new, no person yet' then 'New, no person yet for '
            when '3: pre-approved and silent' then 'Pre-approved, silent for '
            when '4: stale' then 'Stale, no activity for '
            when '5: nothing due' then 'Nothing due'
            else 'Do not call'
        end,
        case
            when call_list.waiting_ms is null then ''
            when call_list.waiting_ms < 3600000 then '< 1 h'
            when call_list.waiting_ms < 2 * 86400000
                then
                    concat(
                        cast(floor(call_list.waiting_ms / 3600000) as bigint),
                        ' h'
                    )
            else
                concat(
                    cast(floor(call_list.waiting_ms / 86400000) as bigint), ' d'
                )
        end
    ) as call_reason,
    leads.is_stale as is_stale_lead,
    leads.time_in_stage_ms,
    leads.time_since_reply_ms,
    leads.is_valued,
    leads.pipeline_value,
    leads.pipeline_value * order_outcomes.funded_share as weighted_value,
    leads.is_unassigned,
    leads.is_owner_inactive,
    leads.is_awaiting_reply,
    leads.is_never_touched,
    case
        when leads.time_in_stage_ms is null then 'unknown'
        when leads.time_in_stage_ms < 3 * 86400000.0 then '0-2 d'
        when leads.time_in_stage_ms < 8 * 86400000.0 then '3-7 d'
        when leads.time_in_stage_ms < 15 * 86400000.0 then '8-14 d'
        when leads.time_in_stage_ms < 31 * 86400000.0 then '15-30 d'
        when leads.time_in_stage_ms < 61 * 86400000.0 then '31-60 d'
        else '60+ d'
    end as age_bucket,
    case when leads.is_stale then 'yes' else 'no' end as is_stale,
    leads.why_now < '5' as is_call_due,
    leads.why_now = '6: do not call' as is_not_to_call
from leads_with_reason as leads
inner join call_list on leads.prospect_id = call_list.prospect_id
left join order_outcomes on leads.stage_order = order_outcomes.stage_order
