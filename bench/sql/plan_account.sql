-- What each made-up lead will be and do, in temporary tables that the scripts
-- beside this one read. Every choice is a hash of the lead's number, so the
-- same size gives the same account everywhere.
-- Needs the settings bench.prospects, bench.engagements, bench.as_of.

-- A number from 0 to 1 that looks random; `salt` tells the choices apart.
create function pg_temp.chance(item bigint, salt bigint)
returns double precision
language sql immutable parallel safe
as $$
    select (hashint8extended(item, salt) & 1048575) / 1048576.0::float8
$$;

-- What leads go through, over and over until their engagements are used up.
-- One row per event: of a step (touch_order from 1), of a person (0), of an
-- automation whose step nobody knows (-1). It comes `minutes` after the start
-- of the enrollment and `wait` minutes later, times how slow the people are.
create temporary table bench_plots (
    plot int,
    event_number int,
    touch_order int,
    kind text,
    minutes int,
    wait int
) on commit drop;
insert into bench_plots (plot, event_number, touch_order, kind, minutes, wait)
values
-- 1: never answers.
(1, 0, 1, 'Sent', 0, 0),
(1, 1, 1, 'Delivered', 1, 0),
(1, 2, 2, 'Sent', 180, 0),
(1, 3, 2, 'Delivered', 182, 0),
(1, 4, 3, 'Sent', 1440, 0),
(1, 5, 3, 'Delivered', 1441, 0),
(1, 6, 4, 'Sent', 2880, 0),
(1, 7, 4, 'Delivered', 2885, 0),
(1, 8, 5, 'Sent', 5760, 0),
(1, 9, 5, 'Delivered', 5761, 0),
(1, 10, 6, 'Sent', 10080, 0),
(1, 11, 6, 'Delivered', 10082, 0),
-- 2: opens the emails, one by a mail scanner.
(2, 0, 1, 'Sent', 0, 0),
(2, 1, 1, 'Delivered', 1, 0),
(2, 2, 2, 'Sent', 180, 0),
(2, 3, 2, 'Delivered', 182, 0),
(2, 4, 2, 'Opened', 183, 45),
(2, 5, 2, 'Clicked', 184, 60),
(2, 6, 3, 'Sent', 1440, 0),
(2, 7, 3, 'Delivered', 1441, 0),
(2, 8, 5, 'Sent', 5760, 0),
(2, 9, 5, 'Delivered', 5761, 0),
(2, 10, 6, 'Sent', 10080, 0),
(2, 11, 6, 'Delivered', 10082, 0),
(2, 12, 6, 'Opened', 10082, 0),
-- 3: answers the second text and talks with the officer.
(3, 0, 1, 'Sent', 0, 0),
(3, 1, 1, 'Delivered', 1, 0),
(3, 2, 2, 'Sent', 180, 0),
(3, 3, 2, 'Delivered', 182, 0),
(3, 4, 2, 'Opened', 183, 20),
(3, 5, 3, 'Sent', 1440, 0),
(3, 6, 3, 'Delivered', 1441, 0),
(3, 7, 3, 'Responded', 1442, 35),
(3, 8, 0, 'Sent', 1450, 90),
(3, 9, 0, 'Delivered', 1451, 90),
(3, 10, 0, 'Responded', 1460, 120),
(3, 11, 0, 'Sent', 1470, 150),
-- 4: answers at once; the officer writes first.
(4, 0, 0, 'Sent', 0, 15),
(4, 1, 1, 'Sent', 2, 15),
(4, 2, 1, 'Delivered', 3, 15),
(4, 3, 1, 'Responded', 4, 40),
(4, 4, 0, 'Sent', 30, 60),
(4, 5, 0, 'Responded', 40, 70),
(4, 6, 0, 'Sent', 50, 80),
(4, 7, 0, 'Delivered', 51, 80),
-- 5: opts out by the second text.
(5, 0, 1, 'Sent', 0, 0),
(5, 1, 1, 'Delivered', 1, 0),
(5, 2, 2, 'Sent', 180, 0),
(5, 3, 2, 'Delivered', 182, 0),
(5, 4, 3, 'Sent', 1440, 0),
(5, 5, 3, 'Delivered', 1441, 0),
(5, 6, 3, 'Responded', 1442, 25),
-- 6: a wrong number, so texts are sent and not delivered.
(6, 0, 1, 'Sent', 0, 0),
(6, 1, 2, 'Sent', 180, 0),
(6, 2, 2, 'Delivered', 182, 0),
(6, 3, 3, 'Sent', 1440, 0),
(6, 4, 4, 'Sent', 2880, 0),
(6, 5, 6, 'Sent', 10080, 0),
(6, 6, 6, 'Delivered', 10082, 0),
-- 7: in no campaign for long; an automation of the pipeline writes.
(7, 0, 0, 'Sent', 0, 30),
(7, 1, 1, 'Sent', 60, 0),
(7, 2, 1, 'Delivered', 61, 0),
(7, 3, -1, 'Sent', 3000, 0),
(7, 4, -1, 'Delivered', 3001, 0);

