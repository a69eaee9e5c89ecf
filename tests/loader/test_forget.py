"""`forget`: a person's rows go, and nothing that Bonzo does brings them back."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import psycopg
import pytest

from demo.server import FakeBonzo
from loader.database.connection import connect
from loader.database.forgotten import Forgotten, forget
from loader.database.people import find, same_contacts
from loader.database.tables import LOADED, PERSONAL
from tests.loader.conftest import TOKEN, Load, snapshot
from tests.loader.records import at, campaign, listing, manual, message, prospect, reply

Rows = Callable[..., list[dict[str, Any]]]
Command = Callable[..., subprocess.CompletedProcess[str]]
ROOT = Path(__file__).parent.parent.parent
ANN = {
    "first_name": "Annabel",
    "last_name": "Secretname",
    "email": "annabel@secret.example",
    "phone": "+12025550188",
    "tags": ["vip-annabel"],
    "campaigns": [listing(71, at(-1))],
    "mortgage": {
        "lead_source": "Vendor",
        "loan_amount": 250_000,
        "application_date": "2026-03-01",
        "credit_score": "annabel@secret.example",
    },
    "property_state": "ZZ",
}
# Whatever of hers a table may hold.
TRACES = ("annabel", "secretname", "secret.example", "2025550188", "private words")


@pytest.fixture
def account(server: FakeBonzo) -> FakeBonzo:
    """Ann (7) and two others, each with campaign messages, replies and a manual one."""
    server.account.campaigns.append(campaign(71, 710))
    for number in (7, 8, 9):
        own = ANN if number == 7 else {"campaigns": [listing(71, at(-1))]}
        server.account.put_prospect(prospect(number, **own))
        base = number * 10
        server.account.put_message(message(base, number, event_date=at(number)))
        server.account.put_message(
            reply(base + 1, number, event_date=at(10), content=f"private words {base}")
            if number == 7
            else reply(base + 1, number, event_date=at(10), content="Yes")
        )
        server.account.put_message(manual(base + 2, number, event_date=at(11)))
    return server


def forget_now(dsn: str, *ids: int) -> dict[str, int]:
    """Forget prospects as the command does."""
    with connect(dsn) as connection, connection.transaction():
        return forget(connection, ids, "a test")


def traces(dsn: str) -> list[str]:
    """Tables with a row that holds something of Ann's."""
    found = []
    with psycopg.connect(dsn) as connection:
        tables = connection.execute(
            "select format('%I.%I', schemaname, tablename) from pg_tables "
            "where schemaname in ('public', 'loader')"
        ).fetchall()
        for (name,) in tables:
            for (text,) in connection.execute(f"select lower(t::text) from {name} t"):
                found += [name for trace in TRACES if trace in text]
        columns = connection.execute(
            "select format('%I.%I', table_schema, table_name) "
            "from information_schema.columns where column_name = 'prospect_id'"
        ).fetchall()
        for (name,) in columns:
            query = f"select count(*) from {name} where prospect_id = 7"
            if connection.execute(query).fetchone() != (0,):
                found.append(name)
    return found


def everything(dsn: str) -> dict[str, list[Any]]:
    """Rows of the tables that loads fill, without what differs by load or hash."""
    kept = [n for n in LOADED if "sync_runs" not in n and "forgotten" not in n]
    with psycopg.connect(dsn) as connection:
        return {
            name: sorted(
                str(row) for row in connection.execute(f"select t::text from {name} t")
            )
            for name in kept
        }


def test_every_row_goes(
    account: FakeBonzo, load: Load, database: str, rows: Rows
) -> None:
    """No table holds a row about her or a word of hers, and the others' rows stay."""
    load()
    before = rows("select * from touch_engagements where prospect_id <> 7 order by 1")
    # Otherwise the test would show nothing.
    assert set(traces(database)) >= set(PERSONAL)
    removed = forget_now(database, 7)
    assert removed["public.loan_dates"] == removed["public.prospects"] == 1
    assert traces(database) == []
    assert before == rows(
        "select * from touch_engagements where prospect_id <> 7 order by 1"
    )


def test_later_loads_keep_her_out(
    account: FakeBonzo, load: Load, database: str
) -> None:
    """Neither a change of hers nor a full re-read of all messages brings a row back."""
    load()
    forget_now(database, 7)
    account.account.change_prospect(7, first_name="Annabel-Lee", updated_at=at(20))
    account.account.put_message(reply(79, 7, content="private words again"))
    report = load(recheck_days=1e5, full_read_days=0)
    assert report.outcome == "complete"
    assert (report.prospects_read, report.prospects_stored) == (2, 2)
    assert report.deleted == []
    assert traces(database) == []
    assert load().changed == 0


