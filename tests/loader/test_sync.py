"""Whole loads: what is read, what is written, and what stays as it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import psycopg
import pytest

from demo.account import Account
from demo.faults import Fault
from demo.server import FakeBonzo
from loader.errors import LoaderError
from loader.mapping.mapping_config import load_rules
from tests.loader.conftest import Load, snapshot
from tests.loader.records import (
    at,
    campaign,
    listing,
    message,
    prospect,
    reply,
    when,
)

Rows = Callable[..., list[dict[str, Any]]]
# Long after every record of these tests, so that nothing is fresh by itself.
LATER = when(days=60)


@pytest.fixture
def account(server: FakeBonzo) -> Account:
    """Five prospects with a campaign and messages."""
    account = server.account
    account.campaigns.extend([campaign(71, 710), campaign(72, 720)])
    for i in range(1, 6):
        account.put_prospect(
            prospect(i, created_at=at(0, i), campaigns=[listing(71, at(0))])
        )
        account.put_message(message(100 + i, i))
    return account


def read_messages_of(server: FakeBonzo) -> list[int]:
    """The prospects whose messages the last load asked for."""
    targets = [t for t in server.log if "/communication" in t]
    return sorted(int(t.split("/prospects/")[1].split("/")[0]) for t in targets)


def test_a_second_load_writes_and_reads_nothing(
    account: Account, server: FakeBonzo, load: Load, database: str
) -> None:
    """An unchanged account costs its pages and changes no row of the data."""
    first = load(now=lambda: LATER)
    assert (first.outcome, first.prospects_stored) == ("complete", 5)
    before = snapshot(database)
    second = load(now=lambda: LATER)
    assert second.changed == 0
    assert snapshot(database) == before
    assert server.requests == {"campaigns": 1, "prospects": 1}


def test_a_second_load_without_recheck_reads_no_messages(
    account: Account, server: FakeBonzo, load: Load, database: str
) -> None:
    """Fresh messages are not read again when the user says so."""
    load()
    account.put_message(message(500, 1, event_date=now_text(), event_id=2))
    account.change_prospect(1, updated_at=now_text())
    load()
    assert read_messages_of(server) == [1]
    load()
    assert read_messages_of(server) == [1]
    before = snapshot(database)
    load(recheck_days=0)
    assert read_messages_of(server) == []
    assert snapshot(database) == before


def now_text(**delta: float) -> str:
    """Now, or so much later, as Bonzo spells it."""
    moment = datetime.now(timezone.utc) + timedelta(**delta)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@pytest.mark.parametrize(
    "change",
    [
        {"updated_at": at(3)},
        {"last_contact": at(3)},
        {"last_conversation": at(3)},
        {"pipeline_stage": {"id": 6, "name": "Hot PAL", "pipeline_id": 1}},
        {"campaigns": []},
        {"opt_outs": ["sms"]},
    ],
)
def test_only_what_changed_is_read(
    account: Account, server: FakeBonzo, load: Load, change: dict[str, Any]
) -> None:
    """A change of one prospect costs one message list beyond the pages."""
    load(now=lambda: LATER)
    account.change_prospect(3, **change)
    load(now=lambda: LATER)
    assert read_messages_of(server) == [3]
    load(now=lambda: LATER)
    assert read_messages_of(server) == []


def test_a_listed_prospect_is_read_again_after_a_day(
    account: Account, server: FakeBonzo, load: Load
) -> None:
    """A campaign sends without touching the prospect, so once a day we look."""
    account.change_prospect(5, campaigns=[])
    load(now=lambda: LATER)
    load(now=lambda: LATER + timedelta(hours=23))
    assert read_messages_of(server) == []
    load(now=lambda: LATER + timedelta(hours=25))
    assert read_messages_of(server) == [1, 2, 3, 4]


def test_everybody_is_read_again_after_a_month(
    account: Account, server: FakeBonzo, load: Load
) -> None:
    """Even where nothing points to a change."""
    account.change_prospect(5, campaigns=[])
    load(now=lambda: LATER)
    load(now=lambda: LATER + timedelta(days=31))
    assert read_messages_of(server) == [1, 2, 3, 4, 5]


def test_rereads_are_spread_over_runs(
    account: Account, server: FakeBonzo, load: Load
) -> None:
    """At most so many a run, the longest unread first."""
    load(now=lambda: LATER)
    account.change_prospect(1, updated_at=at(9))
    load(now=lambda: LATER + timedelta(hours=5))
    day_later = LATER + timedelta(hours=30)
    load(now=lambda: day_later, rechecks_per_run=3)
    assert read_messages_of(server) == [2, 3, 4]
    load(now=lambda: day_later, rechecks_per_run=3)
    assert read_messages_of(server) == [1, 5]


def test_late_states_arrive(account: Account, load: Load, rows: Rows) -> None:
    """Delivery and opening that touch nothing else are seen within the window."""
    soon = when(minutes=10)
    load(now=lambda: soon)
    query = (
        "select engagement_type as kind from touch_engagements "
        "where prospect_id = 2 order by 1"
    )
    account.put_message(message(102, 2, type="email", status="opened"))
    load(now=lambda: soon)
    assert [row["kind"] for row in rows(query)] == ["Delivered", "Opened", "Sent"]
    account.put_message(message(102, 2, status="failed"))
    load(now=lambda: soon)
    assert [row["kind"] for row in rows(query)] == ["Sent"]


def test_messages_that_are_listed_no_longer_stay(
    account: Account, load: Load, rows: Rows
) -> None:
    """What happened has happened, even if Bonzo forgets it."""
    load(now=lambda: LATER)
    account.remove_message(2, 102)
    account.change_prospect(2, updated_at=at(5))
    load(now=lambda: LATER)
    assert rows("select 1 from touch_engagements where prospect_id = 2")


def test_enrollments_end_and_follow_each_other(
    account: Account, load: Load, rows: Rows
) -> None:
    """A campaign that was replaced is completed; the new one is active."""
    load(now=lambda: LATER)
    account.change_prospect(1, campaigns=[listing(72, at(10))])
    load(now=lambda: LATER)
    found = rows(
        "select c.campaign_name as name, a.status, a.assigned_at, a.completed_at "
        "from prospect_campaign_assignments as a "
        "inner join campaigns as c on a.campaign_id = c.campaign_id "
        "where a.prospect_id = 1 order by a.assigned_at"
    )
    assert [tuple(row.values()) for row in found] == [
        ("Campaign number 71", "Completed", when(0), when(0)),
        ("Campaign number 72", "Active", when(10), None),
    ]


def test_an_opt_out_is_dated_by_its_first_sight(
    account: Account, load: Load, rows: Rows
) -> None:
    """The time stays, even when the prospect opts in again."""
    load(now=lambda: LATER)
    account.change_prospect(1, opt_outs=["sms"])
    seen = LATER + timedelta(hours=1)
    load(now=lambda: seen)
    account.change_prospect(1, opt_outs=[])
    load(now=lambda: LATER + timedelta(hours=2))
    found = rows(
        "select status, completed_at from prospect_campaign_assignments "
        "where prospect_id = 1"
    )
    assert [tuple(row.values()) for row in found] == [("Opted Out", seen)]


def test_stage_history_gets_every_move(
    account: Account, load: Load, rows: Rows
) -> None:
    """With Bonzo's own times where it has them, else with the load's."""
    load(now=lambda: LATER)
    qualified = {"id": 6, "name": "pre qual", "pipeline_id": 1}
    account.change_prospect(1, pipeline_stage=qualified, stage_assigned_at=at(20))
    account.change_prospect(2, pipeline_stage=qualified, stage_assigned_at=None)
    moved = LATER + timedelta(hours=1)
    load(now=lambda: moved)
    load(now=lambda: LATER + timedelta(hours=2))
    query = (
        "select s.stage_name as stage, h.entered_at from prospect_stage_history as h "
        "inner join qualification_stages as s on h.stage_id = s.stage_id "
        "where h.prospect_id = %s order by h.entered_at"
    )
    assert [tuple(r.values()) for r in rows(query, [1])] == [
        ("Working", when(1)),
        ("Pre-Qual", when(20)),
    ]
    assert [tuple(r.values()) for r in rows(query, [2])] == [
        ("Working", when(1)),
        ("Pre-Qual", moved),
    ]
    current = rows(
        "select stage_entered_at, stage_exited_at from prospects where prospect_id = 2"
    )
    assert current == [{"stage_entered_at": moved, "stage_exited_at": None}]


def test_a_stage_without_mapping_is_named_and_not_invented(
    account: Account, load: Load, rows: Rows
) -> None:
    """The prospect has no stage, the report and the rejects say which it was."""
    account.change_prospect(1, pipeline_stage={"id": 9, "name": "Limbo"})
    report = load(now=lambda: LATER)
    assert "'Limbo' (1)" in " ".join(report.warnings)
    found = rows("select * from prospects where prospect_id = 1")[0]
    assert found["qualification_stage_id"] is None
    assert found["stage_entered_at"] is None
    rejects = rows("select resource, id, field, original from loader.rejected_records")
    assert [tuple(n.values()) for n in rejects] == [
        ("prospects", "1", "pipeline_stage", '"Limbo"')
    ]
    assert len(rows("select 1 from qualification_stages")) == 9


def test_a_stage_shown_by_its_id_alone_is_found(
    account: Account, server: FakeBonzo, load: Load, rows: Rows
) -> None:
    """The pipelines are read, once, for a record that needs them."""
    account.pipelines.append(
        {"id": 1, "name": "Main", "stages": [{"id": 8, "name": "HOT PAL"}]}
    )
    for i in (1, 2):
        account.change_prospect(i, pipeline_stage={"id": 8})
    load(now=lambda: LATER)
    assert server.requests["pipelines"] == 1
    found = rows(
        "select s.stage_name from prospects as p inner join qualification_stages as s "
        "on p.qualification_stage_id = s.stage_id where p.prospect_id <= 2"
    )
    assert [row["stage_name"] for row in found] == ["Hot PAL", "Hot PAL"]


@pytest.mark.parametrize(
    "shown",
    [
        {"pipeline_stage": {"id": "8", "name": ""}},
        {"pipeline_stage": {"id": 8.0}},
        {"pipeline_stage": None, "pipeline": {"id": 1, "stage": {"id": 8}}},
        {"pipeline_stage": {"id": [8]}},
        {"pipeline_stage": {"pipeline_id": 1}},
    ],
)
def test_stages_of_odd_shapes(
    account: Account, load: Load, rows: Rows, shown: dict[str, Any]
) -> None:
    """An id in any spelling finds its stage, also in a filtered list of PHP's."""
    stages = {"2": {"id": " 8", "name": "HOT PAL"}, "5": {"name": "Working"}, "6": 7}
    account.pipelines += [{"stages": stages}, {"stages": 5}, None, {"stages": [None]}]
    account.change_prospect(1, **shown)
    assert load(now=lambda: LATER).outcome == "complete"
    found = rows(
        "select qualification_stage_id as id from prospects where prospect_id=1"
    )
    is_known = shown["pipeline_stage"] in (
        None,
        *({"id": 8.0}, {"id": "8", "name": ""}),
    )
    assert [row["id"] for row in found] == [6 if is_known else None]


