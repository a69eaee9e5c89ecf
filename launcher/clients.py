"""A client's folder: made once, with links to everything that clients share."""

from __future__ import annotations

from pathlib import Path

from launcher import private_files
from loader import clients
from loader.config import install_dir
from loader.errors import LoaderError

# What each client has for itself within the Rill project.
OWN = {".env", "tmp", "data", ".gitignore"}


def prepare(create: bool) -> Path | None:
    """Bring the chosen client's folder up to date; make it if `create` says so.

    Return the folder, None if no client is chosen. Raises LoaderError if there is
    no such client, or if its folder cannot be written.
    """
    name = clients.chosen()
    if name is None:
        return None
    root = install_dir()
    folder = root / clients.FOLDER / name
    if not create:
        clients.require(root, name)
    try:
        for path in (folder.parent, folder):
            if not path.is_dir():
                private_files.make_directory(path)
        _link(root / "rill", folder / "rill", OWN)
        data = root / "rill" / "data"
        own = {path.name for path in data.iterdir() if not _is_shared(path)}
        _link(data, folder / "rill" / "data", own)
    except OSError as error:
        raise LoaderError(
            f"cannot write {error.filename or folder} ({error.strerror}): give this "
            "user write permission there."
        ) from None
    return folder


def _is_shared(path: Path) -> bool:
    """Say whether a file of rill/data comes with the project."""
    return path.name.endswith(".example.csv") or path.name == "us_states.csv"


def _link(source: Path, target: Path, own: set[str]) -> None:
    """Make each entry of `source` a link in `target`; a file of the client's stays.

    Rill reads through links, so an edit of the shared project reaches all clients.
    """
    target.mkdir(exist_ok=True)
    for link in target.iterdir():
        if link.is_symlink() and not link.exists():
            link.unlink()
    for entry in source.iterdir():
        link = target / entry.name
        if entry.name not in own and not link.exists():
            link.symlink_to(entry)
