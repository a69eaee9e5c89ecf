"""Connecting to PostgreSQL: what is relied on, and what is said without it."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from demo.server import FakeBonzo
from loader.database.connection import Database, connect
from loader.database.errors import describe_dsn
from loader.database.retry import CONFLICT_RETRIES
from loader.errors import LoaderError
from tests.loader.conftest import Load
from tests.loader.records import message, prospect

# Words of PostgreSQL, PgBouncer and libpq, and a word of the fix for each.
REFUSALS = {
    "sorry, too many clients already": "max_connections",
    "remaining connection slots are reserved for roles with the SUPERUSER attribute": (
        "max_connections"
    ),
    "no more connections allowed (max_client_conn)": "max_connections",
    "the database system is starting up": "try again",
    "the database system is in recovery mode": "try again",
    'no pg_hba.conf entry for host "10.0.0.9", user "u", database "d", no encryption': (
        "sslmode=require"
    ),
    'no pg_hba.conf entry for host "10.0.0.9", user "u", database "d"': (
        "administrator"
    ),
    "unsupported startup parameter: search_path": "ignore_startup_parameters",
    'password authentication failed for user "u"': "user or password",
    'database "d" does not exist': "Create it",
    'role "u" does not exist': "Create it",
    'role "u" is not permitted to log in': "LOGIN",
    'permission denied for database "d"': "CONNECT",
    'database "d" is not currently accepting connections': "another database",
}


SSL_REQUEST = struct.pack("!i", 80877103)


@contextmanager
def refusing_server(words: str | None, ssl: bytes = b"S") -> Iterator[int]:
    """Port of a server that refuses every connection; with None it stays silent.

    `ssl` is what it replies to a request for SSL.
    """

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            clients.append(client)
            if words is None:
                continue
            if client.recv(1024)[4:] == SSL_REQUEST:
                client.sendall(ssl)
                continue
            text = words.encode()
            fields = b"SFATAL\0VFATAL\0C53300\0M" + text + b"\0\0"
            client.sendall(b"E" + struct.pack("!i", len(fields) + 4) + fields)
            client.close()

    clients: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
    for client in clients:
        client.close()


@pytest.mark.parametrize(("words", "fix"), REFUSALS.items())
def test_a_refusal_is_told_in_postgresqls_words_with_a_fix(
    words: str, fix: str
) -> None:
    """The sentence holds what the server said, what to do, and no password."""
    with refusing_server(words) as port:
        dsn = f"postgresql://u:pa55word@127.0.0.1:{port}/d?sslmode=disable"
        with pytest.raises(LoaderError) as raised:
            connect(dsn)
    assert words in raised.value.message
    assert fix in raised.value.message
    assert f"127.0.0.1:{port}/d" in raised.value.message
    assert "pa55word" not in raised.value.message


def test_a_server_without_ssl_is_told() -> None:
    """`sslmode=require` against a server without SSL names the setting to change."""
    with (
        refusing_server("", ssl=b"N") as port,
        pytest.raises(LoaderError, match=r"does not support SSL.*sslmode=prefer"),
    ):
        connect(f"postgresql://u@127.0.0.1:{port}/d?sslmode=require")


def test_a_missing_root_certificate_is_told() -> None:
    """A certificate that is not there is a fault of the address, not of the server."""
    with refusing_server("") as port, pytest.raises(LoaderError) as raised:
        connect(
            f"postgresql://u@127.0.0.1:{port}/d"
            "?sslmode=verify-full&sslrootcert=/nowhere/root.crt"
        )
    assert "/nowhere/root.crt" in raised.value.message
    assert "Correct sslrootcert" in raised.value.message


def test_a_silent_server_is_given_up_in_time() -> None:
    """A server that accepts and says nothing costs the connect time-out, no more."""
    began = time.monotonic()
    with refusing_server(None) as port, pytest.raises(LoaderError, match="no answer"):
        connect(f"postgresql://u@127.0.0.1:{port}/d", connect_timeout=2)
    assert time.monotonic() - began < 20


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql://u:p@ss-SECRET@127.0.0.1:1/db",
        "postgresql://u:pa/ss-SECRET@127.0.0.1:1/db",
        "postgresql://u:pa:ss-SECRET@127.0.0.1:1/db",
        "postgresql://u:pass-SECRET @127.0.0.1:1/db",
        "postgresql+psycopg://u:ss-SECRET@127.0.0.1:1/db",
        "jdbc:postgresql://u:ss-SECRET@127.0.0.1:1/db",
        "postgresql://u:ss-SECRET@127.0.0.1:1/db?schema=public",
        "postgresql://u:ss-SECRET@127.0.0.1:1/db?pgbouncer=true",
        "host=127.0.0.1 port=1 password=ss-SECRET dbname=",
    ],
)
def test_no_address_shows_its_password(dsn: str) -> None:
    """However a password is written into an address, no sentence repeats it."""
    with pytest.raises(LoaderError) as raised:
        connect(dsn)
    assert "SECRET" not in raised.value.message
    assert "SECRET" not in (describe_dsn(dsn) or "")


SETTINGS = {
    "datestyle": "SQL, DMY",
    "timezone": "Asia/Tokyo",
    "intervalstyle": "iso_8601",
    "search_path": "nowhere",
    "client_encoding": "LATIN1",
    "bytea_output": "escape",
    "standard_conforming_strings": "off",
    "default_transaction_isolation": "serializable",
    "statement_timeout": "20s",
    "lock_timeout": "1ms",
    "transform_null_equals": "on",
    "quote_all_identifiers": "on",
}


def test_no_setting_of_the_database_changes_a_row(
    server: FakeBonzo, load: Load, database: str, rows: Callable
) -> None:
    """A database with settings of its own holds what any other would."""
    start = {"campaigns": [{"id": 71, "sequence_start": "2026-03-04T05:06:07Z"}]}
    server.account.put_prospect(prospect(1, first_name="Zoë", **start))
    server.account.put_message(
        message(1, 1, event_date="2026-03-04T05:06:07Z", event_id=1, sequence_id=710)
    )
    name = conninfo_to_dict(database)["dbname"]
    with psycopg.connect(database, autocommit=True) as connection:
        for setting, value in SETTINGS.items():
            connection.execute(
                sql.SQL("alter database {} set {} = {}").format(
                    sql.Identifier(name), sql.Identifier(setting), sql.Literal(value)
                )
            )
    assert load().outcome == "complete"
    assert load(recheck_days=1e5).changed == 0
    with connect(database) as connection:
        found = connection.execute(
            "select first_name, assigned_at::text, engagement_time::text "
            "from public.prospects join public.prospect_campaign_assignments "
            "using (prospect_id) join public.touch_engagements using (prospect_id)"
        ).fetchall()
    assert set(found) == {("Zoë", *["2026-03-04 05:06:07+00"] * 2)}


def test_options_of_the_address_are_kept(database: str) -> None:
    """What an address sets for the server is not replaced by the loader's own."""
    with connect(database, options="-c work_mem=7MB") as connection:
        assert connection.execute("show work_mem").fetchone() == ("7MB",)
        assert connection.execute("show timezone").fetchone() == ("UTC",)


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_another_encoding_is_refused(postgres_server: str, encoding: str) -> None:
    """A database that cannot hold every name is refused by whoever connects."""
    name = f"bonzo_{encoding.lower()}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"drop database if exists {name}")
        connection.execute(
            f"create database {name} encoding '{encoding}' locale 'C' "
            "template template0"
        )
        try:
            with pytest.raises(LoaderError, match=f"is {encoding}; UTF8 is needed"):
                connect(psycopg.conninfo.make_conninfo(postgres_server, dbname=name))
        finally:
            connection.execute(f"drop database {name} with (force)")


