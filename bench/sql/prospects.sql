-- Leads with where they live, their tags, their loan and their way through the
-- stages, from bench_leads. Needs the setting bench.officers.

insert into prospects (
    prospect_id, first_name, last_name, email, phone, lead_source_id,
    qualification_stage_id, assigned_to, created_at, updated_at,
    stage_entered_at, stage_exited_at, do_not_call
)
select
    leads.prospect_id,
    (array['Ada', 'Ben', 'Chloe', 'Derek', 'Eva', 'Farid', 'Grace', 'Hugo'])[
        1 + leads.prospect_id % 8
    ] as first_name,
    'Example ' || leads.prospect_id as last_name,
    -- One in fifty is somebody who is there already.
    'lead' || leads.prospect_id - (leads.prospect_id % 50 = 0)::int
    || '@mail.example' as email,
    '+1312' || lpad((
        leads.prospect_id - (leads.prospect_id % 50 = 0)::int
    )::text, 7, '0') as phone,
    sources.lead_source_id,
    stages.stage_id,
    users.user_id,
    leads.created_at,
    leads.created_at + leads.rounds * leads.round_length as updated_at,
    leads.created_at
    + least(leads.as_of - leads.created_at, interval '60 days')
    * leads.slowness as stage_entered_at,
    null as stage_exited_at,
    case when leads.fate < 0.9 then leads.fate < 0.05 end as do_not_call
from bench_leads as leads
inner join
    qualification_stages as stages
    on leads.stage_order = stages.stage_order
left join lead_sources as sources
    on
        width_bucket(
            pg_temp.chance(leads.prospect_id, 20),
            array[0, 0.22, 0.40, 0.54, 0.66, 0.76, 0.84, 0.90, 0.96]
        ) = sources.lead_source_id
left join users
    on
        floor(
            pg_temp.chance(leads.prospect_id, 21) ^ 1.3
            * current_setting('bench.officers')::int * 1.03
        ) + 1 = users.user_id;

-- Each stage up to the present one; who was disqualified came as far as
-- lost_at.
insert into prospect_stage_history (
    prospect_id, stage_id, entered_at, first_seen_at
)
select
    prospects.prospect_id,
    stages.stage_id,
    leads.created_at + (prospects.stage_entered_at - leads.created_at) * (
        case
            when stages.stage_order = leads.stage_order then 1.0
            else (stages.stage_order - 1.0) / 9
        end
    ) as entered_at,
    -- Loads began a year ago; what was then already past is known from them.
    greatest(
        leads.created_at + (prospects.stage_entered_at - leads.created_at) * (
            case
                when stages.stage_order = leads.stage_order then 1.0
                else (stages.stage_order - 1.0) / 9
            end
        ) + interval '10 minutes',
        leads.as_of - interval '365 days'
    ) as first_seen_at
from bench_leads as leads
inner join prospects on leads.prospect_id = prospects.prospect_id
inner join qualification_stages as stages
    on
        leads.stage_order = stages.stage_order
        or (
            leads.stage_order > stages.stage_order
            and (leads.stage_order < 9 or leads.lost_at >= stages.stage_order)
            -- Stages are skipped, the first ones seldom.
            and pg_temp.chance(leads.prospect_id, 30 + stages.stage_order)
            > stages.stage_order * 0.08
        );

insert into prospect_details (
    prospect_id, city, state, property_state, time_zone, credit_score,
    loan_purpose, loan_program
)
select
    leads.prospect_id,
    places.city,
    places.state,
    places.state as property_state,
    case
        when pg_temp.chance(leads.prospect_id, 41) < 0.75 then places.time_zone
    end as time_zone,
    case
        when pg_temp.chance(leads.prospect_id, 42) < 0.7
            then 520 + (pg_temp.chance(leads.prospect_id, 43) * 315)::int
    end as credit_score,
    case
        when pg_temp.chance(leads.prospect_id, 44) < 0.6 then 'Purchase'
        else 'Refinance'
    end as loan_purpose,
    (array['Conventional', 'FHA', 'VA', 'Jumbo'])[
        1 + leads.prospect_id % 4
    ] as loan_program
from bench_leads as leads
inner join (
    values
    (0, 'Chicago', 'IL', 'America/Chicago'),
    (1, 'Milwaukee', 'WI', 'America/Chicago'),
    (2, 'Austin', 'TX', 'America/Chicago'),
    (3, 'Columbus', 'OH', 'America/New_York'),
    (4, 'Tampa', 'FL', 'America/New_York'),
    (5, 'Denver', 'CO', 'America/Denver'),
    (6, 'Phoenix', 'AZ', 'America/Phoenix'),
    (7, 'San Diego', 'CA', 'America/Los_Angeles')
) as places (number, city, state, time_zone)
    on floor(pg_temp.chance(leads.prospect_id, 40) * 8) = places.number
where pg_temp.chance(leads.prospect_id, 45) < 0.9;

insert into prospect_tags (prospect_id, tag)
select
    leads.prospect_id,
    tags.tag
from bench_leads as leads
inner join (
    values
    (50, 'first time buyer', 0.20),
    (51, 'refi', 0.25),
    (52, 'veteran', 0.08),
    (53, 'investor', 0.06),
    (54, 'past client', 0.05),
    (55, 'se habla espanol', 0.07),
    (56, 'website', 0.30)
) as tags (salt, tag, share)
    on pg_temp.chance(leads.prospect_id, tags.salt) < tags.share;

-- Loans of who came to a pre-qualification, and some of who did not.
insert into loans (
    loan_id, prospect_id, loan_amount, property_value, loan_type,
    interest_rate, status, created_at, updated_at
)
select
    leads.prospect_id as loan_id,
    leads.prospect_id,
    1000 * (120 + (pg_temp.chance(leads.prospect_id, 60) * 600)::int)
        as loan_amount,
    1000 * (180 + (pg_temp.chance(leads.prospect_id, 60) * 760)::int)
        as property_value,
    case
        when pg_temp.chance(leads.prospect_id, 44) < 0.6 then 'Purchase'
        else 'Refinance'
    end as loan_type,
    5.25 + (pg_temp.chance(leads.prospect_id, 61) * 16)::int * 0.125
        as interest_rate,
    case
        when leads.stage_order = 8 then 'Closed'
        when leads.stage_order between 6 and 7 then 'Approved'
        else 'Pending'
    end as status,
    leads.created_at,
    leads.created_at as updated_at
from bench_leads as leads
where
    leads.stage_order between 4 and 8
    or pg_temp.chance(leads.prospect_id, 62) < 0.3;

insert into loan_dates (loan_id, applied_on, rate_locked_on, closed_on)
select
    loans.loan_id,
    prospects.stage_entered_at::date as applied_on,
    case
        when loans.status = 'Approved'
            then
                leads.as_of::date
                - (pg_temp.chance(loans.loan_id, 63) * 45)::int
        when loans.status = 'Closed' then prospects.stage_entered_at::date
    end as rate_locked_on,
    case
        when loans.status = 'Approved'
            then
                leads.as_of::date
                + 1 + (pg_temp.chance(loans.loan_id, 64) * 30)::int
        when loans.status = 'Closed'
            then
                least(
                    prospects.stage_entered_at::date
                    + (pg_temp.chance(loans.loan_id, 64) * 40)::int,
                    leads.as_of::date
                )
    end as closed_on
from loans
inner join prospects on loans.prospect_id = prospects.prospect_id
inner join bench_leads as leads on loans.prospect_id = leads.prospect_id
where loans.status != 'Pending';