def test_a_list_without_the_forgotten_is_complete(
    server: FakeBonzo, load: Load, database: str
) -> None:
    """Over several pages the total that Bonzo states is still found to be right."""
    for number in range(1, 31):
        server.account.put_prospect(prospect(number))
    load(per_page=5)
    forget_now(database, 7, 8, 20)
    report = load(per_page=5)
    assert (report.outcome, report.warnings) == ("complete", [])
    assert (report.prospects_stored, report.prospects_forgotten) == (27, 3)


def test_a_rejected_record_is_not_noted_again(
    account: FakeBonzo, load: Load, database: str, rows: Rows
) -> None:
    """What could not be stored of hers is neither kept nor noted by a later load."""
    account.account.change_prospect(7, do_not_call="private words")
    load()
    assert rows("select 1 from loader.rejected_records where prospect_id = 7")
    forget_now(database, 7)
    load()
    assert traces(database) == []
    assert rows("select 1 from loader.rejected_records") == []


def test_originals_that_hold_her_address_go(
    account: FakeBonzo, load: Load, database: str, rows: Rows
) -> None:
    """A note about a record without an id, or about another row, may hold it, too."""
    load()
    with psycopg.connect(database) as connection:
        connection.execute(
            "insert into loader.rejected_records (resource, id, original, reason) "
            """values
            ('prospects', null, '{"to": "Annabel@Secret.example"}', 'no id'),
            ('prospects', null, '{"phone": "(202) 555-0188"}', 'no id'),
            ('messages', '5', '5', 'belongs to prospect 7'),
            ('messages', '6', '6', 'belongs to prospect 77')"""
        )
        connection.execute(
            "update loader.sync_runs set warnings = "
            "'Messages of prospect 7: refused. Messages of prospect 77: refused.', "
            "message = 'GET /prospects/7/communication failed'"
        )
    forget_now(database, 7)
    assert traces(database) == []
    notes = rows("select reason from loader.rejected_records")
    assert notes == [{"reason": "belongs to prospect 77"}]
    assert rows("select warnings, message from loader.sync_runs") == [
        {
            "warnings": "Messages of prospect (forgotten): refused. "
            "Messages of prospect 77: refused.",
            "message": "GET /prospects/(forgotten)/communication failed",
        }
    ]


def test_a_message_in_another_list_stays_out(
    account: FakeBonzo, load: Load, database: str, rows: Rows
) -> None:
    """Her message in another's list is left out, naming her or nobody."""
    load()
    forget_now(database, 7)
    hers, nameless = account.account.messages[7][1], account.account.messages[7][2]
    others = account.account.messages[8]
    account.account.put_messages(8, [*others, hers, {**nameless, "prospect_id": None}])
    account.account.change_prospect(8, updated_at=at(30))
    before = rows("select * from touch_engagements order by 1")
    assert load().outcome == "complete"
    assert rows("select * from touch_engagements order by 1") == before
    assert rows("select 1 from prospects where prospect_id = 8") == [{"?column?": 1}]
    assert rows("select 1 from loader.rejected_records") == []


def test_that_others_show_her_messages_is_forgotten(
    account: FakeBonzo, load: Load, database: str, rows: Rows
) -> None:
    """Whose messages a list shows, too, is noted without her number."""
    hers = account.account.messages[7][1]
    account.account.put_messages(8, [*account.account.messages[8], hers])
    load()
    query = "select yields_to from loader.sync_prospects where prospect_id = 8"
    assert rows(query) == [{"yields_to": [7]}]
    forget_now(database, 7)
    assert rows(query) == [{"yields_to": []}]


def test_who_is_merged_into_her_goes(
    account: FakeBonzo, load: Load, database: str, rows: Rows
) -> None:
    """Bonzo answers for prospect 8 with the forgotten one: they are one person."""
    load()
    forget_now(database, 7)
    account.account.remove_prospect(8, merged_into=7)
    report = load()
    assert report.outcome == "complete"
    assert any("merged" in warning for warning in report.warnings)
    assert rows("select prospect_id from prospects") == [{"prospect_id": 9}]
    assert rows("select prospect_id from loader.sync_prospects") == [{"prospect_id": 9}]
    by = rows("select distinct forgotten_by from loader.forgotten order by 1")
    assert [row["forgotten_by"] for row in by] == ["a load (merged in Bonzo)", "a test"]
    assert load().changed == 0


def test_whom_she_is_merged_into_goes(
    account: FakeBonzo, load: Load, database: str, rows: Rows
) -> None:
    """The survivor shows her messages as its own, so it is her."""
    load()
    forget_now(database, 7)
    account.account.remove_prospect(7, merged_into=8)
    account.account.change_prospect(8, updated_at=at(40), first_name="Annabel")
    report = load()
    assert report.outcome == "complete"
    assert (report.prospects_stored, report.prospects_forgotten) == (1, 1)
    assert rows("select prospect_id from prospects") == [{"prospect_id": 9}]
    assert traces(database) == []
    # Nor does it come back with the next load.
    assert load(recheck_days=1e5).changed == 0