def test_the_deleted_and_the_merged_are_marked_not_erased(
    account: Account, server: FakeBonzo, load: Load, rows: Rows
) -> None:
    """They keep their rows, fall behind in last_seen_at, and are asked for once."""
    load(now=lambda: LATER)
    account.remove_prospect(1)
    account.remove_prospect(2, merged_into=3)
    report = load(now=lambda: LATER)
    assert sorted(report.deleted) == [1, 2]
    assert server.requests["prospect"] == 2
    behind = rows(
        "select p.prospect_id from loader.sync_prospects as p "
        "where p.last_seen_at < (select max(started_at) from loader.sync_runs)"
    )
    assert sorted(row["prospect_id"] for row in behind) == [1, 2]
    assert len(rows("select 1 from prospects")) == 5
    assert len(rows("select 1 from touch_engagements where prospect_id = 1")) == 2
    load(now=lambda: LATER)
    assert server.requests["prospect"] == 0


def test_a_prospect_that_comes_back_is_present_again(
    account: Account, load: Load, rows: Rows
) -> None:
    """Whoever is listed is not gone."""
    record = dict(account.prospects[1])
    load(now=lambda: LATER)
    account.remove_prospect(1)
    load(now=lambda: LATER)
    account.put_prospect(record)
    load(now=lambda: LATER)
    assert rows("select 1 from loader.sync_prospects where gone_at is not null") == []


