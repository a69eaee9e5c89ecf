-- The sample rows of the document, repaired: where it has 'c1' or
-- 'touch_id_1' in place of an id, the row is found by its name. For a database
-- without a load: run it after schema.sql; running it again changes nothing.

set search_path to public;

insert into lead_sources (source_name)
select sample.source_name
from (
    values ('Google Ads'), ('Facebook Ads'), ('Organic Search')
) as sample (source_name)
where
    not exists (
        select 1
        from lead_sources as present
        where present.source_name = sample.source_name
    );

insert into users (first_name, last_name, email, bonzo_user_id, role)
select
    sample.first_name,
    sample.last_name,
    sample.email,
    gen_random_uuid() as bonzo_user_id,
    'user' as role
from (
    values
    ('Alice', 'Smith', 'alice@example.com'),
    ('Bob', 'Johnson', 'bob@example.com')
) as sample (first_name, last_name, email)
where
    not exists (
        select 1
        from users as present
        where present.email = sample.email
    );

insert into prospects (
    first_name,
    last_name,
    email,
    phone,
    lead_source_id,
    qualification_stage_id,
    assigned_to
)
select
    sample.first_name,
    sample.last_name,
    sample.email,
    sample.phone,
    origin_row.lead_source_id,
    stage.stage_id,
    officer.user_id
from (
    values
    (
        'John',
        'Doe',
        'john@example.com',
        '555-1234',
        'Google Ads',
        'alice@example.com'
    ),
    (
        'Jane',
        'Smith',
        'jane@example.com',
        '555-5678',
        'Facebook Ads',
        'bob@example.com'
    )
)
    as sample (
        first_name, last_name, email, phone, source_name, officer_email
    )
inner join lead_sources as origin_row
    on sample.source_name = origin_row.source_name
inner join qualification_stages as stage on stage.stage_name = 'Staging'
inner join users as officer on sample.officer_email = officer.email
where
    not exists (
        select 1
        from prospects as present
        where present.email = sample.email
    )
order by sample.email desc;

insert into campaigns (campaign_name, description)
select
    'Opener Campaign' as campaign_name,
    'Initial engagement sequence.' as description
where
    not exists (
        select 1
        from campaigns as present
        where present.campaign_name = 'Opener Campaign'
    );

insert into touches (
    campaign_id, touch_order, touch_type, content, scheduled_delay
)
select
    campaign.campaign_id,
    sample.touch_order,
    sample.touch_type,
    sample.content,
    sample.scheduled_delay
from (
    values
    (1, 'SMS', 'Hi {{first_name}}, this is {{sender_name}}.', 0),
    (2, 'Email', e'Subject: Checking In\nHi {{first_name}}...', 1440)
) as sample (touch_order, touch_type, content, scheduled_delay)
inner join campaigns as campaign on campaign.campaign_name = 'Opener Campaign'
where
    not exists (
        select 1
        from touches as present
        where
            present.campaign_id = campaign.campaign_id
            and present.touch_order = sample.touch_order
    );

insert into prospect_campaign_assignments (prospect_id, campaign_id)
select
    prospect.prospect_id,
    campaign.campaign_id
from prospects as prospect
inner join campaigns as campaign on campaign.campaign_name = 'Opener Campaign'
where
    prospect.email in ('john@example.com', 'jane@example.com')
    and not exists (
        select 1
        from prospect_campaign_assignments as present
        where
            present.prospect_id = prospect.prospect_id
            and present.campaign_id = campaign.campaign_id
    );

-- The first prospect answers the first touch.
insert into touch_engagements (
    prospect_id, touch_id, engagement_type, content, campaign_id
)
select
    prospect.prospect_id,
    touch.touch_id,
    'Responded' as engagement_type,
    'Thanks for reaching out!' as content,
    touch.campaign_id
from prospects as prospect
inner join campaigns as campaign on campaign.campaign_name = 'Opener Campaign'
inner join touches as touch
    on campaign.campaign_id = touch.campaign_id and touch.touch_order = 1
where
    prospect.email = 'john@example.com'
    and not exists (
        select 1
        from touch_engagements as present
        where
            present.prospect_id = prospect.prospect_id
            and present.touch_id = touch.touch_id
    );
