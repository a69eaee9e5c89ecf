"""The commands as a person or a timer runs them: output and exit codes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from demo.faults import Fault
from demo.limits import RateLimit
from demo.server import FakeBonzo
from loader.cli import main
from tests.loader.conftest import TOKEN
from tests.loader.records import campaign, listing, message, prospect

Rows = Callable[..., list[dict[str, Any]]]
Run = Callable[..., subprocess.CompletedProcess[str]]
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def environment(server: FakeBonzo, database: str, tmp_path: Path) -> dict[str, str]:
    """What the commands find around them."""
    server.account.campaigns.append(campaign(71, 710))
    for i in range(1, 31):
        server.account.put_prospect(prospect(i, campaigns=[listing(71)]))
        server.account.put_message(message(i, i))
    return {
        **os.environ,
        "BONZO_API_TOKEN": TOKEN,
        "BONZO_BASE_URL": server.url,
        "BONZO_PROJECT_DIR": str(tmp_path),
        "BONZO_RATE_LIMIT": "1000000",
        "BONZO_BACKOFF": "0.01",
        "DATABASE_URL": database,
        "PYTHONPATH": str(ROOT),
    }


@pytest.fixture
def command(environment: dict[str, str]) -> Run:
    """Run a command to its end: `command("load", "--strict", BONZO_RETRIES=0)`."""

    def do(*arguments: str, **changes: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "loader", *arguments],
            env={**environment, **{k: str(v) for k, v in changes.items()}},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return do


@pytest.fixture
def background(environment: dict[str, str]) -> Iterator[Callable[..., Any]]:
    """Start a command and leave it running; it is killed in the end."""
    started: list[subprocess.Popen[str]] = []

    def do(*arguments: str, **changes: object) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "loader", *arguments],
            env={**environment, **{k: str(v) for k, v in changes.items()}},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield do
    for process in started:
        process.kill()
        process.communicate()


def wait_for(condition: Callable[[], object], seconds: float = 20) -> None:
    """Wait until something holds; fail if it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def test_load_ends_with_a_table(command: Run) -> None:
    """Results go to stdout, progress and remarks to stderr."""
    done = command("load")
    assert done.returncode == 0, done.stderr
    assert re.search(r"^prospects +30 +30 +0 +0 +0$", done.stdout, re.MULTILINE)
    assert "complete: 30 prospects and 30 messages read" in done.stdout
    assert "page 1 of 1" in done.stderr


def test_load_in_json(command: Run) -> None:
    """Every line of both streams is an object that names its event."""
    done = command("load", "--log-format", "json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["event"] for line in lines] == ["load"]
    assert lines[0]["outcome"] == "complete"
    assert lines[0]["prospects_read"] == 30
    assert all(json.loads(line)["event"] for line in done.stderr.splitlines())


def test_strict_fails_over_rejects(command: Run, server: FakeBonzo) -> None:
    """Without --strict rejects are counted, with it they fail the command."""
    server.account.change_prospect(1, do_not_call="perhaps")
    assert command("load").returncode == 0
    done = command("load", "--strict")
    assert done.returncode == 1
    assert "0 records and 1 fields could not be stored" in done.stderr


def test_a_partial_load_says_so(command: Run, server: FakeBonzo) -> None:
    """Exit code 3 where the list was not read to a sure end."""
    server.faults.add(Fault("empty_page", r"/prospects\?", times=None))
    done = command("load", "--no-refresh")
    assert done.returncode == 3
    assert "came empty" in done.stderr


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"BONZO_API_TOKEN": "wrong"}, "does not accept the token"),
        ({"BONZO_API_TOKEN": ""}, "put BONZO_API_TOKEN"),
        ({"BONZO_BASE_URL": "http://example.com"}, "must begin with https://"),
        (
            {"BONZO_BASE_URL": "http://127.0.0.1:9", "BONZO_RETRIES": 0},
            "No usable answer",
        ),
        (
            {"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/x"},
            "Cannot reach PostgreSQL",
        ),
        ({"BONZO_PER_PAGE": "many"}, "BONZO_PER_PAGE must be a number"),
        ({"BONZO_MAPPING": "/nowhere.yaml"}, "Cannot read the mapping file"),
        ({"BONZO_COMPANY_TIME_ZONE": "Mars"}, "is not a valid time zone"),
    ],
)
def test_what_is_wrong_is_a_sentence(
    command: Run, changes: dict[str, str], said: str
) -> None:
    """Every wrong setting names its cure, without a traceback."""
    done = command("load", **changes)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_init_db_makes_an_empty_database_ready(
    command: Run, empty_database: str
) -> None:
    """Before it a load names it, after it a load works; twice is harmless."""
    done = command("load", DATABASE_URL=empty_database)
    assert done.returncode == 1
    assert "init-db" in done.stderr
    assert "Added to" in command("init-db", DATABASE_URL=empty_database).stdout
    again = command("init-db", DATABASE_URL=empty_database)
    assert "up to date" in again.stdout
    assert command("load", DATABASE_URL=empty_database).returncode == 0