def test_the_hidden_are_kept(
    account: Account, server: FakeBonzo, load: Load, rows: Rows
) -> None:
    """A prospect that the token may not see any more counts as present."""
    load(now=lambda: LATER)
    account.remove_prospect(1)
    server.hidden.add(1)
    report = load(now=lambda: LATER)
    assert (report.outcome, report.deleted, report.inaccessible) == ("complete", [], 1)
    assert (
        rows(
            "select 1 from loader.sync_prospects as p "
            "where p.last_seen_at < (select max(started_at) from loader.sync_runs)"
        )
        == []
    )


def test_who_cannot_be_asked_about_is_not_gone(
    account: Account, server: FakeBonzo, load: Load, rows: Rows
) -> None:
    """One read without an answer makes the run partial; the others are decided."""
    load(now=lambda: LATER)
    for i in (1, 2):
        account.remove_prospect(i)
    server.faults.add(Fault("bad_gateway", "/prospects/1$", times=None))
    report = load(now=lambda: LATER)
    assert (report.outcome, report.deleted) == ("partial", [2])
    server.faults.clear()
    report = load(now=lambda: LATER)
    assert (report.outcome, report.deleted) == ("complete", [1])


def test_a_wrong_path_does_not_claim_the_database(
    account: Account, server: FakeBonzo, load: Load, rows: Rows
) -> None:
    """An address that answers with 404 is not taken for the service."""
    with pytest.raises(LoaderError, match="Check BONZO_BASE_URL"):
        load(bonzo_base_url=server.address + "/api/v9")
    assert rows("select 1 from loader.origin") == []
    assert load().outcome == "complete"


