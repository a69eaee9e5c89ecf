"""Where the pieces of one installation are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from loader.config import Settings, project_dir, variable
from loader.rill import env_file


@dataclass(frozen=True)
class Place:
    """The project's directory and what lies in it."""

    project: Path

    @classmethod
    def current(cls) -> Place:
        """Return the place of the project in hand."""
        return cls(project_dir())

    @property
    def rill(self) -> Path:
        """The Rill project."""
        return self.project / "rill"

    @property
    def state(self) -> Path:
        """What this installation keeps: database, ports, logs."""
        return self.project / ".data"


def point_rill_at(place: Place, dsn: str, settings: Settings, *, demo: bool) -> Path:
    """Write `rill/.env` for this database and return its path.

    RILL_DATABASE_URL, a user that may only read, is preferred to `dsn`. The demo
    comes with its own costs and officers files.
    """
    if not demo:
        dsn = variable("RILL_DATABASE_URL") or dsn
    return env_file.write(
        place.rill,
        dsn,
        place.state / "pgpass",
        {
            "data_dir": "data/demo" if demo else "data",
            "company_time_zone": settings.company_time_zone,
        },
    )
