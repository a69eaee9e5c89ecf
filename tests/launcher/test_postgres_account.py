"""The embedded PostgreSQL as root and as an ordinary user, wherever the project is."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest

from launcher.postgres import account, home, install
from launcher.postgres import server as postgres
from loader.errors import LoaderError
from tests.conftest import ROOT
from tests.launcher.embedded import ORDINARY, as_root, as_user

NAMES = ["plain", "with blank", "Ünï-cödé"]
# As in a container: an /etc with root alone, and no tool that makes accounts.
BARE_CONTAINER = """
set -e
mount -t tmpfs none "$1"
cp -a /etc/. "$1"
echo "root:x:0:0:root:/root:/bin/sh" >"$1/passwd"
echo "root:x:0:" >"$1/group"
mount --bind "$1" /etc
shift
PATH= exec "$@"
"""


@pytest.fixture(autouse=True)
def no_project(own_project: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """No project directory that an ordinary user could not read."""
    monkeypatch.setenv("BONZO_PROJECT_DIR", "/nonexistent")


@pytest.fixture(params=[0o755, 0o700], ids=["open", "closed"])
def folder(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A folder that others may enter, or not."""
    found = Path(tempfile.mkdtemp(prefix="bonzo-where-"))
    found.chmod(request.param)
    yield found
    shutil.rmtree(found)


@pytest.fixture
def closed_programs(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Path:
    """The wheel's programs within that folder, as in a fresh clone there."""
    package = Path(find_spec(install.PACKAGE).origin).parent
    site = folder / "site ü"
    for part in (package, package.with_name(f"{install.PACKAGE}.libs")):
        if part.is_dir():
            shutil.copytree(part, site / part.name, copy_function=link)
    monkeypatch.syspath_prepend(str(site))
    assert Path(find_spec(install.PACKAGE).origin).is_relative_to(site)
    return site


def link(source: str, target: str) -> None:
    """Link a file instead of copying it, where that is possible."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def start_and_stop(project: Path) -> str:
    """Start the project's server, ask it something, and stop it."""
    try:
        dsn = postgres.ensure_running(project)
        with psycopg.connect(dsn) as connection:
            return connection.info.dbname
    finally:
        postgres.stop(project / ".data")


@as_root
@pytest.mark.parametrize("name", NAMES)
def test_root_starts_anywhere(folder: Path, closed_programs: Path, name: str) -> None:
    """Root gets a server below any folder, whose mode stays as it is."""
    project = folder / name
    project.mkdir()
    before = folder.stat().st_mode
    where = home.find(project / ".data", account.service_account(project))
    try:
        assert start_and_stop(project) == "bonzo"
        assert folder.stat().st_mode == before
        assert where.is_relative_to(home.FALLBACK_DIR) == (before & 0o077 == 0)
    finally:
        postgres.remove(project / ".data")
    assert not [*where.glob("pg*"), *where.glob("postgres-*")]
    if where != project / ".data":
        where.rmdir()


@as_root
@pytest.mark.parametrize("name", NAMES)
def test_ordinary_user_starts_anywhere(folder: Path, name: str) -> None:
    """An ordinary user gets a server in a project of their own."""
    project = folder / name
    project.mkdir()
    for path in (folder, project):
        os.chown(path, ORDINARY, ORDINARY)
    assert as_user(lambda: start_and_stop(project)) == "bonzo"
    assert (project / ".data").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_uid for path in project.rglob("*")} == {ORDINARY}


@as_root
def test_root_leaves_a_users_data_with_the_user(tmp_path: Path) -> None:
    """After `sudo make start` the owner of the project goes on as before."""
    project = Path(tempfile.mkdtemp(prefix="bonzo-sudo-"))
    os.chown(project, ORDINARY, ORDINARY)
    try:
        assert as_user(lambda: start_and_stop(project)) == "bonzo"
        assert start_and_stop(project) == "bonzo"
        assert {path.stat().st_uid for path in project.rglob("*")} == {ORDINARY}
        assert as_user(lambda: start_and_stop(project)) == "bonzo"
    finally:
        shutil.rmtree(project)


