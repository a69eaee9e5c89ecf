"""Puts DuckDB's extensions where Rill looks for them.

Rill would download some of them on first use. They come from the package
registry with the rest of the dependencies, so that Rill starts without internet.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from loader.errors import LoaderError

NAMES = (
    "aws",
    "azure",
    "httpfs",
    "icu",
    "json",
    "parquet",
    "postgres_scanner",
    "spatial",
    "sqlite_scanner",
)


def install(home: Path | None = None) -> list[str]:
    """Put absent extension files below `home` and return the names of those.

    Files that exist already are left alone: they may be Rill's own.
    """
    # Not Path.home() alone: Rill itself follows HOME and nothing else.
    folder = (home or Path(os.environ.get("HOME") or Path.home())) / ".duckdb"
    target = folder / "extensions" / f"v{_duckdb_version()}" / _platform()
    placed = []
    for name in NAMES:
        file = target / f"{name}.duckdb_extension"
        if file.exists():
            continue
        source = packaged(name)
        if source is None:
            raise LoaderError(
                f"the package duckdb-extension-{name.replace('_', '-')} is not "
                "installed: run `make install`."
            )
        _place(source, file)
        placed.append(name)
    return placed


def packaged(name: str) -> Path | None:
    """Return the file that an extension's package brings, or None."""
    package = find_spec(f"duckdb_extension_{name}")
    if package is None or package.origin is None:
        return None
    folder = Path(package.origin).parent / "extensions" / f"v{_duckdb_version()}"
    file = folder / f"{name}.duckdb_extension"
    return file if file.is_file() else None


def _duckdb_version() -> str:
    try:
        return version("duckdb")
    except PackageNotFoundError:
        raise LoaderError("DuckDB is not installed: run `make install`.") from None


def _platform() -> str:
    import duckdb

    with duckdb.connect() as connection:
        found = connection.execute("pragma platform").fetchone()
    assert found is not None
    return found[0]


def _place(source: Path, file: Path) -> None:
    """Link or copy under another name first: Rill must never see half a file."""
    partial = file.with_suffix(f".partial-{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        partial.unlink(missing_ok=True)
        try:
            # The nine files take 350 MB; a link takes none.
            os.link(source, partial)
        except OSError:
            shutil.copyfile(source, partial)
        partial.rename(file)
    except OSError as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise LoaderError(
            f"cannot write {file.parent} ({error.strerror}): Rill needs DuckDB's "
            "extensions there, so set HOME to a directory you can write."
        ) from None
