"""Writes `rill/.env`, which tells Rill where the data is.

Rill prints its whole connection string when the server cannot be reached, so the
string never holds the password: it names a password file instead.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict

from launcher import private_files
from launcher.rill import csv_files
from loader.config import Settings, read_env_file, variable
from loader.errors import LoaderError
from loader.project import ProjectPaths

HEADER = "# Written by `make start`; other variables may follow and are kept.\n"


def point_rill_at(
    paths: ProjectPaths, dsn: str, settings: Settings, *, demo: bool
) -> Path:
    """Write `rill/.env` for this database and return its path.

    RILL_DATABASE_URL, a user that may only read, is preferred to `dsn`. The demo
    comes with its own costs and officers files; the user's are made if missing.
    """
    csv_files.create_missing(paths.rill / "data")
    if not demo:
        dsn = _reader(paths, dsn)
    return write(
        paths.rill,
        dsn,
        paths.state / "pgpass",
        {
            "duckdb_path": str(duckdb_file(paths.rill)),
            "data_dir": "data/demo" if demo else "data",
            "company_time_zone": settings.company_time_zone,
        },
    )


def duckdb_file(rill_dir: Path) -> Path:
    """Return where Rill keeps the project's models, beside its own state."""
    return rill_dir.absolute() / "tmp" / "models.duckdb"


def _reader(paths: ProjectPaths, dsn: str) -> str:
    """Return what Rill connects with; a client's may not lead to another database."""
    reader = variable("RILL_DATABASE_URL") or dsn
    if paths.client and _database_of(reader) != _database_of(dsn):
        raise LoaderError(
            f"RILL_DATABASE_URL of client {paths.client} names another database than "
            "its loads fill: give it the host, port and name that DATABASE_URL has."
        )
    return reader


def _database_of(dsn: str) -> tuple[str, str, str]:
    """Return host, port and name of a database."""
    parts = _parts(dsn)
    name = parts.get("dbname") or parts.get("user", "")
    return parts.get("host", "").lower(), parts.get("port", "5432"), name


def write(
    rill_dir: Path, dsn: str, password_file: Path, variables: dict[str, str]
) -> Path:
    """Write Rill's variables for `dsn` and return the path of the file.

    `password_file` receives the password if the DSN has one. `variables` are
    set beside `postgres_dsn`; lines of other variables are kept. Both files are
    readable by their owner alone.
    """
    safe = without_password(dsn, password_file)
    values = {"postgres_dsn": safe, **variables}
    path = rill_dir / ".env"
    read_env_file(path)  # what cannot be read cannot be kept
    try:
        old = path.read_text(encoding="utf-8-sig") if path.exists() else ""
        kept = [
            line
            for line in old.splitlines()
            if line + "\n" != HEADER and _name(line) not in values
        ]
        lines = [f"{name}={_quoted(value)}" for name, value in values.items()]
        new = HEADER + "\n".join(lines + kept) + "\n"
        # An unchanged file keeps its time: a later one has Rill read everything.
        if new != old:
            _write(path, new)
    except OSError as error:
        raise LoaderError(
            f"cannot write {path} ({error.strerror}): give this user write "
            "permission in the project's directory."
        ) from None
    return path


def without_password(dsn: str, password_file: Path) -> str:
    """Move the DSN's password to `password_file`; return a URL that names it.

    The URL is one that DuckDB's PostgreSQL client understands.
    """
    parts = _parts(dsn)
    password = parts.pop("password", None)
    host = parts.pop("host", "")
    port = parts.pop("port", "")
    user = parts.pop("user", "")
    database = parts.pop("dbname", "")
    if password is not None:
        fields = [host or "*", port or "*", database or "*", user or "*", password]
        line = ":".join(re.sub(r"([:\\])", r"\\\1", field) for field in fields)
        _write(password_file, line + "\n")
        parts["passfile"] = str(password_file.absolute())
    if host.startswith("/"):  # the directory of a socket
        parts["host"], host = host, ""
        if port:
            parts["port"], port = port, ""
    authority = f"{quote(user, safe='')}@" if user else ""
    authority += f"[{host}]" if ":" in host else host
    authority += f":{port}" if port else ""
    query = urlencode(parts, quote_via=quote, safe="/")
    return f"postgresql://{authority}/{quote(database)}" + (
        f"?{query}" if query else ""
    )


def _parts(dsn: str) -> dict[str, str]:
    """Return the parts of an address that are given, as text."""
    try:
        return {k: str(v) for k, v in conninfo_to_dict(dsn).items() if v is not None}
    except psycopg.Error:
        raise LoaderError(
            "DATABASE_URL cannot be read: write it as "
            "postgresql://user:password@host:5432/database."
        ) from None


def _name(line: str) -> str:
    return line.partition("=")[0].removeprefix("export ").strip()


def _quoted(value: str) -> str:
    # In single quotes Rill takes everything as it stands, `$` and `#` too.
    if "'" in value or "\n" in value:
        raise LoaderError(f"Rill cannot take a value with a quote in it: {value!r}.")
    return f"'{value}'"


def _write(path: Path, text: str) -> None:
    if not path.parent.is_dir():
        private_files.make_directory(path.parent)
    private_files.write(path, text)
