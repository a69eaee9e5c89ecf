"""Writes `.env` and the mapping file: both are ready before either is replaced."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from shutil import copyfile

from dotenv import dotenv_values, set_key

from loader.errors import LoaderError


def write_files(
    env_file: Path,
    variables: Mapping[str, str],
    example: Path,
    mapping_file: Path,
    mapping_text: str | None,
) -> list[str]:
    """Write what differs and return the names of the files that changed.

    A new `.env` begins as the example. `mapping_text` None leaves that file alone.
    Raises LoaderError if one cannot be written. The mapping comes first, so that
    whoever is interrupted has no token without it: to run it again completes both.
    """
    env_file, mapping_file = env_file.resolve(), mapping_file.resolve()
    ready: list[tuple[Path, Path]] = []
    try:
        if variables:
            ready.append((_env_copy(env_file, variables, example), env_file))
        if mapping_text is not None:
            ready.append((_mapping_copy(mapping_file, mapping_text), mapping_file))
        for made, target in reversed(ready):
            made.replace(target)
    except OSError as error:
        raise LoaderError(
            f"Cannot write {error.filename or env_file.parent} ({error.strerror}): "
            "give this user write permission there."
        ) from None
    finally:
        for target in (env_file, mapping_file):
            _partial(target).unlink(missing_ok=True)
    return [target.name for _, target in ready]


def _env_copy(path: Path, variables: Mapping[str, str], example: Path) -> Path:
    made = _partial(path)
    _create(made, 0o600)
    source = path if path.is_file() else example
    if source.is_file():
        copyfile(source, made)
    for name, value in variables.items():
        set_key(made, name, value)
    made.chmod(0o600)
    written = dotenv_values(made, interpolate=False)
    if any(written.get(name) != value for name, value in variables.items()):
        raise LoaderError(f"{path} cannot hold these values: write them by hand.")
    return made


def _mapping_copy(path: Path, text: str) -> Path:
    made = _partial(path)
    mode = stat.S_IMODE(path.stat().st_mode) if path.is_file() else 0o644
    _create(made, mode)
    made.write_text(text, encoding="utf-8", newline="")
    return made


def _create(path: Path, mode: int) -> None:
    """Make an empty file that others cannot read before its mode is set."""
    path.unlink(missing_ok=True)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    path.chmod(mode)
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


def _partial(path: Path) -> Path:
    return path.with_name(f"{path.name}.partial-{os.getpid()}")