def test_too_many_missing_are_not_believed(
    account: Account, server: FakeBonzo, load: Load
) -> None:
    """Nobody is marked unless the user says that it is true."""
    for i in range(100, 150):
        account.put_prospect(prospect(i, created_at=at(-i)))
    load(now=lambda: LATER)
    for i in range(100, 130):
        account.remove_prospect(i)
    report = load(now=lambda: LATER)
    assert (report.outcome, report.deleted) == ("partial", [])
    assert "--accept-vanished" in " ".join(report.warnings)
    report = load(now=lambda: LATER, accept_vanished=True)
    assert report.outcome == "complete"
    assert sorted(report.deleted) == list(range(100, 130))


def test_without_the_campaign_list_most_prospects_decide(
    account: Account, server: FakeBonzo, load: Load, rows: Rows
) -> None:
    """A sequence belongs to the campaign that most of its prospects list."""
    server.scopes = ("prospects",)
    account.change_prospect(1, campaigns=[listing(72, at(9))])
    account.change_prospect(2, campaigns=[])
    report = load(now=lambda: LATER)
    assert "`campaigns`" in " ".join(report.warnings)
    found = rows(
        "select distinct c.campaign_name from touch_engagements as e "
        "inner join campaigns as c on e.campaign_id = c.campaign_id"
    )
    assert [row["campaign_name"] for row in found] == ["Campaign number 71"]
    enrolled = rows(
        "select c.campaign_name, a.status from prospect_campaign_assignments as a "
        "inner join campaigns as c on a.campaign_id = c.campaign_id "
        "where a.prospect_id = 1 order by a.assigned_at"
    )
    assert [tuple(row.values()) for row in enrolled] == [
        ("Campaign number 71", "Completed"),
        ("Campaign number 72", "Active"),
    ]


def test_a_sequence_that_is_explained_late_is_explained_for_all(
    account: Account, server: FakeBonzo, load: Load, rows: Rows, database: str
) -> None:
    """Prospects on earlier pages, read without a clue, follow the majority too."""
    server.scopes = ("prospects",)
    for i in range(2, 6):
        account.change_prospect(i, campaigns=[])
    load(now=lambda: LATER, per_page=2)
    found = rows(
        "select distinct c.campaign_name from prospect_campaign_assignments as a "
        "inner join campaigns as c on a.campaign_id = c.campaign_id"
    )
    assert [row["campaign_name"] for row in found] == ["Campaign number 71"]
    before = snapshot(database)
    load(now=lambda: LATER, per_page=2, recheck_days=1000)
    assert snapshot(database) == before