@as_root
def test_data_follows_when_the_folder_is_closed() -> None:
    """A project whose folder is closed later keeps its rows."""
    folder = Path(tempfile.mkdtemp(prefix="bonzo-later-"))
    folder.chmod(0o755)
    project = folder / "project"
    project.mkdir()
    try:
        dsn = postgres.ensure_running(project)
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("create table kept as select 7 as n")
        for mode in (0o700, 0o755):
            folder.chmod(mode)
            with psycopg.connect(postgres.ensure_running(project)) as connection:
                assert connection.execute("table kept").fetchall() == [(7,)]
    finally:
        postgres.remove(project / ".data")
        home.fallback(project / ".data").rmdir()
        shutil.rmtree(folder)


@as_root
def test_root_gets_an_account_of_its_own() -> None:
    """Root's server runs as neither `postgres` nor `nobody` nor anybody's account."""
    found = account.service_account(Path("/nowhere"), create=True)
    entry = pwd.getpwuid(found.uid)
    assert entry.pw_name == account.NAME
    assert entry.pw_shell.endswith("nologin") or entry.pw_shell.endswith("false")
    assert found.dropped


@as_root
def test_container_without_other_accounts() -> None:
    """Where there is only root and no useradd, the account is made all the same."""
    folder = Path(tempfile.mkdtemp(prefix="bonzo-bare-"))
    folder.chmod(0o755)
    project, etc = folder / "project", folder / "etc"
    project.mkdir()
    etc.mkdir()
    (folder / "bare.sh").write_text(BARE_CONTAINER)
    before = Path("/etc/passwd").read_text()
    shell = ["/bin/sh", folder / "bare.sh", etc, sys.executable, "-m", "launcher"]
    isolated = [shutil.which("unshare") or "unshare", "--mount", *shell]
    environment = {**os.environ, "BONZO_PROJECT_DIR": str(project)}
    try:
        answer = subprocess.run(
            [*isolated, "db", "start"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if "unshare failed" in answer.stderr:
            pytest.skip("this machine allows no mount namespaces")
        assert answer.returncode == 0, answer.stderr
        assert "Created the system account" in answer.stderr
        assert psycopg.connect(answer.stdout.strip()).info.dbname == "bonzo"
        assert Path("/etc/passwd").read_text() == before
    finally:
        postgres.stop(project / ".data")
        shutil.rmtree(folder)


def test_without_account_and_tools_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no account can be made, the sentence says what to do."""
    monkeypatch.setattr(account.os, "geteuid", lambda: 0)
    monkeypatch.setattr(account, "NAME", "bonzo-none-such")
    monkeypatch.setattr(account, "USER_DATABASE", tmp_path / "read-only")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(LoaderError, match="useradd --system"):
        account.service_account(tmp_path / "data", create=True)


@as_root
def test_no_write_permission_is_a_sentence(tmp_path: Path) -> None:
    """Where nothing can be written the error names the directory and the fix."""
    folder = Path(tempfile.mkdtemp(prefix="bonzo-locked-"))
    folder.chmod(0o755)
    try:
        answer = as_user(lambda: postgres.start(folder / "data"))
    finally:
        shutil.rmtree(folder)
    assert answer.startswith(f"LoaderError: cannot write {folder}/data")
    assert "write permission" in answer


@as_root
def test_somebody_elses_data_is_a_sentence(folder: Path) -> None:
    """Data of another user is named as such, by `start`, `status` and `stop`."""
    (folder / ".data" / "pg18").mkdir(parents=True)
    (folder / ".data").chmod(0o700)
    for work in (postgres.start, postgres.status, postgres.stop):
        answer = as_user(lambda work=work: work(folder / ".data"))
        assert answer.startswith("LoaderError: "), answer
        assert "Traceback" not in answer