def test_a_deadlock_is_tried_again(database: str) -> None:
    """A collision costs another attempt; one that never ends is a sentence."""
    attempts = []

    def collide(connection: psycopg.Connection) -> int:
        attempts.append(connection)
        if len(attempts) < 3:
            raise psycopg.errors.DeadlockDetected
        return 42

    with Database(database) as opened:
        assert opened.transaction(collide) == 42
        attempts.clear()
        with pytest.raises(LoaderError, match="same rows"):
            opened.transaction(_serialization_failure(attempts))
    assert len(attempts) == CONFLICT_RETRIES + 1


def _serialization_failure(attempts: list) -> Callable:
    def work(connection: psycopg.Connection) -> None:
        attempts.append(connection)
        connection.execute(
            "do $$ begin raise exception 'collided' using errcode = '40001'; end $$"
        )

    return work


def test_a_connect_time_out_is_a_lost_connection(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the server does not answer, the loader goes on trying."""
    real, refused = psycopg.connect, []

    def slow(*arguments: object, **options: object) -> psycopg.Connection:
        if len(refused) < 3:
            refused.append(1)
            raise psycopg.errors.ConnectionTimeout("connection timeout expired")
        return real(*arguments, **options)

    with Database(database, wait=30) as opened, monkeypatch.context() as patch:
        patch.setattr(psycopg, "connect", slow)
        opened._connection.close()
        row = opened.transaction(lambda c: c.execute("select 1").fetchone())
    assert row == (1,)
    assert len(refused) == 3
    refused.clear()
    with Database(database, wait=0) as opened, monkeypatch.context() as patch:
        patch.setattr(psycopg, "connect", slow)
        opened._connection.close()
        with pytest.raises(LoaderError, match=r"was lost.*no answer in time"):
            opened.transaction(lambda c: c.execute("select 1").fetchone())
