"""PostgreSQL's errors as sentences that name the fix."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict

from loader.database.dsn import describe_dsn, dsn_problem
from loader.errors import LoaderError

# By the beginning of PostgreSQL's error code; the first that fits decides.
_FIXES: tuple[tuple[str, str], ...] = (
    (
        "25006",
        "The database is read-only (a standby, or default_transaction_read_only); "
        "point DATABASE_URL at one that takes writes.",
    ),
    ("42501", "The database role lacks a privilege; docs/roles.sql has the grants."),
    ("42P01", "The database lacks the loader's tables; run `bonzo-loader init-db`."),
    ("3F000", "The database lacks the loader's tables; run `bonzo-loader init-db`."),
    ("42703", "The database is of an earlier version; run `bonzo-loader init-db`."),
    (
        "55P03",
        "Another session holds a lock on the loader's tables: end its transaction "
        "(pg_stat_activity shows it), then run this again.",
    ),
    (
        "40",
        "Another session kept changing the same rows: let it finish, then load again.",
    ),
    (
        "53300",
        "The database server has no connection left: close some, or raise its "
        "max_connections.",
    ),
    (
        "53",
        "The database server is out of space or memory; make room and load again: "
        "it goes on where it stopped.",
    ),
    (
        "58",
        "The database server cannot read or write its files; see its log, then load "
        "again: it goes on where it stopped.",
    ),
    ("28", "Correct the user or password in DATABASE_URL."),
    ("3D000", "The database that DATABASE_URL names is missing: create it."),
)

# What PostgreSQL, PgBouncer and libpq say where no connection comes about. Such an
# error has no code, so its words decide; the first that occur do.
_REFUSALS: tuple[tuple[str, str], ...] = (
    (
        r"too many clients|too many connections|remaining connection slots"
        r"|no more connections allowed",
        "Close other connections, or raise the server's max_connections.",
    ),
    (
        r"the database system is|not yet accepting connections",
        "It is starting, stopping or recovering: try again in a moment.",
    ),
    (
        r"no pg_hba\.conf entry.*no encryption",
        "Add `?sslmode=require` to DATABASE_URL, or a line to pg_hba.conf.",
    ),
    (
        r"no pg_hba\.conf entry|pg_hba\.conf rejects",
        "Have the server's administrator allow this host, user and database in "
        "pg_hba.conf.",
    ),
    (
        r"does not support SSL",
        "Set `sslmode=prefer` in DATABASE_URL, or switch on SSL in the server.",
    ),
    (
        r"root certificate|certificate verify failed|certificate.*does not exist"
        r"|server certificate|private key file|certificate file",
        "Correct sslrootcert, sslcert, sslkey or sslmode in DATABASE_URL.",
    ),
    (
        r"unsupported startup parameter",
        "Remove the parameter from DATABASE_URL, or list it in PgBouncer's "
        "ignore_startup_parameters.",
    ),
    (
        r"password authentication failed|no password supplied|SASL|SCRAM"
        r"|authentication failed|authentication method",
        "Correct the user or password in DATABASE_URL.",
    ),
    (
        r"role \".*\" does not exist|database \".*\" does not exist|no such database",
        "Create it, or correct DATABASE_URL.",
    ),
    (r"is not permitted to log in", "Give the role the attribute LOGIN."),
    (
        r"permission denied for database",
        "Have the database's owner grant the role the privilege CONNECT on it.",
    ),
    (
        r"is not currently accepting connections",
        "Choose another database, or have its owner allow connections.",
    ),
)
# A parameter that libpq does not know, in an address that other tools write.


def to_loader_error(error: psycopg.Error) -> LoaderError:
    """Return the error as one sentence; never with a row's values in it."""
    message = error.diag.message_primary or type(error).__name__
    if is_lost(error):
        return LoaderError(
            "The connection to PostgreSQL was lost. The batch in hand was rolled "
            f"back; the next load goes on from there. ({message})"
        )
    for code, fix in _FIXES:
        if (error.sqlstate or "").startswith(code):
            return LoaderError(f"{fix} PostgreSQL says: {message}.")
    return LoaderError(f"PostgreSQL refused a statement: {message}.")


@contextmanager
def loader_errors() -> Iterator[None]:
    """Turn PostgreSQL's errors within the block into sentences."""
    try:
        yield
    except psycopg.Error as error:
        raise to_loader_error(error) from None


def lock_timed_out(
    error: psycopg.Error, blocker: str | None, waited: float
) -> LoaderError:
    """Return the sentence about a lock that was not to be had in `waited` seconds."""
    if blocker is None:
        return to_loader_error(error)
    pid = re.search(r"\d+", blocker)[0]
    return LoaderError(
        f"Waited {waited:g} s for a lock that is held by {blocker}. End its "
        f"transaction, or the session with `select pg_terminate_backend({pid})`, "
        "then load again: it goes on where it stopped."
    )


def cannot_reconnect(dsn: str, error: psycopg.Error) -> LoaderError:
    """Return why a lost connection could not be made again in the time allowed."""
    return LoaderError(
        "The connection to PostgreSQL was lost. The batch in hand was rolled back; "
        f"the next load goes on from there. {cannot_connect(dsn, error).message}"
    )


def cannot_connect(dsn: str, error: psycopg.Error) -> LoaderError:
    """Return why there is no connection, without the DSN's password."""
    problem = dsn_problem(dsn)
    if problem is not None:
        return LoaderError(problem)
    place = describe_dsn(dsn)
    words = _words(dsn, error)
    for pattern, fix in _REFUSALS:
        if re.search(pattern, words, re.IGNORECASE):
            return LoaderError(f"PostgreSQL at {place} says: {words}. {fix}")
    if isinstance(error, errors.ConnectionTimeout) or "timeout expired" in words:
        words = "no answer in time"
    return LoaderError(
        f"Cannot reach PostgreSQL at {place} ({words}). Start it (`make db` starts "
        "the embedded one) or correct DATABASE_URL."
    )


def _words(dsn: str, error: psycopg.Error) -> str:
    """Return PostgreSQL's own words in one line, without prefix and password."""
    text = " ".join(str(error).split())
    text = re.split(r"(?:FATAL|ERROR):\s*", text)[-1]
    text = re.sub(r"^.*?connection to server .*? failed: ", "", text)
    text = re.sub(r"^connection failed: ", "", text)
    password = conninfo_to_dict(dsn).get("password")
    if password:
        text = text.replace(str(password), "***")
    return text[:300].rstrip(" .") or type(error).__name__


def is_lost(error: BaseException) -> bool:
    """Return whether the connection is gone, so that a new one may help."""
    if isinstance(
        error,
        errors.AdminShutdown
        | errors.CrashShutdown
        | errors.CannotConnectNow
        | errors.IdleInTransactionSessionTimeout
        | errors.ConnectionException,
    ):
        return True
    # The server says nothing any more, so there is no code: libpq has noticed.
    return (
        isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
        and error.sqlstate is None
    )


def is_conflict(error: BaseException) -> bool:
    """Return whether two sessions collided: class 40, deadlocks among them."""
    return isinstance(error, psycopg.Error) and (error.sqlstate or "").startswith("40")


def is_waiting_for_lock(error: BaseException) -> bool:
    """Return whether a lock was not to be had in the time allowed."""
    return isinstance(error, errors.LockNotAvailable)
