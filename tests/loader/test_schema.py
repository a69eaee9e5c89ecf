"""schema.sql against the document, against itself, and against older databases."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict

from demo.server import FakeBonzo
from loader.database import tables
from loader.database.connection import connect
from loader.database.schema import VERSION, init_db, require_schema
from loader.errors import LoaderError
from tests.loader.conftest import Load, snapshot
from tests.loader.records import prospect

ROOT = Path(__file__).parent.parent.parent
DOCUMENT = (Path(__file__).parent / "document_schema.sql").read_text()
TABLES_OF_ALL = sorted((*tables.LOADED, *tables.FIXED))
TABLES = re.findall(r"^CREATE TABLE (\w+)", DOCUMENT, re.M)


def columns(connection: Connection) -> list[tuple]:
    """Every column of the document's tables as the catalog describes it."""
    return connection.execute(
        """
        select
            table_name, ordinal_position, column_name, data_type,
            character_maximum_length, numeric_precision, column_default, is_nullable
        from information_schema.columns
        where table_schema = 'public' and table_name = any(%s)
        order by 1, 2
        """,
        [TABLES],
    ).fetchall()


def constraints(connection: Connection) -> set[tuple]:
    """Keys, unique and foreign keys of the document's tables."""
    return set(
        connection.execute(
            """
            select conrelid::regclass::text, conname, pg_get_constraintdef(oid)
            from pg_constraint
            where contype in ('p', 'u', 'f', 'c') and conrelid::regclass::text = any(%s)
            """,
            [TABLES],
        )
    )


def indexes(connection: Connection) -> set[tuple]:
    """Indexes of the document's tables."""
    return set(
        connection.execute(
            "select tablename, indexname, indexdef from pg_indexes "
            "where schemaname = 'public' and tablename = any(%s)",
            [TABLES],
        )
    )


@pytest.fixture
def document(empty_database: str) -> str:
    """DSN of a database made by hand from the document."""
    with psycopg.connect(empty_database) as connection:
        connection.execute(DOCUMENT)
    return empty_database


def test_the_tables_are_the_documents(database: str, document: str) -> None:
    """Nine tables, their columns, keys and eight indexes are as printed."""
    with psycopg.connect(database) as ours, psycopg.connect(document) as theirs:
        assert len({row[0] for row in columns(theirs)}) == len(TABLES)
        assert columns(ours) == columns(theirs)
        assert constraints(ours) == constraints(theirs)
        named = [i for i in indexes(theirs) if i[1].startswith("idx_")]
        assert len(named) == 8
        extra = indexes(ours) - indexes(theirs)
        assert indexes(theirs) <= indexes(ours)
        assert {name for _, name, _ in extra} == {
            "uq_qualification_stages_stage_name",
            "uq_lead_sources_source_name",
        }


def test_the_stages_are_the_documents(database: str, document: str) -> None:
    """The nine stages have the document's numbers, names and order."""
    query = "select * from qualification_stages order by stage_id"
    with psycopg.connect(database) as ours, psycopg.connect(document) as theirs:
        assert ours.execute(query).fetchall() == theirs.execute(query).fetchall()
        assert len(ours.execute(query).fetchall()) == 9


def test_applying_it_again_changes_nothing(database: str) -> None:
    """A second run writes no row and burns no serial number."""
    text = (ROOT / "schema.sql").read_text()
    sequence = "select last_value from qualification_stages_stage_id_seq"
    before = snapshot(database)
    with psycopg.connect(database, autocommit=True) as connection:
        number = connection.execute(sequence).fetchone()
        connection.execute(text)
        assert connection.execute(sequence).fetchone() == number
        assert init_db(connection) == []
    assert snapshot(database) == before


def test_the_sample_rows_load_twice(database: str) -> None:
    """The repaired sample has the document's rows, once, however often it runs."""
    text = (ROOT / "sample_data.sql").read_text()
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(text)
    before = snapshot(database)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(text)
    assert snapshot(database) == before
    expected = (9, 3, 2, 2, 1, 2, 2, 1, 0)
    assert {name: len(before[name]) for name in TABLES} == dict(
        zip(TABLES, expected, strict=True)
    )


def test_a_hand_made_database_gets_what_it_lacks(document: str) -> None:
    """Tables made from the document stay, with their rows, and gain the additions."""
    with psycopg.connect(document, autocommit=True) as connection:
        connection.execute("insert into lead_sources (source_name) values ('Mine')")
    before = snapshot(document)
    with connect(document) as connection:
        added = init_db(connection)
    after = snapshot(document)
    assert "loader.sync_runs.run_id" in added
    assert not [name for name in added if name.startswith("public.lead_sources")]
    assert {name: after[name] for name in before} == before


