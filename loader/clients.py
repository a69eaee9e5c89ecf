"""Several clients in one installation: which one a command works for.

Each has a folder of its own below `clients/`, with its settings, mapping, CSV files,
database and ports. BONZO_CLIENT, which `make ... CLIENT=name` sets, chooses one.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from loader.errors import LoaderError

FOLDER = "clients"
NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
# What belongs to one client: in the environment it would serve all of them.
OWN_VARIABLES = (
    "BONZO_API_TOKEN",
    "BONZO_ON_BEHALF_OF",
    "DATABASE_URL",
    "RILL_DATABASE_URL",
    "BONZO_DATABASE",
    "BONZO_MAPPING",
    "BONZO_RILL_PORT",
)


def chosen() -> str | None:
    """Return the client that this process works for; None without one.

    Raises LoaderError for a name that is none, before it becomes part of a path.
    """
    name = os.environ.get("BONZO_CLIENT")
    if not name:
        return None
    if not NAME.fullmatch(name):
        raise LoaderError(
            f"CLIENT={name[:60]!r} is not a valid name: use up to 40 small letters, "
            "digits and hyphens, beginning with a letter, such as acme-west."
        )
    return name


def names(root: Path) -> list[str]:
    """Return the clients of an installation, sorted."""
    folder = root / FOLDER
    if not folder.is_dir():
        return []
    return sorted(
        path.name
        for path in folder.iterdir()
        if path.is_dir() and NAME.fullmatch(path.name)
    )


def require(root: Path, name: str) -> Path:
    """Return a client's folder; a LoaderError if there is no such client."""
    folder = root / FOLDER / name
    if not folder.is_dir():
        known = ", ".join(names(root)) or "none yet"
        raise LoaderError(
            f"There is no client {name} (clients: {known}). `make start CLIENT={name}` "
            "makes one."
        )
    return folder


def refuse_shared_variables(name: str) -> None:
    """Refuse a client's own settings in the environment, where all would get them."""
    for variable in OWN_VARIABLES:
        if os.environ.get(variable, "").strip():
            raise LoaderError(
                f"{variable} is set in the environment, so every client would get "
                f"it: put it into {FOLDER}/{name}/.env and unset it."
            )
