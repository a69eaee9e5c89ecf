-- Enrollments of leads. One row per enrollment begun by the clock's moment.
-- completed_at after it is read as empty.
-- @materialize: true
select
    cast(enrollments.assignment_id as varchar) as assignment_id,
    enrollments.prospect_id,
    enrollments.campaign_id,
    enrollments.assigned_at,
    enrollments.status,
    coalesce(campaigns.campaign_name, 'No campaign') as campaign,
    case
        when enrollments.completed_at <= clock.as_of
            then enrollments.completed_at
    end as completed_at
from bonzo_prospect_campaign_assignments as enrollments
inner join stg_prospects as leads
    on enrollments.prospect_id = leads.prospect_id
cross join clock
left join bonzo_campaigns as campaigns
    on enrollments.campaign_id = campaigns.campaign_id
where enrollments.assigned_at <= clock.as_of
