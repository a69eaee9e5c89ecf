with open_leads as (
    select
        int_lead_progress.*,
        settings.bonzo_web_url,
        (epoch_us(clock.as_of) - epoch_us(int_lead_progress.stage_entered_at))
        / 1000 as time_in_stage_ms,
        (epoch_us(clock.as_of) - epoch_us(int_lead_progress.last_reply_at))
        / 1000 as time_since_reply_ms,
        -- Brackets, bars and line ends would break the call list's links.
        trim(
            regexp_replace(
                regexp_replace(
                    concat_ws(
                        ' ',
                        nullif(trim(int_lead_progress.first_name), ''),
                        nullif(trim(int_lead_progress.last_name), '')
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
    from int_lead_progress
    cross join clock
    cross join settings
    where int_lead_progress.is_open
),

-- Of the leads that ever came as far as a stage, the share that was funded.
order_outcomes as (
    select
        ordered_stages.stage_order,
        count(*) filter (where int_lead_progress.has_closed_loan) / count(*)
            as funded_share
    from (
        select distinct stage_order
        from stg_stages
        where stage_order is not null
    ) as ordered_stages
    inner join int_lead_progress
        on ordered_stages.stage_order <= int_lead_progress.highest_order
    group by ordered_stages.stage_order
)

select
    open_leads.prospect_id,
    open_leads.stage,
    open_leads.stage_group,
    open_leads.lead_source,
    open_leads.loan_officer,
    open_leads.team,
    open_leads.officer_email,
    open_leads.team_lead_email,
    open_leads.is_stale as is_stale_lead,
    open_leads.time_in_stage_ms,
    open_leads.time_since_reply_ms,
    concat(
        coalesce(nullif(open_leads.full_name, ''), 'Prospect'),
        ' #',
        open_leads.prospect_id
    ) as prospect,
    concat(open_leads.bonzo_web_url, '/prospect/', open_leads.prospect_id)
        as prospect_url,
    case
        when open_leads.time_in_stage_ms is null then 'unknown'
        when open_leads.time_in_stage_ms < 3 * 86400000.0 then '0-2 d'
        when open_leads.time_in_stage_ms < 8 * 86400000.0 then '3-7 d'
        when open_leads.time_in_stage_ms < 15 * 86400000.0 then '8-14 d'
        when open_leads.time_in_stage_ms < 31 * 86400000.0 then '15-30 d'
        when open_leads.time_in_stage_ms < 61 * 86400000.0 then '31-60 d'
        else '60+ d'
    end as age_bucket,
    case when open_leads.is_stale then 'yes' else 'no' end as is_stale,
    open_leads.user_id is null as is_unassigned,
    coalesce(not open_leads.owner_is_active, false) as is_owner_inactive,
    open_leads.last_reply_at is not null
    and open_leads.last_reply_at
    > coalesce(open_leads.last_sent_at, '-infinity') as is_awaiting_reply,
    open_leads.last_sent_at is null as is_never_touched,
    coalesce(open_leads.stage_order >= 4, false) as is_valued,
    case
        when open_leads.stage_order >= 4
            then cast(open_leads.open_amount as double)
    end as pipeline_value,
    case
        when open_leads.stage_order >= 4
            then
                cast(open_leads.open_amount as double)
                * order_outcomes.funded_share
    end as weighted_value
from open_leads
left join order_outcomes on open_leads.stage_order = order_outcomes.stage_order