def test_status_tells_how_things_stand(command: Run) -> None:
    """Age, rejects and the last runs; --max-age is for monitoring."""
    assert "no complete load yet" in command("status").stdout
    assert command("status", "--max-age", "1h").returncode == 1
    command("load")
    done = command("status", "--max-age", "1h")
    assert done.returncode == 0
    assert re.search(r"prospects +30 present, 0 deleted", done.stdout)
    found = json.loads(command("status", "--json").stdout)
    assert found["runs"][0]["outcome"] == "complete"
    assert 0 <= found["age_seconds"] < 60


def test_get_prints_an_answer(command: Run) -> None:
    """One authenticated read, with its query."""
    done = command("get", "/prospects", "per_page=2", "page=3")
    found = json.loads(done.stdout)
    assert len(found["data"]) == 2
    assert found["meta"]["current_page"] == 3
    assert command("get", "/nothing").returncode == 1
    assert "is not a valid NAME=VALUE" in command("get", "/prospects", "page").stderr


def test_every_loads_again_and_again(
    background: Callable[..., Any], server: FakeBonzo, rows: Rows
) -> None:
    """One line a run, the next run noted, failures survived, SIGTERM ends it."""
    process = background("load", "--every", "1s", BONZO_RETRIES=0)
    query = "select outcome, next_run_at from loader.sync_runs order by run_id"
    wait_for(lambda: sum(r["outcome"] == "complete" for r in rows(query)) >= 2)
    fault = server.faults.add(Fault("bad_gateway", "", times=None))
    wait_for(lambda: fault.hits >= 2)
    server.faults.clear()
    count = len(rows(query))
    wait_for(lambda: any(r["outcome"] == "complete" for r in rows(query)[count:]), 30)
    process.send_signal(signal.SIGTERM)
    output, errors = process.communicate(timeout=10)
    assert process.returncode == 143
    assert all(" complete: 30 prospects read" in x for x in output.splitlines())
    assert "failed: No usable answer" in errors
    assert any(r["next_run_at"] for r in rows(query))


