-- What falls due for a lead or its loans. One row per lead (a pre-approval
-- that ages) or loan and kind (a rate lock that ends, a planned closing) that
-- is due within deadline_days or was due a short while ago. Days are company
-- days. deadline_volume is the loan's amount on its earliest row alone, so
-- that a loan counts once.
-- @materialize: true
with loan_deadlines as (
    select
        'Rate lock ends' as deadline,
        1 as kind_order,
        loans.prospect_id,
        loans.loan_id,
        cast(loans.amount as double) as amount,
        7 as listed_days_overdue,
        loans.rate_locked_on + settings.lock_days as due_date
    from stg_loans as loans
    cross join settings
    where not loans.is_closed
    union all
    select
        'Planned closing' as deadline,
        2 as kind_order,
        loans.prospect_id,
        loans.loan_id,
        cast(loans.amount as double) as amount,
        7 as listed_days_overdue,
        loans.closed_on as due_date
    from stg_loans as loans
    where not loans.is_closed
),

pre_approval_stays as (
    select
        stays.prospect_id,
        max(stays.entered_at) as entered_at
    from stg_stage_history as stays
    cross join settings
    where stays.stage_order = settings.pre_approved_order
    group by stays.prospect_id
),

applications as (
    select distinct prospect_id
    from stg_loans
    where applied_on is not null
),

pre_approval_deadlines as (
    select
        'Pre-approval ages' as deadline,
        3 as kind_order,
        leads.prospect_id,
        cast(null as integer) as loan_id,
        cast(null as double) as amount,
        60 as listed_days_overdue,
        cast(
            timezone(
                settings.company_time_zone,
                coalesce(stays.entered_at, leads.stage_entered_at)
            ) as date
        )
        + settings.pre_approval_days_valid as due_date
    from stg_prospects as leads
    inner join int_lead_progress as progress
        on leads.prospect_id = progress.prospect_id
    cross join settings
    left join pre_approval_stays as stays
        on leads.prospect_id = stays.prospect_id
    left join applications on leads.prospect_id = applications.prospect_id
    where
        progress.is_open
        and leads.stage_order >= settings.pre_approved_order
        and leads.stage_order < settings.contract_order
        and applications.prospect_id is null
),

listed_deadlines as (
    select
        deadlines.deadline,
        deadlines.kind_order,
        deadlines.prospect_id,
        deadlines.loan_id,
        deadlines.amount,
        deadlines.due_date,
        date_diff('day', clock.as_of_day, deadlines.due_date) as days_left
    from (
        select * from loan_deadlines
        union all
        select * from pre_approval_deadlines
    ) as deadlines
    cross join clock
    cross join settings
    where
        date_diff('day', clock.as_of_day, deadlines.due_date)
        between -deadlines.listed_days_overdue and settings.deadline_days
)

select
    deadlines.deadline,
    deadlines.prospect_id,
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
    leads.do_not_call_label as do_not_call,
    deadlines.days_left,
    strftime(deadlines.due_date, '%Y-%m-%d') as due_on,
    case
        when deadlines.days_left < 0 then '1: overdue'
        when deadlines.days_left = 0 then '2: today'
        when deadlines.days_left <= 7 then '3: next 7 days'
        else '4: later'
    end as due_bucket,
    case
        when
            row_number() over (
                partition by deadlines.loan_id
                order by deadlines.due_date, deadlines.kind_order
            ) = 1
            then deadlines.amount
    end as deadline_volume
from listed_deadlines as deadlines
inner join stg_prospects as leads
    on deadlines.prospect_id = leads.prospect_id
where not leads.is_disqualified