def test_an_older_version_gets_the_new_columns(database: str) -> None:
    """Columns that an earlier version did not have are added; rows stay."""
    with connect(database) as connection:
        connection.execute("alter table loader.sync_prospects drop column fingerprint")
        connection.execute("alter table loader.sync_runs drop column requests")
        connection.execute("insert into loader.sync_runs (outcome) values ('complete')")
        connection.execute("update loader.schema_version set applied_version = 1")
        added = init_db(connection)
        assert "loader.sync_prospects.fingerprint" in added
        assert "loader.sync_runs.requests" in added
        runs = connection.execute("select count(*) from loader.sync_runs").fetchone()
        assert runs == (1,)


def test_a_newer_database_is_refused(database: str) -> None:
    """A database set up by a later version is left alone, with a sentence."""
    with connect(database) as connection:
        connection.execute(
            "update loader.schema_version set applied_version = %s", [VERSION + 1]
        )
        with pytest.raises(LoaderError, match="newer version"):
            init_db(connection)


@pytest.mark.parametrize(
    ("table", "column", "extra"),
    [
        ("qualification_stages", "stage_name", ", stage_order"),
        ("lead_sources", "source_name", ""),
    ],
)
def test_doubled_names_are_not_guessed_about(
    document: str, table: str, column: str, extra: str
) -> None:
    """A name that occurs twice stops init-db, which then adds nothing."""
    with connect(document) as connection:
        values = "('Twice', 1), ('Twice', 1)" if extra else "('Twice'), ('Twice')"
        connection.execute(f"insert into {table} ({column}{extra}) values {values}")
        with pytest.raises(LoaderError, match=r"'Twice' more than once"):
            init_db(connection)
        found = connection.execute("select to_regnamespace('loader')").fetchone()
        assert found == (None,)


def test_a_missing_column_is_named(document: str) -> None:
    """A hand-made table without a column that the loader writes is named."""
    with connect(document) as connection:
        connection.execute("alter table loans drop column interest_rate")
        with pytest.raises(LoaderError, match=r"loans\.interest_rate"):
            init_db(connection)


def test_the_last_stage_alone_is_disqualified(
    rows: Callable[..., list[dict]],
) -> None:
    """Orders run from 1 to 9 and only the last stage is disqualified."""
    found = rows("select * from qualification_stages order by stage_order")
    assert [row["stage_order"] for row in found] == list(range(1, 10))
    assert [row["is_disqualify"] for row in found] == [False] * 8 + [True]


def test_a_role_without_ddl_is_content_with_what_is_there(
    database: str, document: str
) -> None:
    """Where the owner has set everything up, init-db has nothing to do."""
    for dsn, ready in ((database, True), (document, False)):
        with connect(dsn) as connection:
            connection.execute("revoke create on schema public from public")
            connection.execute("create role no_ddl_role")
            try:
                for schema in ("public", "loader"):
                    if schema == "public" or ready:
                        connection.execute(
                            f"grant usage on schema {schema} to no_ddl_role"
                        )
                        connection.execute(
                            "grant select on all tables in schema "
                            f"{schema} to no_ddl_role"
                        )
                connection.execute("set role no_ddl_role")
                if ready:
                    assert init_db(connection) == []
                else:
                    with pytest.raises(LoaderError, match="lacks a privilege"):
                        init_db(connection)
            finally:
                connection.execute("reset role")
                connection.execute("drop owned by no_ddl_role")
                connection.execute("drop role no_ddl_role")


# What each version added, to be taken away again; and a column by which it shows.
ADDED = {
    2: (
        "drop table prospect_details, prospect_tags; "
        "alter table loader.origin drop column project_id; "
        "alter table loader.sync_prospects drop column unknown_events",
        "public.prospect_tags.tag",
    ),
    3: (
        "drop table loader.forgotten, loader.forgotten_key; "
        "alter table loader.sync_prospects drop column yields_to",
        "loader.forgotten.forgotten_by",
    ),
    4: (
        "alter table loader.sync_prospects drop column record_hash",
        "loader.sync_prospects.record_hash",
    ),
}
OLDER = range(1, VERSION)


def strip(connection: Connection, version: int) -> None:
    """Take away what later versions added, as if the database had never had it."""
    for added in range(version + 1, VERSION + 1):
        connection.execute(ADDED[added][0])
    connection.execute(
        "update loader.schema_version set applied_version = %s", [version]
    )


@pytest.mark.parametrize("version", OLDER)
def test_a_stripped_database_is_an_older_one(
    database: str, empty_database: str, version: int
) -> None:
    """The older database of the next test has the columns that its version had."""
    query = (
        "select table_schema, table_name, column_name, data_type "
        "from information_schema.columns where table_schema in ('public', 'loader')"
    )
    text = (Path(__file__).parent / f"schema_version_{version}.sql").read_text()
    with psycopg.connect(database) as ours, psycopg.connect(empty_database) as older:
        strip(ours, version)
        older.execute(text)
        assert set(ours.execute(query)) == set(older.execute(query))