def test_the_rest_is_as_if_she_had_never_been(
    account: FakeBonzo, load: Load, database: str
) -> None:
    """After a load the others' rows equal those of an account without her."""
    now = datetime(2026, 4, 1, tzinfo=timezone.utc)
    load(now=lambda: now)
    forget_now(database, 7)
    load(now=lambda: now + timedelta(hours=1), recheck_days=1e5)
    found = everything(database)
    with psycopg.connect(database) as connection:
        connection.execute(f"truncate {', '.join(LOADED)} restart identity cascade")
    account.account.remove_prospect(7)
    load(now=lambda: now + timedelta(hours=1))
    assert {n: len(r) for n, r in everything(database).items()} == {
        name: len(rows) for name, rows in found.items()
    }


def test_what_is_kept_names_nobody(
    account: FakeBonzo, load: Load, database: str, rows: Rows
) -> None:
    """The record has a time, a name of who asked and a keyed hash, but no id."""
    load()
    forget_now(database, 7)
    kept = rows("select * from loader.forgotten")
    assert {row["kind"] for row in kept} == {"prospect", "message"}
    assert all(len(row["keyed_hash"]) == 32 for row in kept)
    assert {row["forgotten_by"] for row in kept} == {"a test"}
    assert all(row["forgotten_at"] is not None for row in kept)
    with connect(database) as connection:
        first = Forgotten.read(connection)
        assert [i for i in range(1, 20) if first.holds(i)] == [7]
    # Another database's hashes of the same ids differ.
    assert Forgotten(b"x" * 32).prospect_hash(7) not in first.prospects


def test_people_are_found_by_address(
    account: FakeBonzo, load: Load, database: str
) -> None:
    """Any spelling of the address finds each prospect that has it."""
    account.account.change_prospect(9, email="ANNABEL@secret.example")
    account.account.change_prospect(8, phone=ANN["phone"])
    load()
    with connect(database) as connection:
        assert find(connection, " Annabel@Secret.Example ") == [7, 9]
        assert find(connection, "7") == [7]
        assert find(connection, "1234") == find(connection, "nobody@x.example") == []
        assert same_contacts(connection, [7]) == [8, 9]


@pytest.fixture
def command(server: FakeBonzo, database: str, tmp_path: Path) -> Command:
    """Run the command; `answer` is typed into it."""
    environment = {
        **os.environ,
        "BONZO_API_TOKEN": TOKEN,
        "BONZO_BASE_URL": server.url,
        "BONZO_PROJECT_DIR": str(tmp_path),
        "DATABASE_URL": database,
        "PYTHONPATH": str(ROOT),
    }

    def do(*arguments: str, answer: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "loader", "forget", *arguments],
            env=environment,
            input=answer,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return do


def test_it_asks_first(
    account: FakeBonzo, load: Load, database: str, command: Command
) -> None:
    """Anything but yes leaves every row; it shows whom it is about."""
    load()
    before = snapshot(database)
    for answer in ("n\n", ""):
        done = command("7", answer=answer)
        assert done.returncode == 1
        assert "Prospect 7: Annabel Secretname" in done.stdout
    assert snapshot(database) == before
    assert command("annabel@secret.example", answer="y\n").returncode == 0
    assert traces(database) == []


def test_yes_asks_nothing_and_again_is_harmless(
    account: FakeBonzo, load: Load, database: str, command: Command, rows: Rows
) -> None:
    """Who asked is noted; the second time there is nothing left to remove."""
    load()
    done = command("7", "--yes", "--by", "Privacy desk")
    assert done.returncode == 0, done.stderr
    assert "Annabel" not in done.stdout + done.stderr
    by = rows("select distinct forgotten_by as by from loader.forgotten")
    assert by == [{"by": "Privacy desk"}]
    again = command("7", "--yes")
    assert again.returncode == 0
    assert "by Privacy desk" in again.stdout


@pytest.mark.parametrize(
    "asked",
    ["4711", "nobody@example.com", "99999999999", "9" * 5000, "x", "\udcff@x.example"],
)
def test_an_unknown_prospect_is_an_error(
    account: FakeBonzo, load: Load, database: str, command: Command, asked: str
) -> None:
    """One sentence, an exit code, and nothing noted."""
    load()
    done = command(asked, "--yes")
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert "Traceback" not in done.stderr
    with psycopg.connect(database) as connection:
        kept = connection.execute("select count(*) from loader.forgotten").fetchone()
    assert kept == (0,)