def test_a_sequence_that_nothing_explains_is_a_campaign_of_its_own(
    account: Account, server: FakeBonzo, load: Load, rows: Rows
) -> None:
    """Until the campaign list names it: then its rows move there."""
    account.put_prospect(prospect(9))
    account.put_message(message(900, 9, sequence_id=990, event_id=3))
    load(now=lambda: LATER)
    query = (
        "select c.campaign_name from prospect_campaign_assignments as a "
        "inner join campaigns as c on a.campaign_id = c.campaign_id "
        "where a.prospect_id = 9"
    )
    assert [row["campaign_name"] for row in rows(query)] == ["Sequence 990"]
    account.campaigns.append(campaign(99, 990))
    load(now=lambda: LATER)
    assert [row["campaign_name"] for row in rows(query)] == ["Campaign number 99"]
    moved = rows(
        "select c.campaign_name from touch_engagements as e "
        "inner join campaigns as c on e.campaign_id = c.campaign_id "
        "where e.prospect_id = 9"
    )
    assert {row["campaign_name"] for row in moved} == {"Campaign number 99"}


def test_a_campaign_that_begins_to_stop_on_response_is_read_again(
    account: Account, load: Load, rows: Rows
) -> None:
    """Its enrollments with a reply are completed then."""
    account.put_message(reply(301, 1, event_date=at(1)))
    load(now=lambda: LATER)
    query = "select status from prospect_campaign_assignments where prospect_id = 1"
    assert rows(query) == [{"status": "Active"}]
    account.campaigns[0] = campaign(71, 710, stop_on_response=True)
    load(now=lambda: LATER)
    assert rows(query) == [{"status": "Completed"}]


def test_loans_come_and_go(account: Account, load: Load, rows: Rows) -> None:
    """A loan exists while one of its signs does; its dates are as written."""
    mortgage = {
        "loan_amount": "$350,000",
        "purchase_price": "500000",
        "loan_purpose": "Purchase",
        "interest_rate": "6.625%",
        "application_date": "2026-03-05T23:30:00.000000Z",
        "rate_lock_date": "2026-03-20",
        "close_date": "2026-04-30",
    }
    account.change_prospect(1, mortgage=mortgage)
    account.change_prospect(2, mortgage={"property_value": "1", "loan_amount": " "})
    load(now=lambda: LATER, today=when(40).date())
    loan = rows("select * from loans")[0]
    assert (loan["loan_id"], loan["prospect_id"], loan["status"]) == (1, 1, "Approved")
    assert (int(loan["loan_amount"]), int(loan["property_value"])) == (350000, 500000)
    assert (loan["loan_type"], str(loan["interest_rate"])) == ("Purchase", "6.625")
    assert loan["created_at"] == datetime(2026, 3, 5, 23, 30, tzinfo=timezone.utc)
    assert loan["updated_at"] == when(1)
    dates = rows("select applied_on, rate_locked_on, closed_on from loan_dates")[0]
    assert [str(day) for day in dates.values()] == [
        "2026-03-05",
        "2026-03-20",
        "2026-04-30",
    ]
    load(now=lambda: LATER, today=when(60).date())
    assert rows("select status from loans") == [{"status": "Closed"}]
    account.change_prospect(1, mortgage={"property_value": "500000"})
    load(now=lambda: LATER)
    assert rows("select 1 from loans") == rows("select 1 from loan_dates") == []


def test_a_closing_day_does_not_close_a_disqualified_loan(
    account: Account, load: Load, rows: Rows
) -> None:
    """A lead that fell out of the funnel has no closed loan by date alone."""
    account.change_prospect(
        1,
        mortgage={"close_date": "2026-03-10"},
        pipeline_stage={"id": 7, "name": "Re-Marketing"},
    )
    load(now=lambda: LATER)
    assert rows("select status from loans") == [{"status": "Pending"}]


