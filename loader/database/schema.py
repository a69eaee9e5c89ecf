"""Applies schema.sql to an empty, an older or a hand-made database."""

from __future__ import annotations

from pathlib import Path

import psycopg
from psycopg import Connection, sql

from loader.database import tables
from loader.database.errors import to_loader_error
from loader.errors import LoaderError

SCHEMA_FILE = Path(__file__).resolve().parent.parent.parent / "schema.sql"
# Raise it with every change of schema.sql's second part.
VERSION = 4


def init_db(connection: Connection) -> list[str]:
    """Add what the database lacks; return what was added, as short names.

    Nothing that is there is changed, and on an error nothing is added.
    """
    try:
        text = SCHEMA_FILE.read_text(encoding="utf-8")
    except OSError as error:
        raise LoaderError(f"Cannot read {SCHEMA_FILE}: {error.strerror}.") from None
    try:
        with connection.transaction():
            _refuse_strangers(connection)
            refuse_newer(connection)
            if not is_ready(connection):
                _refuse_missing_grants(connection)
            _refuse_doubled_names(connection)
            before = _inventory(connection)
            connection.execute("set local client_min_messages = warning")
            connection.execute(text)
            connection.execute(
                "update loader.schema_version set applied_version = %s "
                "where applied_version < %s",
                [VERSION, VERSION],
            )
            after = _inventory(connection)
            _refuse_missing_columns(connection)
    except psycopg.errors.InsufficientPrivilege as error:
        if is_ready(connection):
            # The loader's own role may not create tables, and need not.
            return []
        raise LoaderError(
            "The database role lacks a privilege to set up the tables (PostgreSQL "
            f"says: {error.diag.message_primary}). Run `bonzo-loader init-db` as the "
            "tables' owner."
        ) from None
    except psycopg.Error as error:
        raise to_loader_error(error) from None
    return sorted(after - before)


def is_ready(connection: Connection) -> bool:
    """Return whether a load needs nothing that the database lacks."""
    try:
        require_schema(connection)
    except LoaderError:
        return False
    return True


def refuse_newer(connection: Connection) -> None:
    """Stop where a later version of this product has set the database up."""
    version = _applied_version(connection)
    if version is not None and version > VERSION:
        raise LoaderError(
            f"The database was set up by a newer version (schema {version}, this "
            f"program knows {VERSION}). Update this program."
        )


def _applied_version(connection: Connection) -> int | None:
    if not _exists(connection, "loader.schema_version"):
        return None
    row = connection.execute(
        "select applied_version from loader.schema_version"
    ).fetchone()
    return row[0] if row else None


def _refuse_strangers(connection: Connection) -> None:
    """Stop where another program has a schema `loader`, before touching it."""
    ours = set(tables.SCHEMA_VERSION.columns)
    columns: dict[str, set[str]] = {}
    for schema, table, column in _columns(connection):
        if schema == "loader":
            columns.setdefault(table, set()).add(column)
    if columns and not ours <= columns.get(tables.SCHEMA_VERSION.name, set()):
        raise LoaderError(
            "The database has a schema `loader` that this program did not make (it "
            f"holds {', '.join(sorted(columns)[:3])}). Use another database, or have "
            "that schema renamed."
        )


def _refuse_missing_grants(connection: Connection) -> None:
    """Stop, before anything is made, where the role may not create what is missing."""
    role, name, may_create, may_add_schema, has_schema = connection.execute(
        "select current_user, current_database(), "
        "has_schema_privilege('public', 'create'), "
        "has_database_privilege(current_database(), 'create'), "
        "to_regnamespace('loader') is not null"
    ).fetchone()
    owner, grants = sql.Identifier(role), []
    if not may_create:
        grants.append(sql.SQL("grant create on schema public to {}").format(owner))
    if not may_add_schema and not has_schema:
        grants.append(
            sql.SQL("grant create on database {} to {}").format(
                sql.Identifier(name), owner
            )
        )
    if grants:
        statements = "; ".join(grant.as_string(connection) for grant in grants)
        raise LoaderError(
            f"The role {role} lacks a privilege to create the tables. "
            f"Have the database's owner run: {statements}; or run `bonzo-loader "
            "init-db` as the owner."
        )


def require_schema(connection: Connection) -> None:
    """Stop with the fix where the loader's tables are missing or too old."""
    _refuse_strangers(connection)
    refuse_newer(connection)
    _refuse_missing_columns(connection)


def _refuse_missing_columns(connection: Connection) -> None:
    present = set(_columns(connection))
    for table in tables.TABLES:
        for column in table.columns:
            if (table.schema, table.name, column) not in present:
                raise LoaderError(
                    f"The database has no column {table.name}.{column}. Run "
                    "`bonzo-loader init-db`; if that says the same, add the column "
                    "as schema.sql has it."
                )


def _columns(connection: Connection) -> list[tuple[str, str, str]]:
    """Return schema, table and column of every column in the two schemas."""
    return connection.execute(
        """
        select n.nspname, c.relname, a.attname
        from pg_attribute as a
        inner join pg_class as c on a.attrelid = c.oid
        inner join pg_namespace as n on c.relnamespace = n.oid
        where
            n.nspname in ('public', 'loader')
            and c.relkind in ('r', 'p', 'v', 'm', 'f')
            and a.attnum > 0
            and not a.attisdropped
        """
    ).fetchall()


def _refuse_doubled_names(connection: Connection) -> None:
    """Stages and sources are found by name, so a name may occur only once."""
    for table, column in (
        ("qualification_stages", "stage_name"),
        ("lead_sources", "source_name"),
    ):
        if not _exists(connection, f"public.{table}"):
            continue
        row = connection.execute(
            sql.SQL(
                "select {0} from {1} group by {0} having count(*) > 1 order by {0}"
            ).format(sql.Identifier(column), sql.Identifier("public", table))
        ).fetchone()
        if row:
            raise LoaderError(
                f"The table {table} holds the name {row[0]!r} more than once, and the "
                "loader finds rows by name. Merge the doubled rows, then run "
                "`bonzo-loader init-db` again."
            )


def _exists(connection: Connection, name: str) -> bool:
    return (
        connection.execute("select to_regclass(%s)", [name]).fetchone()[0] is not None
    )


def _inventory(connection: Connection) -> set[str]:
    """Return names of tables, columns and indexes that are there."""
    rows = connection.execute(
        """
        select format('%I.%I.%I', table_schema, table_name, column_name)
        from information_schema.columns
        where table_schema in ('public', 'loader')
        union all
        select format('index %I', indexname)
        from pg_indexes
        where schemaname in ('public', 'loader')
        """
    )
    return {row[0] for row in rows}
