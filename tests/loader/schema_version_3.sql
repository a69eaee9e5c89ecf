-- The database that the loader fills and Rill reads.
-- Run it with `psql -f schema.sql`; running it again changes nothing.
--
-- Part 1 is the team's document: nine tables, nine stages, eight indexes.
-- Part 2 holds this product's additions, each with its reason.

-- Names without a schema are in `public`, whatever the role or database says.
set search_path to public;


-- ---------------------------------------------------------------------------
-- Part 1: the document's tables
-- ---------------------------------------------------------------------------

-- One row per standardized qualification stage; disqualified stages lie
-- outside the funnel.
create table if not exists qualification_stages (
    stage_id serial primary key,
    stage_name varchar(50) not null,
    stage_order int not null,
    is_disqualify boolean default false
);

-- One row per origin of prospects: a vendor, an ad channel, a referral.
create table if not exists lead_sources (
    lead_source_id serial primary key,
    source_name varchar(100) not null,
    created_at timestamp with time zone default now(),
    updated_at timestamp with time zone default now()
);

-- One row per team member; user_id is Bonzo's own id.
create table if not exists users (
    user_id serial primary key,
    first_name varchar(50) not null,
    last_name varchar(50) not null,
    email varchar(100) unique not null,
    bonzo_user_id uuid unique not null,
    role varchar(20),
    created_at timestamp with time zone default now(),
    updated_at timestamp with time zone default now()
);

-- One row per prospect with its current stage; prospect_id is Bonzo's own id.
create table if not exists prospects (
    prospect_id serial primary key,
    first_name varchar(50),
    last_name varchar(50),
    email varchar(100),
    phone varchar(20),
    lead_source_id int references lead_sources (lead_source_id),
    qualification_stage_id int references qualification_stages (stage_id),
    assigned_to int references users (user_id),
    created_at timestamp with time zone default now(),
    updated_at timestamp with time zone default now(),
    stage_entered_at timestamp with time zone,
    stage_exited_at timestamp with time zone,
    do_not_call boolean default false
);

-- One row per campaign, a sequence of touches.
create table if not exists campaigns (
    campaign_id uuid primary key default gen_random_uuid(),
    campaign_name varchar(100) not null,
    description text,
    created_at timestamp with time zone default now(),
    updated_at timestamp with time zone default now()
);

-- One row per step of a campaign, not per message sent.
create table if not exists touches (
    touch_id uuid primary key default gen_random_uuid(),
    campaign_id uuid references campaigns (campaign_id),
    touch_order int not null,
    touch_type varchar(20) not null,
    content text not null,
    scheduled_delay int not null,
    created_at timestamp with time zone default now(),
    updated_at timestamp with time zone default now()
);

-- One row per enrollment of a prospect in a campaign.
create table if not exists prospect_campaign_assignments (
    assignment_id uuid primary key default gen_random_uuid(),
    prospect_id int references prospects (prospect_id),
    campaign_id uuid references campaigns (campaign_id),
    assigned_at timestamp with time zone default now(),
    completed_at timestamp with time zone,
    status varchar(20) default 'Active'
);

-- One row per thing that happened: Sent, Delivered, Opened, Clicked,
-- Responded. Without a touch it was a person's own message.
create table if not exists touch_engagements (
    engagement_id uuid primary key default gen_random_uuid(),
    prospect_id int references prospects (prospect_id),
    touch_id uuid references touches (touch_id),
    engagement_type varchar(20),
    engagement_time timestamp with time zone default now(),
    content text,
    campaign_id uuid references campaigns (campaign_id)
);

-- One row per loan; Bonzo has one mortgage record per prospect, so the loader
-- writes loan_id = prospect_id.
create table if not exists loans (
    loan_id serial primary key,
    prospect_id int references prospects (prospect_id),
    loan_amount numeric,
    property_value numeric,
    loan_type varchar(50),
    interest_rate numeric,
    status varchar(20),
    created_at timestamp with time zone default now(),
    updated_at timestamp with time zone default now()
);

