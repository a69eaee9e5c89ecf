"""What goes wrong outside is reported in a sentence that names the fix."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result

from demo.demo_account import demo_year
from demo.server import FakeBonzo
from launcher.cli import main as launcher_main
from loader.cli import main as loader_main

SECRET = "token-that-must-not-show"


@pytest.fixture(scope="module")
def bonzo() -> Iterator[FakeBonzo]:
    """A small Bonzo account over HTTP."""
    now = datetime.now(timezone.utc)
    with FakeBonzo(demo_year(now.date(), 20).account(now), token=SECRET) as server:
        yield server


@pytest.fixture
def setting(
    monkeypatch: pytest.MonkeyPatch, bonzo: FakeBonzo, database: str
) -> pytest.MonkeyPatch:
    """Settings with which everything works; tests break one of them."""
    monkeypatch.setenv("BONZO_API_TOKEN", SECRET)
    monkeypatch.setenv("BONZO_BASE_URL", bonzo.url)
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("BONZO_RETRIES", "1")
    monkeypatch.setenv("BONZO_BACKOFF", "0")
    return monkeypatch


def call(*arguments: str) -> Result:
    """Run a command; whatever happens is no traceback and shows no token."""
    program, *rest = arguments
    if program == "launcher":
        result = CliRunner().invoke(launcher_main, rest)
    else:
        result = CliRunner().invoke(loader_main, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert SECRET not in result.output
    assert "Traceback" not in result.output
    return result


def rows(database: str) -> int:
    """How many prospects the database holds."""
    with psycopg.connect(database) as connection:
        found = connection.execute("select count(*) from prospects").fetchone()
    assert found
    return found[0]


def test_everything_in_place(setting: pytest.MonkeyPatch, database: str) -> None:
    """With right settings the load works, so the tests below show their fault."""
    assert call("load").exit_code == 0
    assert rows(database) > 0


def test_own_database_starts_nothing(
    setting: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With DATABASE_URL set no embedded server is started, nor its files made."""
    call("load")
    call("status")
    assert not list(tmp_path.glob(".data/pg*"))
    assert not list(tmp_path.glob(".data/postgres*"))


def test_wrong_token(setting: pytest.MonkeyPatch, database: str) -> None:
    """A token that Bonzo refuses: make a new one; nothing is written."""
    setting.setenv("BONZO_API_TOKEN", "another")
    result = call("load")
    assert result.exit_code == 1
    assert "does not accept the token" in result.output
    assert "Make a new one" in result.output
    assert rows(database) == 0


def test_no_token(setting: pytest.MonkeyPatch) -> None:
    """Without a token the sentence says where to put one."""
    setting.delenv("BONZO_API_TOKEN")
    result = call("load")
    assert result.exit_code == 1
    assert "BONZO_API_TOKEN" in result.output


def test_unreachable_bonzo(setting: pytest.MonkeyPatch, database: str) -> None:
    """Bonzo away: check the network and the address; nothing is written."""
    setting.setenv("BONZO_BASE_URL", "http://127.0.0.1:9/api")
    result = call("load")
    assert result.exit_code == 1
    assert "Check the network and BONZO_BASE_URL" in result.output
    assert rows(database) == 0


