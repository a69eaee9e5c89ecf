"""Where the project's files are, and which database it loads into."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import psycopg

from loader.config import Settings, project_dir
from loader.errors import LoaderError

CONNECT_SECONDS = 5


@dataclass(frozen=True)
class ProjectPaths:
    """The project's directory and what is in it."""

    project: Path

    @classmethod
    def current(cls) -> ProjectPaths:
        """Return the paths of the project that this process works on."""
        return cls(project_dir())

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


def database_url(paths: ProjectPaths, settings: Settings) -> str:
    """Return the DSN to load into: DATABASE_URL, else the embedded server's.

    Raises LoaderError if there is neither. The embedded server is only looked
    up, never started: that is the launcher's job.
    """
    if settings.database_url:
        return settings.database_url
    try:
        server = paths.server_address.read_text().strip()
        url = f"{server}/{settings.database_name}"
        psycopg.connect(url, connect_timeout=CONNECT_SECONDS).close()
    except (OSError, psycopg.OperationalError):
        raise LoaderError(
            "The embedded PostgreSQL is not running: start it with `make db`, or "
            "set DATABASE_URL to a PostgreSQL of your own."
        ) from None
    return url
