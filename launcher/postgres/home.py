"""Where the server's files are: its data, and the directory of its socket.

They are in the project's `.data`, unless root starts the server below a directory
that the server's account cannot enter (a home of mode 700, say). Opening such a
directory to everybody is not ours to do, so the files are kept elsewhere then.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import socket
import stat
import tempfile
from pathlib import Path

from launcher import private_files
from launcher.postgres.account import Account
from loader.errors import LoaderError

FALLBACK_DIR = Path("/var/lib/bonzo-loader")
# Nothing listens on this port: it only names the socket, `.s.PGSQL.5432`.
PORT = 5432


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


def find(data_dir: Path, account: Account) -> Path:
    """Return the directory for the server's files; it may not exist yet."""
    return data_dir if reachable(data_dir.parent, account) else fallback(data_dir)


def fallback(data_dir: Path) -> Path:
    """Return where the files of `data_dir` are kept if it cannot be reached."""
    digest = hashlib.sha256(str(data_dir.resolve()).encode()).hexdigest()[:12]
    return FALLBACK_DIR / digest


def prepare(home: Path, account: Account) -> None:
    """Make `home` a directory that nobody but its owner and the server enters."""
    if home.parent == FALLBACK_DIR:
        FALLBACK_DIR.mkdir(parents=True, exist_ok=True)
        FALLBACK_DIR.chmod(0o711)
    if account.dropped and not (home.is_dir() and home.stat().st_uid == account.uid):
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.chown(home, -1, account.gid)
        home.chmod(private_files.SHARED)
    else:
        private_files.make_directory(home)


def clusters(home: Path) -> list[Path]:
    """Return the data directories in `home`, the newest version first."""
    try:
        entries = list(home.iterdir()) if home.is_dir() else []
    except PermissionError:
        raise LoaderError(
            f"{home} belongs to another user: run this as the user who started the "
            "database."
        ) from None
    found = [path for path in entries if re.fullmatch(r"pg\d+", path.name)]
    return sorted(found, key=cluster_version, reverse=True)


def cluster_version(cluster: Path) -> int:
    """Return the major version of the PostgreSQL that made a data directory."""
    return int(cluster.name.removeprefix("pg"))


def give(folder: Path, account: Account) -> None:
    """Hand a directory of the server, with all in it, to the server's account."""
    if not account.dropped or folder.stat().st_uid == account.uid:
        return
    # The folder last: until then an interrupted hand-over is done again.
    for path in (*folder.rglob("*"), folder):
        os.chown(path, account.uid, account.gid, follow_symlinks=False)


def move_cluster(cluster: Path, home: Path) -> None:
    """Move a stopped server's data to `home`, on another file system too."""
    partial = home / f"{cluster.name}.moving"
    shutil.rmtree(partial, ignore_errors=True)
    try:
        cluster.rename(home / cluster.name)
    except OSError:
        shutil.copytree(cluster, partial, symlinks=True)
        partial.rename(home / cluster.name)
        shutil.rmtree(cluster)


def socket_directory(home: Path, account: Account) -> Path:
    """Return a directory for the socket that only the server's account enters.

    A socket's path is limited to about 100 bytes, and some shared folders cannot
    hold one, so the directory is below the temporary one if `home` will not do.
    """
    digest = hashlib.sha256(str(home).encode()).hexdigest()[:12]
    problem: OSError | None = None
    for folder in (
        home / "socket",
        Path(tempfile.gettempdir()) / f"bonzo-{account.uid}-{digest}",
    ):
        try:
            if "," in str(folder):
                raise OSError("clients take a comma for the end of the path")
            _make_socket_directory(folder, account)
            _try_socket(folder)
            return folder
        except OSError as error:
            problem = error
    raise LoaderError(
        f"PostgreSQL's socket can be neither in {home} nor in "
        f"{tempfile.gettempdir()} ({problem}): set TMPDIR to a short, local "
        "directory, or DATABASE_URL to a PostgreSQL of your own."
    )


def _make_socket_directory(folder: Path, account: Account) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    info = folder.lstat()
    if not stat.S_ISDIR(info.st_mode) or info.st_uid not in (os.geteuid(), account.uid):
        raise PermissionError(f"{folder} belongs to somebody else")
    if account.dropped:
        os.chown(folder, account.uid, account.gid)
    folder.chmod(0o700)


def _try_socket(folder: Path) -> None:
    path = folder / f".s.PGSQL.{PORT}.try"
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as probe:
        probe.bind(str(path))
    path.unlink()