def test_steps_are_ordered_by_habit(account: Account, load: Load, rows: Rows) -> None:
    """Order and delays are the medians over enrollments, in whole minutes."""
    number = 1000
    for i in range(1, 6):
        account.change_prospect(i, campaigns=[listing(71, at(0, -3))])
        for event, minutes in ((7, 60 + i), (5, 1500 + 10 * i)):
            number += 1
            account.put_message(
                message(number, i, event_id=event, event_date=at(0, minutes))
            )
    load(now=lambda: LATER)
    found = rows(
        "select o.event_id, t.touch_order, t.scheduled_delay, o.origin "
        "from touches as t inner join loader.touch_origins as o "
        "on t.touch_id = o.touch_id order by t.touch_order"
    )
    assert [tuple(row.values()) for row in found] == [
        (1, 1, 3, "derived"),
        (7, 2, 63, "derived"),
        (5, 3, 1467, "derived"),
    ]


def test_steps_are_ordered_where_something_changed(
    account: Account, load: Load, rows: Rows, database: str
) -> None:
    """Without a change no step is looked at, with one those of its campaign alone."""
    account.put_prospect(prospect(6, campaigns=[listing(72, at(0))]))
    account.put_message(message(106, 6, sequence_id=720))
    load(now=lambda: LATER)
    with psycopg.connect(database) as connection:
        connection.execute("update touches set touch_order = 99")
    query = (
        "select o.sequence_id, t.touch_order from touches as t "
        "inner join loader.touch_origins as o on t.touch_id = o.touch_id order by 1"
    )
    load(now=lambda: LATER, recheck_days=0)
    assert [tuple(row.values()) for row in rows(query)] == [(710, 99), (720, 99)]
    account.change_prospect(6, last_contact=at(1))
    account.put_message(message(107, 6, sequence_id=720, event_date=at(1)))
    load(now=lambda: LATER, recheck_days=0)
    assert [tuple(row.values()) for row in rows(query)] == [(710, 99), (720, 1)]


def test_listed_steps_come_first_and_as_written(
    account: Account, load: Load, rows: Rows, tmp_path: Path
) -> None:
    """The others follow them; without the list, habit decides again."""
    for i in range(1, 6):
        account.put_message(message(200 + i, i, event_id=2, event_date=at(1)))
        account.put_message(message(300 + i, i, event_id=3, event_date=at(2)))
    file = tmp_path / "own.yaml"
    file.write_text(
        "touches: [{sequence: 710, event: 3, order: 4, type: Email, delay: 90, "
        "content: Hello}]"
    )
    query = (
        "select o.event_id, t.touch_order, t.touch_type, t.scheduled_delay, t.content "
        "from touches as t inner join loader.touch_origins as o "
        "on t.touch_id = o.touch_id order by t.touch_order"
    )
    load(now=lambda: LATER, rules=load_rules(file))
    found = [tuple(row.values()) for row in rows(query)]
    assert found[0] == (3, 4, "Email", 90, "Hello")
    assert [row[:2] for row in found[1:]] == [(1, 5), (2, 6)]
    assert "Hello" not in {row[4] for row in found[1:]}
    assert load(now=lambda: LATER, rules=load_rules(file)).changed == 0
    load(now=lambda: LATER)
    found = [tuple(row.values()) for row in rows(query)]
    assert [row[:4] for row in found] == [
        (1, 1, "SMS", 0),
        (2, 2, "SMS", 1440),
        (3, 3, "SMS", 1440),
    ]


def test_another_service_is_refused(
    account: Account, server: FakeBonzo, load: Load
) -> None:
    """Ids of two services must never mix in one database."""
    load()
    with (
        FakeBonzo(account, token=server.token) as other,
        pytest.raises(LoaderError, match="another service"),
    ):
        load(bonzo_base_url=other.url)


def test_a_wrong_token_leaves_the_database_free(
    account: Account, server: FakeBonzo, load: Load, rows: Rows
) -> None:
    """Nothing is written, and the address is not taken for the right one."""
    with pytest.raises(LoaderError, match="does not accept the token"):
        load(bonzo_api_token="wrong")
    assert rows("select 1 from loader.origin") == []
    assert rows("select outcome from loader.sync_runs") == [{"outcome": "failed"}]
    assert load().outcome == "complete"
