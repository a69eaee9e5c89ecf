"""The operating system account that the embedded PostgreSQL runs as.

PostgreSQL refuses to run as root and needs an entry in the user database. Root
gets an account of its own for it: processes of a shared one, such as `postgres`
or `nobody`, could read the data and would be superuser of it.
"""

from __future__ import annotations

import fcntl
import grp
import os
import pwd
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import click

from loader.errors import LoaderError

NAME = "bonzo-postgres"
USER_DATABASE = Path("/etc")
SYSTEM_IDS = range(999, 99, -1)
NO_LOGIN = ("--home-dir=/nonexistent", "--shell=/usr/sbin/nologin")


@dataclass(frozen=True)
class Account:
    """User and group ids; `dropped` if they are not the caller's own."""

    uid: int
    gid: int
    dropped: bool

    def spawn_options(self) -> dict:
        """Return arguments for `subprocess` that run a child as this account."""
        if not self.dropped:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def service_account(data_dir: Path, *, create: bool = False) -> Account:
    """Return the account for the server of `data_dir`.

    That is the caller's own, and for root the owner of `data_dir` or, where root
    owns that too, an account of its own. With `create` that account is made if
    absent. Raises LoaderError if there is none and none can be made.
    """
    if os.geteuid() != 0:
        _require_entry(os.geteuid())
        return Account(os.geteuid(), os.getegid(), dropped=False)
    if data_dir.is_dir() and data_dir.stat().st_uid != 0:
        owner = _require_entry(data_dir.stat().st_uid)
        return Account(owner.pw_uid, owner.pw_gid, dropped=True)
    entry = _find() or (_create() if create else None)
    if entry is None:
        raise LoaderError(
            f"PostgreSQL cannot run as root, and there is no account `{NAME}` for it: "
            f"create one (`useradd --system {NAME}`), run this as an ordinary user, "
            "or set DATABASE_URL to a PostgreSQL of your own."
        )
    return Account(entry.pw_uid, entry.pw_gid, dropped=True)


def _require_entry(uid: int) -> pwd.struct_passwd:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        raise LoaderError(
            f"user id {uid} has no entry in /etc/passwd, which PostgreSQL needs: "
            "add one, or set DATABASE_URL to a PostgreSQL of your own."
        ) from None


def _find() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        return None


def _create() -> pwd.struct_passwd | None:
    """Create the account, in a container without the usual tools by hand."""
    tools = (
        ["useradd", "--system", "--user-group", "--no-create-home", *NO_LOGIN],
        ["adduser", "-S", "-D", "-H", "-h", "/nonexistent"],  # BusyBox
    )
    for tool, *options in tools:
        program = shutil.which(tool)
        if program and _find() is None:
            command = [program, *options, NAME]
            subprocess.run(command, capture_output=True, check=False)
    if _find() is None and sys.platform == "linux":
        _append_entries(USER_DATABASE)
    entry = _find()
    if entry:
        click.echo(f"Created the system account `{NAME}` for PostgreSQL.", err=True)
    return entry


def _append_entries(folder: Path) -> None:
    """Add the account to `passwd` and `group` in `folder`; no login, no password."""
    try:
        # The lock that useradd and its kin hold.
        with (folder / ".pwd.lock").open("w") as lock:
            fcntl.lockf(lock, fcntl.LOCK_EX)
            used = {entry.pw_uid for entry in pwd.getpwall()}
            used |= {entry.gr_gid for entry in grp.getgrall()}
            number = next(n for n in SYSTEM_IDS if n not in used)
            _append(folder / "group", f"{NAME}:*:{number}:")
            _append(
                folder / "passwd",
                f"{NAME}:*:{number}:{number}::/nonexistent:/usr/sbin/nologin",
            )
    except (OSError, StopIteration):
        return  # read-only, or no id is free: the caller says what to do


def _append(file: Path, line: str) -> None:
    text = file.read_text() if file.exists() else ""
    separator = "" if not text or text.endswith("\n") else "\n"
    with file.open("a") as output:
        output.write(f"{separator}{line}\n")
