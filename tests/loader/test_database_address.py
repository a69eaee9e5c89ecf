"""DATABASE_URL as people and other tools write it; a password is never shown."""

from __future__ import annotations

import pytest

from loader.database.connection import connect
from loader.database.dsn import describe_dsn, dsn_problem
from loader.errors import LoaderError

PASSWORDS = [
    "p@ss-SECRET",
    "pa/ss-SECRET",
    "12/ss-SECRET",
    "pa%SECRET",
    "pa ss-SECRET",
    "pa?x=SECRET",
    "p@s?SECRET=1",
    "pa#SECRET",
    "pa:SECRET",
    "pa[SECRET",
    "@SECRET@",
    "SECRET/@:#?%",
]


@pytest.mark.parametrize("password", PASSWORDS)
@pytest.mark.parametrize("tail", ["", "?sslmode=disable", "?schema=public"])
def test_no_part_of_a_password_is_shown(password: str, tail: str) -> None:
    """Not even where its characters make it look like a host or a database."""
    dsn = f"postgresql://u:{password}@127.0.0.1:1/db{tail}"
    with pytest.raises(LoaderError) as caught:
        connect(dsn)
    assert "SECRET" not in caught.value.message
    assert "SECRET" not in describe_dsn(dsn)
    assert "SECRET" not in (dsn_problem(dsn) or "")


@pytest.mark.parametrize("password", ["p@ss-SECRET", "pa/ss-SECRET", "pa%SECRET"])
def test_what_must_be_encoded_is_said(password: str) -> None:
    """The sentence has the characters and what to write for two of them."""
    with pytest.raises(LoaderError, match="percent-encoded") as caught:
        connect(f"postgresql://u:{password}@127.0.0.1:1/db")
    assert "%40" in caught.value.message


@pytest.mark.parametrize(
    ("dsn", "part"),
    [
        ("postgresql+psycopg://u:SECRET@h/db", "postgresql+psycopg://"),
        ("postgresql+asyncpg://u:SECRET@h/db", "postgresql+asyncpg://"),
        ("jdbc:postgresql://h/db?user=u&password=SECRET", "jdbc:postgresql://"),
        ("mysql://u:SECRET@h/db", "mysql://"),
        ("https://u:SECRET@h/db", "https://"),
        ("postgresql://u:SECRET@h/db?schema=public", "(schema)"),
        ("postgres://u:SECRET@h/db?pgbouncer=true", "(pgbouncer)"),
        (
            "postgresql://u:SECRET@h/db?sslmode=require&schema=x&connection_limit=1",
            "(schema, connection_limit)",
        ),
        ('"postgresql://u:SECRET@h/db"', "quotation marks"),
        ("psql postgresql://u:SECRET@h/db", "psql"),
        ("h:5432/db", "cannot be understood"),
        ("host=h pass=SECRET", "cannot be understood"),
    ],
)
def test_what_is_not_understood_is_named(dsn: str, part: str) -> None:
    """Addresses of SQLAlchemy, JDBC, Prisma and others are not a server that is off."""
    with pytest.raises(LoaderError) as caught:
        connect(dsn)
    assert part in caught.value.message
    assert "SECRET" not in caught.value.message
    assert "Start it" not in caught.value.message


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql://u:p@h:5432/db",
        "postgres://u@h",
        "postgresql://u:p%40ss@h/db?sslmode=require&application_name=x",
        "postgresql://u:p@h1:1,h2:2/db?target_session_attrs=read-write",
        "postgresql://u:p@[::1]:5432/db",
        "postgresql:///db?host=/var/run/postgresql",
        "postgresql://u@%2Fvar%2Frun/db",
        "host=h port=5432 dbname=db user=u",
        "postgresql://u:p@h/my%40db",
        "postgresql://ep-cool-1.us-east-2.aws.neon.tech/db?channel_binding=require",
    ],
)
def test_good_addresses_have_no_problem(dsn: str) -> None:
    """Everything that libpq takes."""
    assert dsn_problem(dsn) is None


def test_a_server_that_is_off_is_named_with_its_place() -> None:
    """Host, port and database, which are no secrets."""
    with pytest.raises(LoaderError, match=r"127\.0\.0\.1:1/db"):
        connect("postgresql://u:SECRET@127.0.0.1:1/db")
