"""PostgreSQL's errors as sentences that name the cure."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict

from loader.errors import LoaderError

_CURES: tuple[tuple[type[psycopg.Error], str], ...] = (
    (
        errors.ReadOnlySqlTransaction,
        "The database is read-only (a standby, or default_transaction_read_only); "
        "point DATABASE_URL at one that takes writes.",
    ),
    (
        errors.InsufficientPrivilege,
        "The database role lacks a privilege; docs/roles.sql has the grants.",
    ),
    (
        errors.UndefinedTable,
        "The database lacks the loader's tables; run `bonzo-loader init-db`.",
    ),
    (
        errors.InvalidSchemaName,
        "The database lacks the loader's tables; run `bonzo-loader init-db`.",
    ),
    (
        errors.UndefinedColumn,
        "The database is of an earlier version; run `bonzo-loader init-db`.",
    ),
    (
        errors.InsufficientResources,
        "The database server is out of space or memory; make room and load again: "
        "it goes on where it stopped.",
    ),
    (errors.InvalidPassword, "The password in DATABASE_URL is wrong."),
    (errors.InvalidCatalogName, "The database that DATABASE_URL names is missing."),
)


def to_loader_error(error: psycopg.Error) -> LoaderError:
    """The error as one sentence; never with a row's values in it."""
    said = error.diag.message_primary or type(error).__name__
    for kind, cure in _CURES:
        if isinstance(error, kind):
            return LoaderError(f"{cure} PostgreSQL says: {said}.")
    if is_lost(error):
        return LoaderError(
            "The connection to PostgreSQL was lost. The batch in hand was rolled "
            f"back; the next load goes on from there. ({said})"
        )
    return LoaderError(f"PostgreSQL refused a statement: {said}.")


@contextmanager
def loader_errors() -> Iterator[None]:
    """Turn PostgreSQL's errors within the block into sentences."""
    try:
        yield
    except psycopg.Error as error:
        raise to_loader_error(error) from None


def cannot_connect(dsn: str, error: psycopg.Error) -> LoaderError:
    """Why there is no connection; without the password of the DSN."""
    for kind, cure in _CURES:
        if isinstance(error, kind):
            return LoaderError(cure)
    said = str(error).strip().splitlines()[0] if str(error).strip() else ""
    if "password authentication failed" in said:
        return LoaderError("PostgreSQL refuses the user or password of DATABASE_URL.")
    if "does not exist" in said:
        reason = said.rpartition("FATAL:")[2].strip()
        return LoaderError(f"PostgreSQL says: {reason}. Create it, or correct the URL.")
    return LoaderError(
        f"Cannot reach PostgreSQL at {describe_dsn(dsn)}. Start it "
        "(`make db` starts the embedded one) or correct DATABASE_URL."
    )


def describe_dsn(dsn: str) -> str:
    """Host, port and database of a DSN, for messages."""
    try:
        parts = conninfo_to_dict(dsn)
    except psycopg.Error:
        return "the address in DATABASE_URL"
    host, port = parts.get("host") or "localhost", parts.get("port") or 5432
    return f"{host}:{port}/{parts.get('dbname') or ''}"


def is_lost(error: BaseException) -> bool:
    """Whether the connection is gone, so that a new one may help."""
    return isinstance(
        error,
        errors.AdminShutdown
        | errors.CrashShutdown
        | errors.CannotConnectNow
        | errors.IdleInTransactionSessionTimeout
        | errors.ConnectionException,
    ) or (type(error) in (psycopg.OperationalError, psycopg.InterfaceError))
