"""Where the project's files are, and which database it loads into."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit
from uuid import uuid4

import psycopg
from psycopg.conninfo import conninfo_to_dict

from loader import clients
from loader.config import Settings, install_dir, project_dir
from loader.errors import LoaderError

CONNECT_SECONDS = 5
# What PostgreSQL says while it runs and still refuses a connection: all are in
# use, it is starting, or it is stopping (its codes 53300 and 57P03).
RUNNING = ("too many", "remaining connection slots", "the database system is")


@dataclass(frozen=True)
class ProjectPaths:
    """The project's directory and what is in it."""

    project: Path
    client: str | None = None
    # What all clients share; the project itself where there are none.
    install: Path | None = None

    @classmethod
    def current(cls) -> ProjectPaths:
        """Return the paths of the project that this process works on."""
        return cls(project_dir(), clients.chosen(), install_dir())

    @property
    def shared(self) -> Path:
        """Where programs are that all clients use."""
        return self.install or self.project

    @property
    def rill(self) -> Path:
        """The Rill project."""
        return self.project / "rill"

    @property
    def state(self) -> Path:
        """What this installation keeps: database, ports, logs."""
        return self.project / ".data"

    @property
    def server_address(self) -> Path:
        """Where the embedded PostgreSQL leaves its address while it runs."""
        return self.state / "postgres.url"

    @property
    def id_file(self) -> Path:
        """What tells this installation from others, for its database to know."""
        return self.state / "project.id"


def database_url(paths: ProjectPaths, settings: Settings) -> str:
    """Return the DSN to load into: DATABASE_URL, else the embedded server's.

    Raises LoaderError if there is neither. The embedded server is only looked
    up, never started: that is the launcher's job.
    """
    if settings.database_url:
        return settings.database_url
    try:
        server = urlsplit(_server_address(paths))
        url = server._replace(path=f"/{quote(settings.database_name)}").geturl()
        psycopg.connect(url, connect_timeout=CONNECT_SECONDS).close()
    except (OSError, ValueError, psycopg.Error) as error:
        if any(words in str(error) for words in RUNNING):
            return url  # whoever connects says what is the matter
        if "does not exist" in str(error):
            raise LoaderError(
                f"The embedded PostgreSQL has no database `{settings.database_name}` "
                "yet: `make db` creates it. (The demo is in `bonzo_demo`: set "
                "BONZO_DATABASE to look at that one.)"
            ) from None
        client = f" CLIENT={paths.client}" if paths.client else ""
        raise LoaderError(
            f"The embedded PostgreSQL is not running: start it with `make db{client}`, "
            "or set DATABASE_URL to a PostgreSQL of your own."
        ) from None
    return url


def owner_of(paths: ProjectPaths, dsn: str) -> str | None:
    """Return this installation's id if the DSN is on its embedded server.

    A database that DATABASE_URL names elsewhere may be shared on purpose, but not
    by two clients: there it is the client's name that owns it.
    """
    client = f"client {paths.client}" if paths.client else None
    try:
        # As libpq reads them: whatever else reads an address may repeat its password.
        ours, given = map(conninfo_to_dict, (_server_address(paths), dsn))
    except (OSError, ValueError, psycopg.Error):
        return client
    is_embedded = {**ours, "dbname": None} == {**given, "dbname": None}
    return project_id(paths) if is_embedded else client


def _server_address(paths: ProjectPaths) -> str:
    """Return what the embedded server left; OSError or ValueError without it."""
    text = paths.server_address.read_text(encoding="utf-8").strip()
    if not text.startswith("postgresql://"):
        # Cut off by a full disk or a crash: `make db` writes it again.
        raise ValueError("not an address")
    return text


def project_id(paths: ProjectPaths) -> str:
    """Return what tells this installation from others; made on first use."""
    try:
        paths.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not paths.id_file.exists():
            made = paths.state / f"project.id.{uuid4()}"
            made.touch(mode=0o600)
            made.write_text(made.suffix.removeprefix(".") + "\n")
            # Linked, not renamed: of two that start at once the first one stays.
            with suppress(FileExistsError):
                os.link(made, paths.id_file)
            made.unlink()
        return paths.id_file.read_text().strip()
    except OSError as error:
        raise LoaderError(
            f"cannot write {paths.id_file} ({error.strerror}): give this user write "
            "permission there."
        ) from None
