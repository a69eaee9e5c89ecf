"""The variables that Rill gets."""

from __future__ import annotations

import stat
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from launcher.rill import env_file
from loader.errors import LoaderError

SECRET = "s3cr:t\\$'@/?"
URL = "postgresql://report:s3cr%3At%5C%24%27%40%2F%3F@db.example.com:6543/crm?sslmode=require"


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A Rill folder and the path of a password file."""
    (tmp_path / "rill").mkdir()
    return tmp_path / "rill", tmp_path / "state" / "pgpass"


def test_password_goes_into_its_own_file(files: tuple[Path, Path]) -> None:
    """Rill's file has no password; the password file has it, escaped."""
    rill, passwords = files
    text = env_file.write(rill, URL, passwords, {"data_dir": "data"}).read_text()
    assert "s3cr" not in text
    assert f"passfile={passwords}" in text
    assert passwords.read_text() == (
        "db.example.com:6543:crm:report:s3cr\\:t\\\\$'@/?\n"
    )


def test_files_are_private(files: tuple[Path, Path]) -> None:
    """Only the owner can read either file, whatever was there before."""
    rill, passwords = files
    (rill / ".env").write_text("x=1\n")
    (rill / ".env").chmod(0o644)
    path = env_file.write(rill, URL, passwords, {})
    for file in (path, passwords):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_file_that_is_no_text_is_kept_and_named(files: tuple[Path, Path]) -> None:
    """Its lines cannot be kept as they are, so nothing is written."""
    rill, passwords = files
    (rill / ".env").write_bytes(b"city=M\xfcnchen\n")
    with pytest.raises(LoaderError, match="not UTF-8"):
        env_file.write(rill, URL, passwords, {})
    assert (rill / ".env").read_bytes() == b"city=M\xfcnchen\n"


def test_other_variables_are_kept(files: tuple[Path, Path]) -> None:
    """A second writing replaces our variables and keeps the user's lines."""
    rill, passwords = files
    env_file.write(rill, "postgresql://u@h/one", passwords, {"data_dir": "data"})
    with (rill / ".env").open("a") as handle:
        handle.write("contact_days=21\n# mine\n")
    env_file.write(rill, "postgresql://u@h/two", passwords, {"data_dir": "data/demo"})
    assert (rill / ".env").read_text().splitlines()[1:] == [
        "postgres_dsn='postgresql://u@h/two'",
        "data_dir='data/demo'",
        "contact_days=21",
        "# mine",
    ]


@pytest.mark.parametrize(
    "dsn",
    [
        URL,
        "postgresql://postgres@127.0.0.1:55432/bonzo",
        "host=/var/run/postgresql dbname=crm user='odd name'",
        "postgresql://postgres@/bonzo?host=/home/%C3%BC%20b/.data/socket&port=5432",
        "host=::1 port=5433 dbname=crm application_name='a b'",
        "postgresql:///crm",
    ],
)
def test_url_means_the_same(dsn: str, tmp_path: Path) -> None:
    """The URL that Rill gets names the same server, database and user."""
    wanted = {k: str(v) for k, v in conninfo_to_dict(dsn).items()}
    got = conninfo_to_dict(env_file.without_password(dsn, tmp_path / "pgpass"))
    wanted.pop("password", None)
    got.pop("passfile", None)
    assert {k: str(v) for k, v in got.items()} == wanted


def test_postgres_accepts_the_url(database: str, tmp_path: Path) -> None:
    """The client library connects with a URL that names a password file."""
    with_password = database.replace("postgres@", "postgres:unused@")
    url = env_file.without_password(with_password, tmp_path / "pgpass")
    with psycopg.connect(url) as connection:
        assert connection.info.password == "unused"


def test_unreadable_url_is_a_sentence(tmp_path: Path) -> None:
    """A DSN that cannot be parsed is explained without being shown."""
    with pytest.raises(LoaderError, match="DATABASE_URL cannot be read") as caught:
        env_file.without_password("host=x pass word=geheim", tmp_path / "p")
    assert "geheim" not in caught.value.message