-- Who the leads are. Older ones had time for more engagements, up to 60 days;
-- one in twenty was never written to.
create temporary table bench_leads on commit drop as
with plots as (
    select
        plot,
        count(*) as events
    from bench_plots
    group by plot
),

numbered as (
    select
        number,
        current_setting('bench.as_of')::timestamptz as as_of,
        current_setting('bench.engagements')::bigint as engagements,
        1 + (current_setting('bench.prospects')::bigint - number) * 729
        / current_setting('bench.prospects')::bigint as age_days
    from
        generate_series(
            1, current_setting('bench.prospects')::bigint
        ) as numbers (number)
),

with_choices as (
    select
        number::int as prospect_id,
        as_of,
        engagements,
        age_days,
        -- Between eight in the morning and eight in the evening, Chicago time.
        date_trunc('day', as_of, 'UTC')
        - make_interval(days => age_days::int)
        + interval '13 hours'
        + pg_temp.chance(number, 1) * interval '12 hours' as created_at,
        case
            when pg_temp.chance(number, 2) < 0.05 then 0
            else
                least(age_days, 60)
                * (20 + (pg_temp.chance(number, 3) * 80)::int)
        end as weight,
        width_bucket(
            pg_temp.chance(number, 4),
            array[0, 0.34, 0.56, 0.72, 0.84, 0.88, 0.95]
        ) as plot,
        1 + (pg_temp.chance(number, 5) * 8)::int as first_campaign,
        pg_temp.chance(number, 6) as slowness,
        -- The stage a lead gets to in the end; young ones are on their way.
        width_bucket(
            pg_temp.chance(number, 7)
            * case when age_days < 14 then 0.6 else 1 end,
            array[0, 0.06, 0.18, 0.50, 0.60, 0.66, 0.70, 0.73, 0.82]
        ) as stage_order,
        -- How far those came who were disqualified.
        1 + (pg_temp.chance(number, 8) * 4)::int as lost_at,
        pg_temp.chance(number, 9) as fate
    from numbered
),

with_sums as (
    select
        *,
        sum(weight) over (order by prospect_id) as weight_so_far,
        sum(weight) over () as total_weight
    from with_choices
),

with_counts as (
    select
        *,
        trunc(engagements * weight_so_far / total_weight)
        - trunc(engagements * (weight_so_far - weight) / total_weight)
            as engagement_count
    from with_sums
)

select
    leads.prospect_id,
    leads.created_at,
    leads.plot,
    leads.first_campaign,
    leads.slowness,
    leads.stage_order,
    leads.lost_at,
    leads.fate,
    leads.as_of,
    leads.engagement_count::int as engagement_count,
    plots.events as events_per_round,
    ceil(leads.engagement_count / plots.events)::int as rounds,
    -- A round takes three weeks, or as long as a lead's age leaves for each.
    least(
        interval '21 days',
        (leads.as_of - leads.created_at)
        / greatest(ceil(leads.engagement_count / plots.events), 1)::float8
    ) as round_length
from with_counts as leads
inner join plots on leads.plot = plots.plot;
create unique index bench_leads_key on bench_leads (prospect_id);
analyze bench_leads;
analyze bench_plots;

-- What leads go through once: one row per lead and round. pace is the share of
-- the three weeks that the round takes.
create temporary table bench_rounds on commit drop as
select
    leads.prospect_id,
    leads.plot,
    rounds.number as round_number,
    1 + (leads.first_campaign + rounds.number) % 12 as campaign,
    leads.created_at + rounds.number * leads.round_length as started_at,
    extract(epoch from leads.round_length)
    / extract(epoch from interval '21 days') as pace,
    0.2 + 2.5 * leads.slowness as slowness,
    case
        when rounds.number < leads.rounds - 1 then 'Completed'
        when
            leads.plot = 5
            and leads.engagement_count = leads.rounds * leads.events_per_round
            then 'Opted Out'
        when
            leads.created_at + rounds.number * leads.round_length
            > leads.as_of - interval '21 days'
            then 'Active'
        else 'Completed'
    end as status,
    least(
        leads.events_per_round,
        leads.engagement_count - rounds.number * leads.events_per_round
    ) as events
from bench_leads as leads
cross join lateral generate_series(0, leads.rounds - 1) as rounds (number);
analyze bench_rounds;
