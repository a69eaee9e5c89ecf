-- Leads that somebody should be working. One row per lead that is neither
-- disqualified nor out of its stage nor funded. prospect is a label that is
-- safe inside a link; pipeline_value is the amount of the latest loan that is
-- not closed, from the pre-qualified stage on.
-- @materialize: true
with open_leads as (
    select
        leads.prospect_id,
        leads.stage,
        leads.stage_group,
        leads.stage_order,
        leads.lead_source,
        leads.loan_officer,
        leads.team,
        leads.officer_email,
        leads.team_lead_email,
        leads.user_id,
        leads.owner_is_active,
        progress.is_stale,
        activity.last_sent_at,
        activity.last_reply_at,
        settings.bonzo_web_url,
        coalesce(leads.stage_order >= settings.pre_qual_order, false)
            as is_valued,
        case
            when leads.stage_order >= settings.pre_qual_order
                then cast(progress.open_amount as double)
        end as pipeline_value,
        date_diff('microsecond', leads.stage_entered_at, clock.as_of) / 1000
            as time_in_stage_ms,
        date_diff('microsecond', activity.last_reply_at, clock.as_of) / 1000
            as time_since_reply_ms,
        -- Brackets, bars and line ends would break the call list's links.
        trim(
            regexp_replace(
                regexp_replace(
                    concat_ws(
                        ' ',
                        nullif(trim(leads.first_name), ''),
                        nullif(trim(leads.last_name), '')
                    ),
                    '[\[\]()|<>]',
                    '',
                    'g'
                ),
                '[\r\n\t]+',
                ' ',
                'g'
            )
        ) as full_name
    from stg_prospects as leads
    inner join int_lead_progress as progress
        on leads.prospect_id = progress.prospect_id
    cross join clock
    cross join settings
    left join int_lead_activity as activity
        on leads.prospect_id = activity.prospect_id
    where progress.is_open
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
    leads.stage,
    leads.stage_group,
    leads.lead_source,
    leads.loan_officer,
    leads.team,
    leads.officer_email,
    leads.team_lead_email,
    leads.is_stale as is_stale_lead,
    leads.time_in_stage_ms,
    leads.time_since_reply_ms,
    leads.is_valued,
    leads.pipeline_value,
    leads.pipeline_value * order_outcomes.funded_share as weighted_value,
    concat(
        coalesce(nullif(leads.full_name, ''), 'Prospect'),
        ' #',
        leads.prospect_id
    ) as prospect,
    concat(leads.bonzo_web_url, '/prospect/', leads.prospect_id)
        as prospect_url,
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
    leads.user_id is null as is_unassigned,
    coalesce(not leads.owner_is_active, false) as is_owner_inactive,
    leads.last_reply_at is not null
    and leads.last_reply_at > coalesce(leads.last_sent_at, '-infinity')
        as is_awaiting_reply,
    leads.last_sent_at is null as is_never_touched
from open_leads as leads
left join order_outcomes on leads.stage_order = order_outcomes.stage_order
