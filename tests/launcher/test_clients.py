"""Several clients in one installation: nothing of one reaches another."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from demo.account import Account
from demo.server import FakeBonzo
from launcher import clients as folders
from launcher.postgres import server as postgres
from launcher.rill.env_file import point_rill_at
from loader import clients
from loader.config import load_settings, project_dir
from loader.database.schema import SCHEMA_FILE
from loader.errors import LoaderError
from loader.project import ProjectPaths
from tests.conftest import ROOT, NewDatabase
from tests.loader.records import prospect

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installation whose servers an account of their own can reach."""
    folder = Path(tempfile.mkdtemp(prefix="bonzo-clients-"))
    folder.chmod(0o755)
    ignored = shutil.ignore_patterns("tmp", ".env", "demo")
    shutil.copytree(ROOT / "rill", folder / "rill", ignore=ignored)
    monkeypatch.setenv("BONZO_PROJECT_DIR", str(folder))
    yield folder
    for data in folder.glob("clients/*/.data"):
        postgres.stop(data)
    shutil.rmtree(folder, ignore_errors=True)


def make(install: Path, name: str, **settings: str) -> Path:
    """Make a client with these lines in its `.env`."""
    folder = install / "clients" / name
    folder.mkdir(parents=True)
    (folder / ".env").write_text("".join(f"{k}={v}\n" for k, v in settings.items()))
    (folder / ".env").chmod(0o600)
    return folder


