-- Officers with sums over the leads they own today. One row per officer: the
-- users in loan_officers.csv or, if that is empty, the users that own a lead.
-- Officers without leads count as zero.
-- @materialize: true
with source_rates as (
    select
        leads.lead_source,
        count(*) filter (where progress.is_funded_in_time) / count(*)
            as funded_rate
    from stg_prospects as leads
    inner join int_lead_progress as progress
        on leads.prospect_id = progress.prospect_id
    where progress.is_in_funded_cohort
    group by leads.lead_source
),

lead_sums as (
    select
        leads.user_id,
        count(*) as leads,
        count(*) filter (where progress.is_open) as open_leads,
        count(*) filter (where progress.is_stale) as stale_leads,
        count(*) filter (where leads.do_not_call) as dnc_leads,
        count(*) filter (where progress.has_closed_loan) as funded_leads,
        count(*) filter (where progress.is_in_funded_cohort) as cohort_leads,
        count(*) filter (where progress.is_funded_in_time)
            as cohort_funded_leads,
        count(*) filter (where leads.created_at >= clock.recent_from)
            as recent_leads,
        sum(progress.funded_amount) as funded_volume,
        sum(source_rates.funded_rate)
        filter (where progress.is_in_funded_cohort) as expected_funded_leads
    from stg_prospects as leads
    inner join int_lead_progress as progress
        on leads.prospect_id = progress.prospect_id
    cross join clock
    left join source_rates on leads.lead_source = source_rates.lead_source
    where leads.user_id is not null
    group by leads.user_id
),

enrollment_sums as (
    select
        leads.user_id,
        count(*) as enrollments,
        count(*) filter (where enrollments.status = 'Opted Out') as opt_outs
    from stg_enrollments as enrollments
    inner join stg_prospects as leads
        on enrollments.prospect_id = leads.prospect_id
    where leads.user_id is not null
    group by leads.user_id
),

officers_file as (
    select count(email) as listed_officers
    from stg_officers_file
)

select
    users.user_id,
    users.loan_officer,
    users.team,
    users.email as officer_email,
    users.team_lead_email,
    users.is_active as is_active_officer,
    lead_sums.funded_volume,
    lead_sums.expected_funded_leads,
    case when users.is_active then 'yes' else 'no' end as is_active,
    coalesce(lead_sums.leads, 0) as leads,
    coalesce(lead_sums.open_leads, 0) as open_leads,
    coalesce(lead_sums.stale_leads, 0) as stale_leads,
    coalesce(lead_sums.dnc_leads, 0) as dnc_leads,
    coalesce(lead_sums.funded_leads, 0) as funded_leads,
    coalesce(lead_sums.cohort_leads, 0) as cohort_leads,
    coalesce(lead_sums.cohort_funded_leads, 0) as cohort_funded_leads,
    coalesce(lead_sums.recent_leads, 0) as recent_leads,
    coalesce(enrollment_sums.enrollments, 0) as enrollments,
    coalesce(enrollment_sums.opt_outs, 0) as opt_outs
from stg_users as users
cross join officers_file
left join lead_sums on users.user_id = lead_sums.user_id
left join enrollment_sums on users.user_id = enrollment_sums.user_id
-- Without a list of officers, whoever owns a lead is one. With one, those in it
-- are, even if they own nothing: an empty book is part of the balance.
where
    users.is_in_officers_file
    or (officers_file.listed_officers = 0 and lead_sums.user_id is not null)
