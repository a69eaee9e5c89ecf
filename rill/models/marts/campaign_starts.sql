select
    stg_enrollments.campaign,
    min(timezone(settings.company_time_zone, stg_enrollments.assigned_at))
        as time,
    concat('Campaign began: ', stg_enrollments.campaign) as description
from stg_enrollments
cross join settings
group by stg_enrollments.campaign
