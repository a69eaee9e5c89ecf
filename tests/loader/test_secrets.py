"""The token is nowhere but in the request's header."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from demo.faults import KINDS, Fault
from demo.server import FakeBonzo
from loader.address import check_base_url
from loader.bonzo.client import BonzoClient
from loader.config import Settings, load_settings, secrets_of
from loader.errors import LoaderError
from tests.loader.conftest import TOKEN
from tests.loader.records import campaign, listing, message, prospect
from tests.quick_settings import quick_settings

ROOT = Path(__file__).parent.parent.parent


def everything_in(dsn: str) -> str:
    """Every row of every table as text."""
    with psycopg.connect(dsn) as connection:
        tables = connection.execute(
            "select schemaname, tablename from pg_tables "
            "where schemaname in ('public', 'loader')"
        ).fetchall()
        parts = []
        for schema, table in tables:
            query = f'select t::text from "{schema}"."{table}" as t'
            parts += [row[0] for row in connection.execute(query)]
    return "\n".join(parts)


FATAL = ("unauthorized", "forbidden", "not_found", "redirect", "refused")
PASSING = tuple(kind for kind in KINDS if kind not in FATAL)


@pytest.mark.parametrize("kinds", [PASSING, *((kind,) for kind in FATAL)])
def test_no_fault_shows_the_token(
    server: FakeBonzo, database: str, tmp_path: Path, kinds: tuple[str, ...]
) -> None:
    """Whatever goes wrong at the highest verbosity, the token stays unseen."""
    # A service that repeats the token must not get it stored as an original.
    server.account.campaigns.append(campaign(71, 710, created_at=TOKEN))
    for i in range(1, 40):
        record = prospect(i, campaigns=[listing(71)], do_not_call=f"Bearer {TOKEN}")
        server.account.put_prospect(record)
        server.account.put_message(message(i, i, event_date=TOKEN, created_at=TOKEN))
    for kind in kinds:
        for path in ("/campaigns", r"/prospects\?", "/communication"):
            location = f"http://127.0.0.2:1/?token={TOKEN}"
            server.faults.add(
                Fault(kind, path, 1, retry_after="0", seconds=0.6, location=location)
            )
    outputs = [verbose_load(server, database, tmp_path)]
    outputs.append(verbose_load(server, database, tmp_path, "--log-format", "json"))
    server.faults.clear()
    outputs.append(verbose_load(server, database, tmp_path))
    assert "GET" in outputs[0]
    assert [text for text in outputs if TOKEN in text] == []
    stored = everything_in(database)
    assert "do_not_call" in stored
    assert "event_date" in stored
    assert TOKEN not in stored
    assert server.authorizations == {f"Bearer {TOKEN}"}


def verbose_load(server: FakeBonzo, dsn: str, folder: Path, *arguments: str) -> str:
    """Everything that a load says when it says all it can."""
    done = subprocess.run(
        [sys.executable, "-m", "loader", "load", "-v", *arguments],
        env={
            **os.environ,
            "BONZO_API_TOKEN": TOKEN,
            "BONZO_BASE_URL": server.url,
            "BONZO_PROJECT_DIR": str(folder),
            "BONZO_RATE_LIMIT": "1000000",
            "BONZO_BACKOFF": "0.01",
            "BONZO_TIMEOUT": "0.5",
            "BONZO_PER_PAGE": "3",
            "DATABASE_URL": dsn,
            "PYTHONPATH": str(ROOT),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout + done.stderr


def test_settings_do_not_show_secrets() -> None:
    """Not even when somebody prints them."""
    shown = repr(Settings(bonzo_api_token=TOKEN, database_url="postgresql://a:pw@b/c"))
    assert TOKEN not in shown
    assert "pw" not in shown


def test_the_databases_password_is_a_secret_by_itself() -> None:
    """An error may hold it without the rest of the address; a mere word hides none."""
    settings = Settings(database_url="postgresql://u:p%40ss-1@h/db")
    assert {"p%40ss-1", "p@ss-1"} < set(secrets_of(settings))
    for password in ("postgres", "pw1", "100000"):
        url = f"postgresql://u:{password}@h/db"
        assert secrets_of(Settings(database_url=url)) == (None, url)


def test_the_token_cannot_be_a_flag() -> None:
    """A flag would show it in the process list."""
    with pytest.raises(LoaderError, match=r"\.env alone"):
        load_settings(bonzo_api_token=TOKEN)


@pytest.mark.parametrize(
    "url",
    [
        "http://app.getbonzo.com/api/v3",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://10.0.0.1",
        "ftp://127.0.0.1",
        "https://user:pw@app.getbonzo.com",
        "app.getbonzo.com",
    ],
)
def test_addresses_over_which_a_token_would_travel_readable(url: str) -> None:
    """Only TLS, or this machine itself."""
    with pytest.raises(LoaderError):
        check_base_url(url)


@pytest.mark.parametrize(
    "url", ["https://app.getbonzo.com/api/v3", "http://127.0.0.1:1", "http://[::1]:1"]
)
def test_addresses_that_are_safe(url: str) -> None:
    """TLS anywhere, plain HTTP to this machine."""
    check_base_url(url)


def test_a_redirect_elsewhere_is_refused(server: FakeBonzo) -> None:
    """The token is not sent to another host, nor to another port."""
    server.account.put_prospect(prospect(1))
    with FakeBonzo(server.account, token=TOKEN) as other:
        server.faults.add(Fault("redirect", "/prospects", location=other.url))
        with pytest.raises(LoaderError, match="redirects to another host"):
            BonzoClient(quick_settings(server)).get_page("/prospects", 1)
        assert other.authorizations == set()


def test_a_redirect_within_the_host_is_followed(server: FakeBonzo) -> None:
    """A service may move a path."""
    server.account.put_prospect(prospect(1))
    target = server.url + "/prospects/1"
    server.faults.add(Fault("redirect", r"/prospects\?", location=target))
    assert (
        BonzoClient(quick_settings(server)).get("/prospects", page=1)["data"]["id"] == 1
    )


def test_a_readable_env_file_is_warned_about(tmp_path: Path) -> None:
    """Others on the machine could read the token."""
    path = tmp_path / ".env"
    path.write_text("BONZO_API_TOKEN=abc$def\n")
    path.chmod(0o644)
    settings = load_settings()
    assert settings.bonzo_api_token == "abc$def"
    assert "chmod 600" in settings.warnings[0]
    path.chmod(0o600)
    assert load_settings().warnings == ()


def test_netrc_does_not_replace_the_token(
    server: FakeBonzo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An entry for the host in ~/.netrc is somebody else's password."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password mine\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    client = BonzoClient(quick_settings(server))
    client._transport.session().trust_env = True
    assert json.dumps(client.get("/prospects", page=1))
    assert server.authorizations == {f"Bearer {TOKEN}"}
