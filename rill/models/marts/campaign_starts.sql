-- When each campaign enrolled its first lead, in company time; marks on the
-- time axes of explores. One row per campaign.
-- @materialize: true
select
    enrollments.campaign,
    min(timezone(settings.company_time_zone, enrollments.assigned_at)) as time,
    concat('Campaign began: ', enrollments.campaign) as description
from stg_enrollments as enrollments
cross join settings
group by enrollments.campaign