@pytest.mark.parametrize(
    ("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
)
def test_a_signal_ends_a_load_at_once(
    background: Callable[..., Any],
    command: Run,
    server: FakeBonzo,
    rows: Rows,
    signum: int,
    code: int,
) -> None:
    """Even amid slow answers; the batch in hand is rolled back, the rest stays."""
    slow = server.faults.add(Fault("slow", "communication", seconds=15, times=None))
    process = background("load")
    wait_for(lambda: slow.hits)
    start = time.monotonic()
    process.send_signal(signum)
    _, errors = process.communicate(timeout=10)
    assert process.returncode == code
    assert time.monotonic() - start < 5
    assert "next load goes on" in errors
    assert rows("select outcome from loader.sync_runs") == [{"outcome": "failed"}]
    server.faults.clear()
    assert command("load").returncode == 0
    assert len(rows("select 1 from touch_engagements")) == 60


def test_a_second_load_says_who_is_at_work(
    background: Callable[..., Any], command: Run, server: FakeBonzo
) -> None:
    """Two loads of one database never run at a time."""
    slow = server.faults.add(Fault("slow", "communication", seconds=8, times=None))
    background("load")
    wait_for(lambda: slow.hits)
    done = command("load")
    assert done.returncode == 1
    assert "already running against" in done.stderr
    assert "bonzo-loader" in done.stderr


@pytest.mark.parametrize("text", ["15", "0m", "1y", "m"])
def test_an_interval_needs_a_unit(command: Run, text: str) -> None:
    """What is no interval is refused before anything is read."""
    done = command("load", "--every", text)
    assert done.returncode == 1
    assert "write 90s, 15m, 2h or 1d" in done.stderr


@pytest.mark.parametrize("name", ["db", "dashboards", "demo-server"])
def test_moved_command_names_its_successor(name: str) -> None:
    """A command that the launcher has now says what to run instead."""
    result = CliRunner().invoke(main, [name])
    assert result.exit_code == 2
    assert "python -m launcher" in result.output


TWO_LINES = "abcdef\nghi-secret"


@pytest.mark.parametrize(
    "arguments",
    [
        ("load",),
        ("load", "--log-format", "json", "-v"),
        ("load", "--every", "1s"),
        ("doctor",),
        ("get", "/prospects"),
        ("status",),
        ("init-db",),
    ],
)
@pytest.mark.parametrize("name", ["BONZO_API_TOKEN", "BONZO_ON_BEHALF_OF"])
@pytest.mark.parametrize("value", [TWO_LINES, "“abc-secret”", "abc€-secret"])
def test_a_value_that_no_header_carries_ends_every_command(
    command: Run, server: FakeBonzo, arguments: tuple[str, ...], name: str, value: str
) -> None:
    """One sentence, exit code 1, no part of the value, before the first request."""
    done = command(*arguments, **{name: value})
    output = done.stdout + done.stderr
    assert done.returncode == 1
    assert name in done.stderr
    assert "opy it again" in done.stderr
    assert "secret" not in output
    assert "abcdef" not in output
    assert "Traceback" not in output
    assert server.log == []


def test_get_masks_the_token(command: Run, server: FakeBonzo) -> None:
    """Also in text that JSON escapes, and harmless to show."""
    server.account.change_prospect(1, first_name=TOKEN, city=f"\x1b[31m{TOKEN}\x7f")
    done = command("get", "/prospects/1")
    found = json.loads(done.stdout)["data"]
    assert (found["first_name"], found["city"]) == ("***", "\x1b[31m***\x7f")
    assert TOKEN not in done.stdout
    assert "\x1b" not in done.stdout
    assert "\x7f" not in done.stdout


def test_doctor_shows_names_of_others_harmlessly(
    command: Run, server: FakeBonzo
) -> None:
    """A stage's name is anybody's text."""
    stages = [{"id": 1, "name": f"Odd \x1b[31m\u202e{TOKEN}", "pipeline_id": 1}]
    server.account.pipelines.append({"id": 1, "name": "P", "stages": stages})
    done = command("doctor")
    assert done.returncode == 0
    assert "Odd" in done.stdout
    assert not {"\x1b", "\u202e"} & set(done.stdout)
    assert TOKEN not in done.stdout


def test_doctor_takes_pipelines_of_any_shape(command: Run, server: FakeBonzo) -> None:
    """What is no list of stages has none to compare."""
    server.account.pipelines += [
        {"id": 1, "name": "P", "stages": 5},
        {"id": 2, "name": "Q", "stages": {"3": {"id": 1, "name": "Odd one"}}},
        {"id": 3, "name": "R", "stages": ["x", {"id": 2, "name": None}]},
    ]
    done = command("doctor")
    assert done.returncode == 0
    assert "scope pipelines: granted" in done.stdout
    assert "(Odd one)" in done.stdout


def test_doctor_counts_problems(command: Run) -> None:
    """The last line says how many there are to fix."""
    done = command("doctor", BONZO_API_TOKEN="wrong")
    assert done.returncode == 1
    assert "1 problem found" in done.stderr


def test_a_terminal_without_all_letters_ends_nothing(
    command: Run, server: FakeBonzo
) -> None:
    """A name in another script is escaped where it cannot be shown."""
    stage = {"id": 5, "name": "李雷 Łódź", "pipeline_id": 1}
    server.account.change_prospect(1, pipeline_stage=stage)
    for arguments in (("load",), ("doctor",)):
        done = command(*arguments, PYTHONIOENCODING="ascii")
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_certificates_that_are_missing_are_named(
    command: Run, tmp_path: Path, name: str
) -> None:
    """A file that is not there is a sentence after one attempt."""
    missing = tmp_path / "nope.pem"
    done = command(
        "load",
        BONZO_BASE_URL="https://bonzo.invalid/api/v3",
        BONZO_RETRIES=3,
        **{"REQUESTS_CA_BUNDLE": "", name: missing},
    )
    assert done.returncode == 1
    assert "nope.pem" in done.stderr
    assert "1 attempt" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "proxy", ["http://[::1", "nonsense://p", "http://127.0.0.1:1", "http://p:x"]
)
def test_a_wrong_proxy_is_a_sentence(command: Run, proxy: str) -> None:
    """Whatever the environment says of it."""
    done = command(
        "get",
        "/prospects",
        BONZO_BASE_URL="https://bonzo.invalid/api/v3",
        BONZO_RETRIES=0,
        HTTPS_PROXY=proxy,
        NO_PROXY="",
    )
    assert done.returncode == 1
    assert "No usable answer" in done.stderr
    assert "Traceback" not in done.stderr