create index if not exists idx_prospects_lead_source_id
on prospects (lead_source_id);
create index if not exists idx_prospects_qualification_stage_id
on prospects (qualification_stage_id);
create index if not exists idx_prospects_assigned_to on prospects (assigned_to);
create index if not exists idx_te_prospect_id on touch_engagements (
    prospect_id
);
create index if not exists idx_te_touch_id on touch_engagements (touch_id);
create index if not exists idx_te_campaign_id on touch_engagements (
    campaign_id
);
create index if not exists idx_campaigns_campaign_name
on campaigns (campaign_name);
create index if not exists idx_loans_prospect_id on loans (prospect_id);

-- The nine stages. `where not exists` rather than `on conflict`, which would
-- burn serial numbers on every run.
insert into qualification_stages (stage_name, stage_order, is_disqualify)
select
    standard.stage_name,
    standard.stage_order,
    standard.is_disqualify
from (
    values
    ('Staging', 1, false),
    ('Sending', 2, false),
    ('Working', 3, false),
    ('Pre-Qual', 4, false),
    ('Pre-Approved', 5, false),
    ('Hot PAL', 6, false),
    ('O/I PAL', 7, false),
    ('SPA/REFI', 8, false),
    ('Re-Marketing', 9, true)
) as standard (stage_name, stage_order, is_disqualify)
where
    not exists (
        select 1
        from qualification_stages as present
        where present.stage_name = standard.stage_name
    )
order by standard.stage_order;


-- ---------------------------------------------------------------------------
-- Part 2: additions
-- ---------------------------------------------------------------------------

-- Stages and sources are matched by name, so a name may occur only once.
create unique index if not exists uq_qualification_stages_stage_name
on qualification_stages (stage_name);
create unique index if not exists uq_lead_sources_source_name
on lead_sources (source_name);

-- One row per (prospect, stage, entry time) that a load has seen. Without it
-- stage conversion is a guess: prospects holds the current stage alone.
create table if not exists prospect_stage_history (
    prospect_id int not null,
    stage_id int not null,
    entered_at timestamp with time zone not null,
    first_seen_at timestamp with time zone default now(),
    primary key (prospect_id, stage_id, entered_at)
);

-- Dates of a loan that Bonzo has and the document's loans table has no column
-- for. closed_on may lie in the future: then it is a planned closing.
create table if not exists loan_dates (
    loan_id int primary key references loans (loan_id),
    applied_on date,
    rate_locked_on date,
    closed_on date
);

-- What a prospect's record says beyond the document's columns: one row per
-- prospect. State and property_state are two letters, time_zone an IANA name.
create table if not exists prospect_details (
    prospect_id int primary key references prospects (prospect_id),
    city text,
    state text,
    property_state text,
    time_zone text,
    credit_score int,
    loan_purpose text,
    loan_program text
);

-- The tags that a prospect has now: one row per prospect and tag.
create table if not exists prospect_tags (
    prospect_id int not null references prospects (prospect_id),
    tag text not null,
    primary key (prospect_id, tag)
);

-- The loader's own state. Nothing here is a metric.
create schema if not exists loader;

-- The version of these additions; a loader refuses a newer database.
create table if not exists loader.schema_version (
    only_row boolean primary key default true check (only_row),
    applied_version int not null
);
insert into loader.schema_version (applied_version)
select 1
where not exists (select 1 from loader.schema_version);

-- One row per run. outcome is null while the run is under way.
create table if not exists loader.sync_runs (
    run_id bigint generated by default as identity primary key,
    started_at timestamp with time zone not null default now(),
    finished_at timestamp with time zone,
    outcome text check (outcome in ('complete', 'partial', 'failed'))
);
alter table loader.sync_runs
add column if not exists message text,
add column if not exists warnings text,
add column if not exists requests bigint default 0,
add column if not exists prospects_read bigint default 0,
add column if not exists messages_read bigint default 0,
add column if not exists rows_changed bigint default 0,
add column if not exists rejected_records bigint default 0,
add column if not exists noted_fields bigint default 0,
add column if not exists prospects_gone bigint default 0,
add column if not exists next_run_at timestamp with time zone;

