select
    cast(bonzo_prospect_campaign_assignments.assignment_id as varchar)
        as assignment_id,
    bonzo_prospect_campaign_assignments.prospect_id,
    bonzo_prospect_campaign_assignments.campaign_id,
    bonzo_prospect_campaign_assignments.assigned_at,
    bonzo_prospect_campaign_assignments.status,
    coalesce(bonzo_campaigns.campaign_name, 'No campaign') as campaign,
    case
        when bonzo_prospect_campaign_assignments.completed_at <= clock.as_of
            then bonzo_prospect_campaign_assignments.completed_at
    end as completed_at
from bonzo_prospect_campaign_assignments
inner join stg_prospects
    on
        bonzo_prospect_campaign_assignments.prospect_id
        = stg_prospects.prospect_id
cross join clock
left join bonzo_campaigns
    on
        bonzo_prospect_campaign_assignments.campaign_id
        = bonzo_campaigns.campaign_id
where bonzo_prospect_campaign_assignments.assigned_at <= clock.as_of
