-- Two users of the database: one that loads, one that only reads for Rill.
-- Run it as the tables' owner after each `init-db`; users that exist already keep
-- their passwords. New ones get theirs from the environment:
--   LOADER_PASSWORD=... READER_PASSWORD=... psql "$DATABASE_URL" -f docs/roles.sql
-- A new user without one cannot log in until `\password bonzo_loader` sets it.

\set ON_ERROR_STOP on
\set QUIET on
\set loader_password ''
\set reader_password ''
\getenv loader_password LOADER_PASSWORD
\getenv reader_password READER_PASSWORD

select format('create role bonzo_loader login password %L', nullif(:'loader_password', ''))
where not exists (select from pg_roles where rolname = 'bonzo_loader') \gexec
select format('create role bonzo_reader login password %L', nullif(:'reader_password', ''))
where not exists (select from pg_roles where rolname = 'bonzo_reader') \gexec

-- The loader stages rows in temporary tables and changes rows, never tables.
select format(
    'grant connect, temporary on database %I to bonzo_loader', current_database()
) \gexec
select format(
    'grant connect on database %I to bonzo_reader', current_database()
) \gexec
grant usage on schema public, loader to bonzo_loader, bonzo_reader;
grant select, insert, update, delete on all tables in schema public, loader
to bonzo_loader;
grant usage, select on all sequences in schema public, loader to bonzo_loader;

-- Tables of later versions, too.
alter default privileges in schema public, loader
grant select, insert, update, delete on tables to bonzo_loader;
alter default privileges in schema public, loader
grant usage, select on sequences to bonzo_loader;

-- Rill reads what rill/sources/ selects and nothing else: not the texts of
-- messages, not the originals of rejected records. It could not write even where
-- somebody granted it more.
alter role bonzo_reader set default_transaction_read_only = on;
alter default privileges in schema public, loader
revoke select on tables from bonzo_reader;
revoke all on all tables in schema public, loader from bonzo_reader;
select format('grant select on %s to bonzo_reader', name)
from unnest(array[
    'campaigns',
    'lead_sources',
    'loan_dates',
    'loans',
    'prospect_campaign_assignments',
    'prospect_details',
    'prospect_stage_history',
    'prospect_tags',
    'prospects',
    'qualification_stages',
    'users',
    'loader.sync_prospects',
    'loader.sync_runs',
    'loader.touch_origins'
]) as name
where to_regclass(name) is not null \gexec
grant select (
    touch_id, campaign_id, touch_order, touch_type, scheduled_delay
) on touches to bonzo_reader;
grant select (
    prospect_id, touch_id, engagement_type, engagement_time, campaign_id
) on touch_engagements to bonzo_reader;
grant select (
    rejection_id, resource, id, field, reason, run_id
) on loader.rejected_records to bonzo_reader;