-- One row per prospect ever seen: a row that the last complete run did not see
-- again belongs to a prospect that is gone (deleted or merged) in Bonzo.
create table if not exists loader.sync_prospects (
    prospect_id int primary key,
    last_seen_at timestamp with time zone
);
-- fingerprint and rules_version: what the stored messages were read under.
-- listed: keys of the campaigns that the prospect is in. sequences: those whose
-- steps it was sent; a negative one is a campaign that takes an unknown
-- sequence's place. unknown_events: steps whose sequence nothing names yet.
-- yields_to: whose messages its list shows, too. hidden_at: since when the
-- token may not see it.
alter table loader.sync_prospects
add column if not exists fingerprint text,
add column if not exists rules_version text,
add column if not exists messages_read_at timestamp with time zone,
add column if not exists last_message_at timestamp with time zone,
add column if not exists listed text[],
add column if not exists sequences bigint[],
add column if not exists unknown_events bigint[],
add column if not exists yields_to int[],
add column if not exists opted_out_seen_at timestamp with time zone,
add column if not exists gone_at timestamp with time zone,
add column if not exists hidden_at timestamp with time zone;

-- One row per value (field given) or whole record (field null) that could not
-- be stored. The original is text: jsonb refuses NUL, lone surrogates and NaN.
create table if not exists loader.rejected_records (
    rejection_id bigint generated by default as identity primary key,
    resource text,
    id text,
    field text,
    reason text,
    original text,
    run_id bigint
);
alter table loader.rejected_records
add column if not exists prospect_id int;
-- For the loader, which replaces what it noted about a record.
create index if not exists idx_rejected_records_resource_id
on loader.rejected_records (resource, id);
create index if not exists idx_rejected_records_prospect_id
on loader.rejected_records (prospect_id);

-- Known starts of enrollments: Bonzo shows the present campaign alone.
-- is_first_seen marks the time at which a load first saw a campaign that Bonzo
-- gives no start for.
create table if not exists loader.enrollment_starts (
    prospect_id int not null,
    campaign_id uuid not null,
    started_at timestamp with time zone not null,
    primary key (prospect_id, campaign_id, started_at)
);
alter table loader.enrollment_starts
add column if not exists campaign_key text,
add column if not exists is_first_seen boolean default false;

-- Where a step's order and delay come from: the user's mapping file (listed)
-- or the campaign's own habit (derived). type_at and type_message name the
-- message that the step's type was read from.
create table if not exists loader.touch_origins (
    touch_id uuid primary key,
    origin text not null check (origin in ('listed', 'derived'))
);
alter table loader.touch_origins
add column if not exists sequence_id bigint,
add column if not exists event_id bigint,
add column if not exists type_at timestamp with time zone,
add column if not exists type_message bigint;

-- Which campaign a sequence belongs to: as the campaign list says (is_known),
-- else as most of its prospects suggest.
create table if not exists loader.sequences (
    sequence_id bigint primary key,
    campaign_key text not null,
    is_known boolean not null default false,
    stop_on_response boolean not null default false
);

-- The address that each team member uses in Bonzo; users.email must be unique,
-- so of two members with one address only one has it there.
create table if not exists loader.user_emails (
    user_id int primary key,
    email text
);

-- The one service that this database is loaded from. Another is refused.
-- project_id is that of the installation whose embedded server holds the
-- database: the loader of another one is refused.
create table if not exists loader.origin (
    only_row boolean primary key default true check (only_row),
    origin text not null
);
alter table loader.origin
add column if not exists project_id text;

-- The people that `forget` removed: one row per prospect, and one per message
-- of theirs, so that a merge in Bonzo does not bring them back. keyed_hash is
-- an HMAC-SHA-256 of the id under loader.forgotten_key; no id is kept.
create table if not exists loader.forgotten (
    keyed_hash bytea primary key,
    kind text not null check (kind in ('prospect', 'message'))
);
alter table loader.forgotten
add column if not exists forgotten_at timestamp with time zone default now(),
add column if not exists forgotten_by text;

-- The random secret of these hashes: ids are small numbers, which anybody
-- could hash one by one.
create table if not exists loader.forgotten_key (
    only_row boolean primary key default true check (only_row),
    secret bytea not null
);
