"""What can be wrong with DATABASE_URL, said without a part of its password."""

from __future__ import annotations

import re

import psycopg
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict

FORM = "postgresql://user:password@host:5432/database"
ENCODE = (
    "In a password @ : / # ? % and blanks must be percent-encoded (@ is %40, / is %2F)."
)
UNREADABLE = f"DATABASE_URL cannot be understood: write {FORM}. {ENCODE}"

_SCHEMES = ("postgresql", "postgres")
# A scheme as other tools write it: letters first, then what separates drivers.
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.:-]*)://")
_HOST = re.compile(r"[\w.:%/,-]*")
_PORT = re.compile(r"[0-9,]*")
_DATABASE = re.compile(r"[\w.$ -]*")


def dsn_problem(dsn: str) -> str | None:
    """Return what cannot be understood in an address, None if all can."""
    if dsn[:1] in "'\"`“”‘’" or dsn.startswith("psql "):
        return (
            "DATABASE_URL holds more than the address (quotation marks, or the word "
            f"psql): write {FORM} alone."
        )
    scheme = _SCHEME.match(dsn)
    if scheme and scheme[1].lower() not in _SCHEMES:
        return (
            f"DATABASE_URL begins with {scheme[0]}, as other tools write it; the "
            f"loader needs {FORM}."
        )
    unknown = _unknown_parameters(dsn) if scheme else []
    if unknown:
        names = ", ".join(unknown)
        return (
            f"DATABASE_URL holds what PostgreSQL does not know ({names}): other tools "
            "write it there; remove it from the address."
        )
    try:
        parts = conninfo_to_dict(dsn)
    except (psycopg.Error, ValueError):
        return UNREADABLE
    is_odd = (
        not _HOST.fullmatch(str(parts.get("host") or ""))
        or not _PORT.fullmatch(str(parts.get("port") or ""))
        or ("@" in str(parts.get("dbname") or "") and "%40" not in dsn)
    )
    return UNREADABLE if is_odd else None


def _unknown_parameters(dsn: str) -> list[str]:
    """Return the names of parameters that libpq does not know, never their values."""
    # A question mark before the last @ is one in a password.
    query = dsn.rpartition("@")[2].partition("?")[2]
    known = {option.keyword.decode() for option in pq.Conninfo.get_defaults()}
    # libpq takes it from JDBC addresses.
    known.add("ssl")
    names = [pair.partition("=")[0] for pair in query.split("&") if "=" in pair]
    return [name for name in names if name.isidentifier() and name not in known]


def describe_dsn(dsn: str) -> str:
    """Return host, port and database of an address, for messages.

    What might be a part of a password is not shown.
    """
    try:
        parts = conninfo_to_dict(dsn)
    except (psycopg.Error, ValueError):
        return "the address in DATABASE_URL"
    host = str(parts.get("host") or "localhost")
    port, database = str(parts.get("port") or 5432), str(parts.get("dbname") or "")
    is_plain = (
        _HOST.fullmatch(host)
        and _PORT.fullmatch(port)
        and _DATABASE.fullmatch(database)
    )
    return f"{host}:{port}/{database}" if is_plain else "the address in DATABASE_URL"