@pytest.mark.parametrize(
    "arguments", [["load"], ["status"], ["init-db"], ["launcher", "load"]]
)
def test_unreachable_database(
    setting: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    """PostgreSQL away: the sentence names DATABASE_URL, without its password."""
    setting.delenv("BONZO_API_TOKEN") if arguments[0] == "launcher" else None
    setting.setenv("DATABASE_URL", "postgresql://me:geheim@127.0.0.1:9/bonzo")
    result = call(*arguments)
    assert result.exit_code == 1
    assert "DATABASE_URL" in result.output
    assert "geheim" not in result.output


def test_schema_missing(setting: pytest.MonkeyPatch, empty_database: str) -> None:
    """An empty database: the sentence says which command makes the tables."""
    setting.setenv("DATABASE_URL", empty_database)
    result = call("load")
    assert result.exit_code == 1
    assert "init-db" in result.output


def test_refresh_without_rill(setting: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A refresh with no Rill running says how to start one."""
    setting.setattr("loader.running_rill.DEFAULT_PORT", 9)
    result = call("launcher", "refresh")
    assert result.exit_code == 1
    assert "make start" in result.output


def test_headlines_without_settings(setting: pytest.MonkeyPatch) -> None:
    """Headline numbers before anything is set up say what to run first."""
    result = call("launcher", "headlines")
    assert result.exit_code == 1
    assert "launcher env" in result.output


def test_validate_without_rill(setting: pytest.MonkeyPatch) -> None:
    """Validation without Rill says how to get one."""
    setting.setenv("PATH", "")
    result = call("launcher", "validate")
    assert result.exit_code == 1
    assert "docs.rilldata.com" in result.output


class TestDoctor:
    """`doctor` finds each fault and names its fix."""

    def test_all_well(self, setting: pytest.MonkeyPatch) -> None:
        """With everything in place nothing is wrong and the exit code is 0."""
        result = call("doctor")
        assert result.exit_code == 0, result.output
        assert "WRONG" not in result.output
        for subject in ("mapping", "database", "schema", "token", "scope campaigns"):
            assert f"ok    {subject}:" in result.output

    def test_wrong_token(self, setting: pytest.MonkeyPatch) -> None:
        """A refused token is wrong; what does not need it is looked at all the same."""
        setting.setenv("BONZO_API_TOKEN", "another")
        result = call("doctor")
        assert result.exit_code == 1
        assert "WRONG token: Bonzo does not accept the token" in result.output
        assert "ok    schema" in result.output

    def test_database_away(self, setting: pytest.MonkeyPatch) -> None:
        """A database that is away is wrong; the token is looked at all the same."""
        setting.setenv("DATABASE_URL", "postgresql://me:geheim@127.0.0.1:9/bonzo")
        result = call("doctor")
        assert result.exit_code == 1
        assert "WRONG database:" in result.output
        assert "ok    token" in result.output
        assert "geheim" not in result.output

    def test_no_schema(self, setting: pytest.MonkeyPatch, empty_database: str) -> None:
        """Missing tables are wrong, and the fix is a command."""
        setting.setenv("DATABASE_URL", empty_database)
        result = call("doctor")
        assert result.exit_code == 1
        assert "WRONG schema:" in result.output
        assert "init-db" in result.output

    def test_unreadable_mapping(
        self, setting: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """A mapping file with a key of nowhere is wrong and the key is named."""
        (tmp_path / "bonzo.yaml").write_text("stagse: {}\n")
        result = call("doctor")
        assert result.exit_code == 1
        assert "WRONG mapping:" in result.output
        assert "stagse" in result.output

    def test_unmapped_stage(
        self, setting: pytest.MonkeyPatch, bonzo: FakeBonzo
    ) -> None:
        """A stage name that means nothing is a note, with the file to add it to."""
        stage = bonzo.account.pipelines[0]["stages"][0]
        setting.setitem(stage, "name", "Parked Somewhere")
        result = call("doctor")
        assert result.exit_code == 0
        assert "note  stages:" in result.output
        assert "Parked Somewhere" in result.output
        assert "bonzo.yaml" in result.output

    def test_the_data_is_judged(self, setting: pytest.MonkeyPatch) -> None:
        """Before the first load that is said; after it, its age and counts."""
        assert "note  data: no complete load yet" in call("doctor").output
        assert call("load", "--no-refresh").exit_code == 0
        output = call("doctor").output
        assert "ok    data: the last complete load ended 0.0 hours ago" in output
        assert "rejects: " in output
        assert "leads without stage: " in output
        assert "messages without step: " in output

    def test_support_gets_counts_alone(
        self, setting: pytest.MonkeyPatch, bonzo: FakeBonzo
    ) -> None:
        """No token, host, path or name is in the object, whatever is wrong."""
        stage = bonzo.account.pipelines[0]["stages"][0]
        setting.setitem(stage, "name", "Parked By Ann")
        setting.setenv("DATABASE_URL", "postgresql://me:geheim@127.0.0.1:9/bonzo")
        for program in ((), ("launcher",)):
            result = call(*program, "doctor", "--json")
            assert result.exit_code == 1
            for personal in ("Parked", "geheim", "127.0.0.1", "/", "me:"):
                assert personal not in result.stdout
            document = json.loads(result.stdout)
            states = {c["subject"]: c["state"] for c in document["checks"]}
            assert states["database"] == "wrong"
            assert states["token"] == "ok"
        assert {"rill", "extensions", "port"} <= states.keys()

    def test_all_well_for_support(self, setting: pytest.MonkeyPatch) -> None:
        """Versions and counts are in it."""
        document = json.loads(call("doctor", "--json").stdout)
        found = {check["subject"]: check for check in document["checks"]}
        assert found["database"]["encoding"] == "UTF8"
        assert found["schema"]["version"] >= 1
        assert found["token"]["prospects"] == 20

    def test_a_taken_port_is_wrong(self, setting: pytest.MonkeyPatch) -> None:
        """The port that is set must be free, unless our own Rill has it."""
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            setting.setenv("BONZO_RILL_PORT", str(taken.getsockname()[1]))
            result = call("launcher", "doctor")
        assert result.exit_code == 1
        assert "WRONG port:" in result.output

    @pytest.mark.parametrize("port", ["0", "65536", "-1", "web", "²", "9" * 5000])
    def test_a_port_that_is_none_is_wrong(
        self, setting: pytest.MonkeyPatch, port: str
    ) -> None:
        """What is not a port is named with what would be one."""
        setting.setenv("BONZO_RILL_PORT", port)
        result = call("launcher", "doctor")
        assert result.exit_code == 1
        expected = f"BONZO_RILL_PORT={port[:60]} is not a valid port: use 1 to 65535"
        assert expected in result.output
