"""Puts DuckDB's extensions where Rill looks for them.

Rill would download some of them on first use. They come from the package
registry with the rest of the dependencies, so that Rill starts without internet.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

import requests

from launcher.rill import release
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
# A release of Rill brings the others along.
DOWNLOADED_BY_RILL = ("postgres_scanner", "aws", "azure")
DOWNLOADS = "http://extensions.duckdb.org"
TIMEOUT = (3, 5)  # seconds to connect, seconds of silence


def prepare_for(
    rill: Path, say: Callable[[str], None], home: Path | None = None
) -> None:
    """See to it that this `rill` finds its extensions, before it is started.

    Those of the packages are put in place. A Rill with another DuckDB has to have
    its own or download them. Raises LoaderError if it cannot: it would try for
    minutes and serve nothing.
    """
    install(home)
    wanted = release.duckdb_of(rill)
    if wanted in (None, _duckdb_version()):
        return
    folder = _folder(home, wanted)
    missing = [n for n in DOWNLOADED_BY_RILL if not (folder / _file(n)).exists()]
    if not missing:
        return
    if _can_download(wanted, missing[0]):
        say(f"{rill} uses DuckDB {wanted} and downloads that version's extensions.")
        return
    raise LoaderError(
        f"{rill} uses DuckDB {wanted}, and its extensions ({', '.join(missing)}) are "
        f"neither in {folder} nor can they be downloaded from {DOWNLOADS}: connect to "
        f"the internet and run this again, or put Rill {release.VERSION} on PATH, "
        "whose extensions are installed."
    )


def install(home: Path | None = None) -> list[str]:
    """Put absent extension files below `home` and return the names of those.

    Files that exist already are left alone: they may be Rill's own.
    """
    target = _folder(home, _duckdb_version())
    placed = []
    for name in NAMES:
        file = target / _file(name)
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
    file = folder / _file(name)
    return file if file.is_file() else None


def _folder(home: Path | None, duckdb: str) -> Path:
    """Return where a DuckDB of that version looks for extensions."""
    # Not Path.home() alone: Rill itself follows HOME and nothing else.
    home = home or Path(os.environ.get("HOME") or Path.home())
    return home / ".duckdb" / "extensions" / f"v{duckdb}" / _platform()


def _file(name: str) -> str:
    return f"{name}.duckdb_extension"


def _can_download(duckdb: str, name: str) -> bool:
    url = f"{DOWNLOADS}/v{duckdb}/{_platform()}/{_file(name)}.gz"
    try:
        return requests.head(url, timeout=TIMEOUT, allow_redirects=True).ok
    except requests.RequestException:
        return False


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