@pytest.fixture
def run(install: Path) -> Run:
    """Run a program for a client: `run("acme", "loader", "load")`."""

    def do(
        client: str | None, *arguments: str, **more: str
    ) -> subprocess.CompletedProcess[str]:
        chosen = {"BONZO_CLIENT": client} if client is not None else {}
        return subprocess.run(
            [sys.executable, "-m", *arguments],
            cwd=ROOT,
            env={**os.environ, **chosen, "BONZO_BACKOFF": "0.01", **more},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return do


@pytest.fixture
def accounts() -> Iterator[tuple[FakeBonzo, FakeBonzo]]:
    """Two accounts with the same ids and other people."""
    one, other = Account(), Account()
    one.put_prospect(prospect(1, first_name="Ann"))
    other.put_prospect(prospect(1, first_name="Bob"))
    with (
        FakeBonzo(one, token="tok-of-acme") as acme,
        FakeBonzo(other, token="tok-of-birch") as birch,
    ):
        yield acme, birch


def names_in(dsn: str) -> list[str]:
    """First names of the prospects that a database holds."""
    with psycopg.connect(dsn) as connection:
        rows = connection.execute("select first_name from prospects order by 1")
        return [row[0] for row in rows]


@pytest.mark.parametrize(
    "name",
    ["../x", "a/b", "a b", "Acme", "1st", "-a", "a.b", "ä", "x" * 41, "a\n", "."],
)
def test_a_bad_name_is_refused(
    install: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """It never becomes part of a path, and the sentence says what is a name."""
    monkeypatch.setenv("BONZO_CLIENT", name)
    for use in (project_dir, lambda: folders.prepare(create=True), load_settings):
        with pytest.raises(LoaderError, match="is not a valid name: use up to 40"):
            use()
    assert not (install / "clients").exists()


def test_a_misspelled_client_is_not_made(install: Path, run: Run) -> None:
    """Only `start` and `setup` make one; all else names those that there are."""
    make(install, "acme")
    for arguments in (["loader", "status"], ["launcher", "load"], ["launcher", "db"]):
        done = run("acne", *arguments, *(["status"] if "db" in arguments else []))
        assert done.returncode == 1
        assert "There is no client acne (clients: acme)." in done.stderr
    assert clients.names(install) == ["acme"]


def test_a_new_client_shares_code_and_nothing_else(
    install: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Models are links; settings, CSV files and Rill's state are its own."""
    (install / "rill" / "data" / "loan_officers.csv").write_text("mine\n")
    (install / "rill" / ".env").write_text("mine\n")
    (install / "rill" / "tmp").mkdir()
    monkeypatch.setenv("BONZO_CLIENT", "acme")
    folder = folders.prepare(create=True)
    assert folder == install / "clients" / "acme" == project_dir()
    assert folder.stat().st_mode & 0o077 == 0
    rill = folder / "rill"
    assert (rill / "models").resolve() == install / "rill" / "models"
    shared = {path.name for path in (rill / "data").iterdir()}
    assert shared == {
        "us_states.csv",
        "loan_officers.example.csv",
        "lead_source_costs.example.csv",
    }
    assert not (rill / ".env").exists()
    assert not (rill / "tmp").exists()
    # An own file in a link's place stays, and new files of the project arrive.
    (rill / "themes").unlink()
    (rill / "themes").mkdir()
    (install / "rill" / "new").mkdir()
    folders.prepare(create=False)
    assert not (rill / "themes").is_symlink()
    assert (rill / "new").is_symlink()
    (install / "rill" / "new").rmdir()
    folders.prepare(create=False)
    assert not (rill / "new").is_symlink()


def test_two_clients_side_by_side(
    install: Path, run: Run, accounts: tuple[FakeBonzo, FakeBonzo]
) -> None:
    """Each has a server, rows and settings of its own; status lists both."""
    found = {}
    for name, account in zip(("acme", "birch"), accounts, strict=True):
        make(install, name, BONZO_API_TOKEN=account.token, BONZO_BASE_URL=account.url)
    for name in ("acme", "birch"):
        done = run(name, "launcher", "load")
        assert done.returncode == 0, done.stderr
        paths = ProjectPaths(install / "clients" / name, name, install)
        server = paths.server_address.read_text().strip()
        found[name] = (server.replace("/postgres?", "/bonzo?"), paths)
    (acme, acme_paths), (birch, birch_paths) = found["acme"], found["birch"]
    assert acme != birch
    assert (names_in(acme), names_in(birch)) == (["Ann"], ["Bob"])
    assert acme_paths.id_file.read_text() != birch_paths.id_file.read_text()
    for paths in (acme_paths, birch_paths):
        assert f"clients/{paths.client}/" in (paths.rill / ".env").read_text()
        assert (paths.rill / "data" / "loan_officers.csv").is_file()
    assert not (install / ".data").exists()
    listed = run(None, "launcher", "status")
    assert listed.returncode == 0, listed.stderr
    assert "acme   1 prospects, data 0 min old; no dashboards" in listed.stdout
    assert "birch  1 prospects, data 0 min old; no dashboards" in listed.stdout
    postgres.stop(acme_paths.state)
    stopped = run(None, "launcher", "status")
    assert "acme   The embedded PostgreSQL is not running: start it with `make db " in (
        stopped.stdout
    )
    assert run("acme", "launcher", "db", "start").returncode == 0
    one = run("birch", "launcher", "status")
    assert "last loads (UTC)" in one.stdout
    # Mixed up on purpose: acme's settings with the address of birch's server.
    env = acme_paths.project / ".env"
    env.write_text(env.read_text() + f"DATABASE_URL={birch}\n")
    for arguments in (
        ["loader", "load"],
        ["loader", "status"],
        ["loader", "init-db"],
        ["loader", "forget", "1", "--yes"],
        ["launcher", "load"],
    ):
        done = run("acme", *arguments)
        assert done.returncode == 1, arguments
        assert "This database is not that of client acme" in done.stderr
    assert names_in(birch) == ["Bob"]


def test_a_database_of_ones_own_server_belongs_to_one_client(
    install: Path,
    run: Run,
    accounts: tuple[FakeBonzo, FakeBonzo],
    new_database: NewDatabase,
) -> None:
    """Who loads first owns it, on whatever machine; others are refused, unchanged."""
    with new_database() as dsn:
        for name, account in zip(("acme", "birch"), accounts, strict=True):
            make(
                install,
                name,
                BONZO_API_TOKEN=account.token,
                BONZO_BASE_URL=account.url,
                DATABASE_URL=dsn,
            )
        assert run("acme", "loader", "load").returncode == 0
        done = run("birch", "loader", "load")
        assert done.returncode == 1
        assert "Correct DATABASE_URL in clients/birch/.env" in done.stderr
        # Nor is it shown: without a token `start` would only look at it.
        make(install, "cedar", DATABASE_URL=dsn)
        done = run("cedar", "launcher", "load")
        assert done.returncode == 1
        assert "not that of client cedar" in done.stderr
        assert names_in(dsn) == ["Ann"]
        assert run("acme", "loader", "load").returncode == 0


def test_what_is_one_clients_is_not_in_the_environment(
    install: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token or an address there would go to every client."""
    make(install, "acme", BONZO_API_TOKEN="tok-of-acme")
    monkeypatch.setenv("BONZO_CLIENT", "acme")
    assert load_settings().bonzo_api_token == "tok-of-acme"
    for name in clients.OWN_VARIABLES:
        with monkeypatch.context() as changed:
            changed.setenv(name, "x")
            with pytest.raises(
                LoaderError, match=rf"{name} is set .*clients/acme/.env"
            ):
                load_settings()


def test_one_token_for_two_clients_is_refused(
    install: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copied token would fill one client's database with another's account."""
    make(install, "acme", BONZO_API_TOKEN="tok-of-acme")
    make(install, "birch", BONZO_API_TOKEN="tok-of-acme")
    monkeypatch.setenv("BONZO_CLIENT", "birch")
    with pytest.raises(LoaderError, match="same BONZO_API_TOKEN") as raised:
        load_settings()
    assert "tok-of-acme" not in raised.value.message
    # One seat that acts for two people sees two accounts.
    env = install / "clients" / "birch" / ".env"
    env.write_text(env.read_text() + "BONZO_ON_BEHALF_OF=7\n")
    assert load_settings().bonzo_on_behalf_of == "7"


def test_rill_reads_the_clients_database_only(
    install: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another database in RILL_DATABASE_URL is refused, another user is not."""
    folder = make(
        install,
        "acme",
        DATABASE_URL="postgresql://loader@h/acme",
        RILL_DATABASE_URL="postgresql://reader@h:5432/acme",
    )
    monkeypatch.setenv("BONZO_CLIENT", "acme")
    folders.prepare(create=False)
    paths, settings = ProjectPaths.current(), load_settings()
    written = point_rill_at(paths, settings.database_url, settings, demo=False)
    assert "reader@h:5432/acme" in written.read_text()
    env = folder / ".env"
    env.write_text(env.read_text().replace("h:5432/acme", "h:5432/birch"))
    with pytest.raises(LoaderError, match="names another database"):
        point_rill_at(paths, settings.database_url, settings, demo=False)


def test_make_takes_the_client_as_typed() -> None:
    """An empty name is an error; one that only the shell has chooses nobody."""
    command = ["make", "--no-print-directory", "help"]
    environment = {**os.environ, "CLIENT": "acme"}
    for more, code in ((["CLIENT="], 2), (["CLIENT=acme"], 0), ([], 0)):
        done = subprocess.run(
            [*command, *more],
            cwd=SCHEMA_FILE.parent,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stderr
        assert ("CLIENT is empty" in done.stderr) == (code == 2)
    shown = subprocess.run(
        ["make", "-n", "clean", "CLIENT=acme"],
        cwd=SCHEMA_FILE.parent,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown.returncode == 2
    assert "rm -rf" not in shown.stdout
