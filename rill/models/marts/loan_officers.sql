with source_rates as (
    select
        lead_source,
        count(*) filter (where is_funded_in_time) / count(*) as funded_rate
    from int_lead_progress
    where is_in_funded_cohort
    group by lead_source
),

lead_sums as (
    select
        int_lead_progress.user_id,
        count(*) as leads,
        count(*) filter (where int_lead_progress.is_open) as open_leads,
        count(*) filter (where int_lead_progress.is_stale) as stale_leads,
        count(*) filter (where int_lead_progress.do_not_call) as dnc_leads,
        count(*) filter (where int_lead_progress.has_closed_loan) as funded_leads,
        count(*) filter (where int_lead_progress.is_in_funded_cohort)
            as cohort_leads,
        count(*) filter (where int_lead_progress.is_funded_in_time)
            as cohort_funded_leads,
        count(*) filter (where int_lead_progress.age_ms <= 28 * 86400000.0)
            as recent_leads,
        sum(int_lead_progress.funded_amount) as funded_volume,
        sum(source_rates.funded_rate)
        filter (where int_lead_progress.is_in_funded_cohort)
            as expected_funded_leads
    from int_lead_progress
    left join source_rates
        on int_lead_progress.lead_source = source_rates.lead_source
    where int_lead_progress.user_id is not null
    group by int_lead_progress.user_id
),

enrollment_sums as (
    select
        stg_prospects.user_id,
        count(*) as enrollments,
        count(*) filter (where stg_enrollments.status = 'Opted Out') as opt_outs
    from stg_enrollments
    inner join stg_prospects
        on stg_enrollments.prospect_id = stg_prospects.prospect_id
    where stg_prospects.user_id is not null
    group by stg_prospects.user_id
),

roster_size as (
    select count(email) as listed_rows
    from stg_officers_file
)

select
    stg_users.user_id,
    stg_users.loan_officer,
    stg_users.team,
    stg_users.email as officer_email,
    stg_users.team_lead_email,
    stg_users.is_active as is_active_officer,
    cast(lead_sums.funded_volume as double) as funded_volume,
    lead_sums.expected_funded_leads,
    case when stg_users.is_active then 'yes' else 'no' end as is_active,
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
from stg_users
cross join roster_size
left join lead_sums on stg_users.user_id = lead_sums.user_id
left join enrollment_sums on stg_users.user_id = enrollment_sums.user_id
-- Without a roster, whoever owns a lead is an officer. With one, those in it
-- are, even if they own nothing: an empty book is part of the balance.
where
    stg_users.in_roster
    or (roster_size.listed_rows = 0 and lead_sums.user_id is not null)