def test_capitals_in_the_host_are_the_same_service(
    command: Run, server: FakeBonzo
) -> None:
    """A database loaded from one spelling takes the other, in both orders."""
    name = server.url.replace("127.0.0.1", "localhost")
    capitals = name.replace("localhost", "LOCALHOST")
    for url in (name, capitals, name):
        done = command("load", BONZO_BASE_URL=url)
        assert done.returncode == 0, done.stderr


def test_a_service_that_spells_its_origin_in_capitals_is_known(
    command: Run, server: FakeBonzo, rows: Rows, database: str
) -> None:
    """A database of an earlier version keeps its address as it was typed."""
    url = server.url.replace("127.0.0.1", "localhost")
    assert command("load", BONZO_BASE_URL=url).returncode == 0
    with psycopg.connect(database) as connection:
        connection.execute(
            "update loader.origin "
            "set origin = replace(origin, 'localhost', 'LocalHost')"
        )
    assert command("load", BONZO_BASE_URL=url).returncode == 0


def test_a_tiny_rate_limit_is_announced_at_once(
    background: Callable[..., Any], server: FakeBonzo
) -> None:
    """The load would take days; the warning comes while it waits, on stderr."""
    server.rate_limit = RateLimit(1, 60.0)
    process = background("load", BONZO_RATE_LIMIT=2500)
    seen: list[str] = []
    reader = threading.Thread(target=lambda: seen.extend(process.stderr), daemon=True)
    reader.start()
    wait_for(lambda: any("far fewer than usual" in line for line in seen), 30)
    assert process.poll() is None


def test_another_tools_address_is_named(command: Run) -> None:
    """Every command that needs the database says what it does not understand."""
    for arguments in (("load",), ("status",), ("doctor",), ("init-db",)):
        done = command(
            *arguments, DATABASE_URL="postgresql+psycopg://u:pw-secret@127.0.0.1:1/x"
        )
        output = done.stdout + done.stderr
        assert done.returncode == 1
        assert "postgresql+psycopg://" in output
        assert "secret" not in output
