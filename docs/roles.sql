-- Two users of the database: one that loads, one that only reads for Rill.
-- Run as the tables' owner, after `init-db`, with passwords of your own:
--   psql "$DATABASE_URL" -v loader_password=... -v reader_password=... \
--       -f docs/roles.sql

create role bonzo_loader login password :'loader_password';
create role bonzo_reader login password :'reader_password';

-- The loader stages rows in temporary tables and changes rows, never tables.
do $$
begin
    execute format(
        'grant connect, temporary on database %I to bonzo_loader',
        current_database()
    );
    execute format(
        'grant connect on database %I to bonzo_reader', current_database()
    );
end
$$;
grant usage on schema public, loader to bonzo_loader, bonzo_reader;
grant select, insert, update, delete on all tables in schema public, loader
to bonzo_loader;
grant usage, select on all sequences in schema public, loader to bonzo_loader;

-- Rill reads, and could not write even where somebody granted it more.
grant select on all tables in schema public, loader to bonzo_reader;
alter role bonzo_reader set default_transaction_read_only = on;

-- Tables of later versions, too.
alter default privileges in schema public, loader
grant select, insert, update, delete on tables to bonzo_loader;
alter default privileges in schema public, loader
grant usage, select on sequences to bonzo_loader;
alter default privileges in schema public, loader
grant select on tables to bonzo_reader;