@pytest.mark.parametrize("version", OLDER)
def test_an_older_database_is_upgraded_and_loaded(
    server: FakeBonzo,
    load: Load,
    database: str,
    rows: Callable[..., list[dict]],
    version: int,
) -> None:
    """A load names init-db; after it the same rows are there, and the new ones."""
    for number in range(1, 6):
        server.account.put_prospect(prospect(number))
    load()
    expected = snapshot(database)
    with psycopg.connect(database) as connection:
        strip(connection, version)
    with pytest.raises(LoaderError, match="init-db"):
        load()
    with connect(database) as connection:
        shown = {ADDED[added][1] for added in range(version + 1, VERSION + 1)}
        assert shown <= set(init_db(connection))
    assert rows("select applied_version as v from loader.schema_version") == [
        {"v": VERSION}
    ]
    assert load().outcome == "complete"
    found = snapshot(database)
    new = ("prospect_details", "prospect_tags")
    assert {n: found[n] for n in found if n not in new} == {
        n: expected[n] for n in expected if n not in new
    }
    assert [row[2] for row in found["prospect_details"]] == [
        row[2] for row in expected["prospect_details"]
    ]


STRANGERS = {
    "sync_runs": "create table loader.sync_runs (id serial, note text)",
    "origin": "create table loader.origin (origin text)",
    "rejected_records": "create table loader.rejected_records (record jsonb)",
    "schema_version": "create table loader.schema_version (version int)",
    "view": "create view loader.pipelines as select 1 as one",
}


@pytest.mark.parametrize("table", STRANGERS.values(), ids=STRANGERS)
def test_a_strangers_schema_is_left_alone(document: str, table: str) -> None:
    """Another program's schema `loader` is refused before anything is changed."""
    query = (
        "select table_schema, table_name, column_name from information_schema.columns "
        "where table_schema in ('public', 'loader')"
    )
    with connect(document) as connection:
        connection.execute(f"create schema loader; {table}")
        before = set(connection.execute(query))
        for attempt in (init_db, require_schema):
            with pytest.raises(LoaderError, match="did not make"):
                attempt(connection)
        assert set(connection.execute(query)) == before


def test_an_empty_schema_is_no_strangers(document: str) -> None:
    """A schema that an administrator made ready for the loader is used."""
    with connect(document) as connection:
        connection.execute("create schema loader")
        assert "loader.sync_runs.run_id" in init_db(connection)


@pytest.mark.parametrize("table", TABLES_OF_ALL)
def test_a_load_needs_every_table(database: str, table: str) -> None:
    """Whichever table is missing, a load names it before it reads anything."""
    name = table.rpartition(".")[2]
    with connect(database) as connection:
        connection.execute(f"drop table {table} cascade")
        match = "did not make" if name == "schema_version" else rf"column {name}\."
        with pytest.raises(LoaderError, match=match):
            require_schema(connection)


@pytest.mark.parametrize(
    ("right", "grants"),
    [
        ("create on schema public", ["grant create on database"]),
        ("create on database", ["grant create on schema public"]),
        (None, ["grant create on schema public", "grant create on database"]),
    ],
)
def test_a_missing_privilege_names_the_grant(
    empty_database: str, right: str | None, grants: list[str]
) -> None:
    """Nothing is made, not even in a schema of the role's own, before it may all be."""
    name = conninfo_to_dict(empty_database)["dbname"]
    with connect(empty_database) as connection:
        connection.execute("create role own_schema_role")
        try:
            connection.execute("create schema own_schema_role")
            connection.execute("grant all on schema own_schema_role to own_schema_role")
            connection.execute("grant usage on schema public to own_schema_role")
            if right:
                right = right.replace("database", f'database "{name}"')
                connection.execute(f"grant {right} to own_schema_role")
            connection.execute("set role own_schema_role")
            with pytest.raises(LoaderError) as raised:
                init_db(connection)
            assert all(grant in raised.value.message for grant in grants)
            count = raised.value.message.count("grant create")
            assert count == len(grants)
            connection.execute("reset role")
            made = connection.execute(
                "select count(*) from pg_class as c "
                "join pg_namespace as n on n.oid = c.relnamespace "
                "where n.nspname in ('public', 'loader', 'own_schema_role')"
            ).fetchone()
            assert made == (0,)
        finally:
            connection.execute("reset role")
            connection.execute("drop owned by own_schema_role cascade")
            connection.execute("drop schema own_schema_role")
            connection.execute("drop role own_schema_role")
