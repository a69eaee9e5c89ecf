"""Messages as accounts really send them, from the service to the rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import count
from typing import Any

import pytest

from demo.faults import Fault
from demo.server import ALL_SCOPES, FakeBonzo
from loader.mapping.ids import campaign_uuid, engagement_uuid, touch_uuid
from tests.loader.conftest import Load, snapshot
from tests.loader.records import (
    at,
    campaign,
    listing,
    manual,
    message,
    prospect,
    reply,
    when,
)

Rows = Callable[..., list[dict[str, Any]]]
LATER = when(days=60)


def minutes_later(minutes: int) -> Callable[[], datetime]:
    """A clock so many minutes after LATER."""
    return lambda: when(days=60, minutes=minutes)


def days_later() -> Callable[[], datetime]:
    """A clock that runs two days ahead each time, so that all is due for a read."""
    day = next(_DAYS)
    return lambda: when(days=day)


_DAYS = count(62, 2)


@pytest.fixture
def account(server: FakeBonzo) -> FakeBonzo:
    """Three prospects, each sent two steps of campaign 71 a day apart."""
    server.account.campaigns.append(campaign(71, 710))
    for number in (1, 2, 3):
        server.account.put_prospect(
            prospect(number, created_at=at(number), campaigns=[listing(71, at(-1))])
        )
        for event in (1, 2):
            server.account.put_message(
                message(
                    number * 10 + event, number, event_id=event, event_date=at(event)
                )
            )
        server.account.put_message(
            reply(number * 10 + 5, number, event_date=at(2, minutes=number))
        )
    return server


def add(server: FakeBonzo, prospect_id: int, record: dict[str, Any]) -> None:
    """Add a record to a prospect's list, whatever is in it."""
    records = server.account.messages[prospect_id]
    server.account.put_messages(prospect_id, [*records, record])


def change(server: FakeBonzo, **fields: Any) -> None:
    """Set fields of every outgoing message, and touch the prospects."""
    for prospect_id, records in list(server.account.messages.items()):
        changed = [
            {**r, **fields} if r["direction"] == "outgoing" else r for r in records
        ]
        server.account.put_messages(prospect_id, changed)
        server.account.change_prospect(prospect_id, updated_at=at(50))


def by_campaign(server: FakeBonzo) -> None:
    """Have messages name their campaign instead of its sequence."""
    change(server, sequence_id=None, campaign_id=71)


def test_campaign_keys_give_the_same_rows(
    account: FakeBonzo, load: Load, database: str
) -> None:
    """With `campaign_id` in place of `sequence_id` no row is another."""
    load(now=lambda: LATER)
    by_campaign(account)
    for row in account.account.prospects.values():
        row["updated_at"] = at(1)
    before = snapshot(database)
    report = load(now=days_later(), full_read_days=0)
    assert report.message_lists_read == 3
    assert snapshot(database) == before


def test_a_campaign_in_place_of_its_sequence(
    account: FakeBonzo, load: Load, rows: Rows
) -> None:
    """Without the campaign list the steps, enrollments and delays are there, too."""
    account.scopes = tuple(s for s in ALL_SCOPES if s != "campaigns")
    by_campaign(account)
    load(now=lambda: LATER)
    steps = rows(
        "select touch_id, campaign_id, touch_order, scheduled_delay from touches "
        "order by touch_order"
    )
    assert [tuple(step.values()) for step in steps] == [
        (touch_uuid("campaign-71", 1), campaign_uuid("71"), 1, 2880),
        (touch_uuid("campaign-71", 2), campaign_uuid("71"), 2, 1440),
    ]
    enrolled = rows("select assigned_at, status from prospect_campaign_assignments")
    assert {tuple(row.values()) for row in enrolled} == {(when(-1), "Active")}
    answered = rows(
        "select distinct touch_id from touch_engagements "
        "where engagement_type = 'Responded'"
    )
    assert answered == [{"touch_id": touch_uuid("campaign-71", 2)}]


def test_steps_move_to_the_sequence_once_it_is_known(
    account: FakeBonzo, load: Load, rows: Rows, database: str
) -> None:
    """A token that may read campaigns later changes ids of steps, nothing else."""
    account.scopes = tuple(s for s in ALL_SCOPES if s != "campaigns")
    by_campaign(account)
    load(now=lambda: LATER)
    query = (
        "select t.touch_order, t.scheduled_delay, e.engagement_id, e.campaign_id "
        "from touches as t inner join touch_engagements as e using (touch_id) "
        "order by e.engagement_id"
    )
    before = rows(query)
    account.scopes = ALL_SCOPES
    load(now=lambda: LATER, rechecks_per_run=0)
    assert rows(query) == before
    assert {row["touch_id"] for row in rows("select touch_id from touches")} == {
        touch_uuid(710, 1),
        touch_uuid(710, 2),
    }
    origins = rows("select sequence_id from loader.touch_origins")
    assert {row["sequence_id"] for row in origins} == {710}
    stored = snapshot(database)
    load(now=days_later(), full_read_days=0)
    assert snapshot(database) == stored


@pytest.mark.parametrize(
    ("keys", "key", "name"),
    [
        ({"event_id": None}, "71", "Campaign number 71"),
        ({"event_id": 9, "sequence_id": None}, "unknown", "Unknown automation"),
        (
            {"event_id": None, "sequence_id": None, "batch_id": "b-4"},
            "broadcast",
            "Broadcast",
        ),
    ],
)
def test_loose_messages(
    account: FakeBonzo,
    load: Load,
    rows: Rows,
    database: str,
    keys: dict[str, Any],
    key: str,
    name: str,
) -> None:
    """They have their campaign, no touch and no enrollment; replies follow them."""
    change(account, **keys)
    for number in (1, 2, 3):
        account.account.change_prospect(number, campaigns=[])
    load(now=lambda: LATER)
    found = rows(
        "select distinct e.touch_id, c.campaign_id, c.campaign_name "
        "from touch_engagements as e inner join campaigns as c using (campaign_id)"
    )
    assert found == [
        {"touch_id": None, "campaign_id": campaign_uuid(key), "campaign_name": name}
    ]
    assert rows("select count(*) from touch_engagements") == [{"count": 15}]
    assert rows("select 1 from prospect_campaign_assignments") == []
    assert rows("select 1 from touches") == []
    before = snapshot(database)
    load(now=days_later(), full_read_days=0)
    assert snapshot(database) == before


def test_a_stored_step_survives_its_deletion_in_bonzo(
    account: FakeBonzo, load: Load, rows: Rows, database: str
) -> None:
    """Messages whose step Bonzo no longer names keep it, and so do enrollments."""
    load(now=lambda: LATER)
    before = snapshot(database)
    change(account, event_id=None)
    for row in account.account.prospects.values():
        row["updated_at"] = at(1)
    load(now=days_later(), full_read_days=0)
    assert snapshot(database) == before


@pytest.mark.parametrize("explained", [1, 3])
def test_an_event_explained_by_another_prospect(
    account: FakeBonzo, load: Load, rows: Rows, explained: int
) -> None:
    """Whatever is read first: one message with the sequence explains them all."""
    change(account, sequence_id=None)
    for record in account.account.messages[explained]:
        if record["direction"] == "outgoing":
            account.account.put_message({**record, "sequence_id": 710})
    load(now=lambda: LATER)
    found = rows("select distinct touch_id from touch_engagements")
    assert {row["touch_id"] for row in found} == {
        touch_uuid(710, 1),
        touch_uuid(710, 2),
    }
    assert rows("select count(*) from prospect_campaign_assignments") == [{"count": 3}]
    state = rows("select distinct unknown_events from loader.sync_prospects")
    assert state == [{"unknown_events": []}]


def test_an_event_explained_by_a_later_load(
    account: FakeBonzo, load: Load, rows: Rows
) -> None:
    """Prospects that wait for an event are read again once it is known."""
    change(account, sequence_id=None)
    load(now=lambda: LATER)
    assert rows("select 1 from touches") == []
    account.account.put_prospect(prospect(4, created_at=at(9)))
    account.account.put_message(message(41, 4, event_id=1))
    load(now=minutes_later(1), recheck_days=0, rechecks_per_run=0)
    found = rows(
        "select prospect_id from touch_engagements where touch_id = %s "
        "and engagement_type = 'Sent' order by 1",
        [touch_uuid(710, 1)],
    )
    assert [row["prospect_id"] for row in found] == [1, 2, 3, 4]
    # Event 2 is still unknown, and nobody is read again because of it.
    report = load(now=minutes_later(2), recheck_days=0, rechecks_per_run=0)
    assert report.message_lists_read == 0


def owner(rows: Rows, message_id: int, kind: str = "Sent") -> list[int]:
    """Whose row a message is."""
    found = rows(
        "select prospect_id from touch_engagements where engagement_id = %s",
        [engagement_uuid(message_id, kind)],
    )
    return [row["prospect_id"] for row in found]


def noted(rows: Rows, prospect_id: int) -> list[str]:
    """Ids of messages that were noted with this prospect."""
    found = rows(
        "select id from loader.rejected_records where resource = 'messages' "
        "and prospect_id = %s order by 1",
        [prospect_id],
    )
    return [row["id"] for row in found]


@pytest.mark.parametrize(("named", "other"), [(1, 3), (3, 1)])
@pytest.mark.parametrize("page", [100, 1])
def test_a_message_in_two_lists(
    account: FakeBonzo,
    load: Load,
    rows: Rows,
    database: str,
    named: int,
    other: int,
    page: int,
) -> None:
    """It belongs to the prospect that it names, whichever list is read first."""
    shared = message(50, named, event_id=3, event_date=at(3))
    account.account.put_message(shared)
    add(account, other, shared)
    load(now=lambda: LATER, per_page=page)
    assert owner(rows, 50) == [named]
    assert noted(rows, other) == ["50"]
    assert rows("select count(*) from prospect_campaign_assignments") == [{"count": 3}]
    before = snapshot(database)
    assert load(now=lambda: LATER).message_lists_read == 0
    for _ in range(2):
        report = load(now=days_later(), full_read_days=0)
        assert report.message_lists_read == 3
        assert report.changed == 0
        assert snapshot(database) == before


def test_a_shared_message_met_in_a_later_load(
    account: FakeBonzo, load: Load, rows: Rows, database: str
) -> None:
    """The one that it names takes it over, and the other one's rows follow."""
    add(account, 1, message(50, 3, event_id=3, event_date=at(3)))
    load(now=lambda: LATER)
    assert owner(rows, 50) == [1]
    account.account.put_message(message(50, 3, event_id=3, event_date=at(3)))
    account.account.change_prospect(3, updated_at=at(50))
    load(now=lambda: LATER, rechecks_per_run=0, recheck_days=0)
    assert owner(rows, 50) == [3]
    assert noted(rows, 1) == ["50"]
    ends = rows(
        "select prospect_id from touch_engagements where touch_id = %s "
        "and prospect_id = 1",
        [touch_uuid(710, 3)],
    )
    assert ends == []
    before = snapshot(database)
    assert load(now=days_later(), full_read_days=0).changed == 0
    assert snapshot(database) == before


def test_a_group_message_without_a_name(
    account: FakeBonzo, load: Load, rows: Rows, database: str
) -> None:
    """It belongs to whom was written to last before it; nothing is noted."""
    shared = {**reply(50, 1, event_date=at(5)), "prospect_id": None}
    add(account, 1, shared)
    add(account, 3, shared)
    account.account.put_message(manual(60, 3, event_date=at(4)))
    load(now=lambda: LATER)
    assert owner(rows, 50, "Responded") == [3]
    assert rows("select 1 from loader.rejected_records") == []
    before = snapshot(database)
    assert load(now=days_later(), full_read_days=0).changed == 0
    assert snapshot(database) == before


def test_two_messages_of_one_id(
    account: FakeBonzo, load: Load, rows: Rows, database: str
) -> None:
    """Two prospects' own messages share an id: one is stored, the other noted."""
    account.account.put_message(manual(777, 1, event_date=at(5)))
    account.account.put_message(manual(777, 3, event_date=at(5, minutes=1)))
    load(now=lambda: LATER)
    assert owner(rows, 777) == [1]
    assert noted(rows, 3) == ["777"]
    before = snapshot(database)
    assert load(now=days_later(), full_read_days=0).changed == 0
    assert snapshot(database) == before


def test_two_messages_of_one_id_and_time(
    account: FakeBonzo, load: Load, rows: Rows, database: str
) -> None:
    """Nothing tells them apart, and yet no load rewrites what another wrote."""
    account.account.put_message(manual(777, 1, event_date=at(5)))
    load(now=lambda: LATER)
    account.account.put_message(manual(777, 3, event_date=at(5)))
    account.account.change_prospect(3, updated_at=at(50))
    before = rows("select * from touch_engagements order by engagement_id")
    for _ in range(3):
        load(now=days_later(), full_read_days=0)
        assert rows("select * from touch_engagements order by engagement_id") == before
    assert noted(rows, 3) == ["777"]


def test_a_note_takes_no_message_away(
    account: FakeBonzo, load: Load, rows: Rows
) -> None:
    """A note of the same id, of this prospect or another, deletes nothing."""
    load(now=lambda: LATER)
    before = rows("select * from touch_engagements order by engagement_id")
    note = {"type": "note", "direction": None, "event_date": at(9)}
    add(account, 1, manual(11, 1, **note))
    add(account, 3, manual(21, 3, **note))
    load(now=days_later(), full_read_days=0)
    assert rows("select * from touch_engagements order by engagement_id") == before
    assert (noted(rows, 1), noted(rows, 3)) == (["11"], ["21"])


def test_another_type_under_one_id(account: FakeBonzo, load: Load, rows: Rows) -> None:
    """The earlier of two messages has the id, the other is noted."""
    add(account, 1, manual(11, 1, type="email", event_date=at(20), status="opened"))
    load(now=lambda: LATER)
    kinds = rows(
        "select engagement_type from touch_engagements where engagement_id = any(%s)",
        [[engagement_uuid(11, k) for k in ("Sent", "Delivered", "Opened")]],
    )
    assert {row["engagement_type"] for row in kinds} == {"Sent", "Delivered"}
    assert noted(rows, 1) == ["11"]


def test_messages_of_a_merged_prospect(
    account: FakeBonzo, load: Load, rows: Rows, database: str
) -> None:
    """They move to the survivor within one load, whomever their records name."""
    load(now=lambda: LATER)
    moved = account.account.messages[1]
    account.account.remove_prospect(1, merged_into=3)
    # One of them still names the prospect that is no more.
    old = {**moved[0], "prospect_id": 1}
    kept = [r for r in account.account.messages[3] if r["id"] != old["id"]]
    account.account.put_messages(3, [*kept, old])
    account.account.change_prospect(3, updated_at=at(50))
    load(now=minutes_later(1), recheck_days=0, rechecks_per_run=0)
    assert owner(rows, 11) == owner(rows, 12) == [3]
    assert rows("select prospect_id from touch_engagements where prospect_id = 1") == []
    before = snapshot(database)
    report = load(now=minutes_later(2), recheck_days=0, rechecks_per_run=0)
    assert (report.changed, report.message_lists_read) == (0, 0)
    assert snapshot(database) == before


@pytest.mark.parametrize("names", [3, None])
def test_a_deleted_prospects_shared_message(
    account: FakeBonzo, load: Load, rows: Rows, database: str, names: int | None
) -> None:
    """Whoever shows it, too, has it from then on, though nothing else changed."""
    shared = {**message(50, 3, event_id=3, event_date=at(3)), "prospect_id": names}
    add(account, 3, shared)
    add(account, 1, shared)
    account.account.put_message(manual(60, 3, event_date=at(2, minutes=90)))
    load(now=lambda: LATER)
    assert owner(rows, 50) == [3]
    # What a later load finds, long after it last read the list of the other one.
    load(now=minutes_later(1), recheck_days=0, rechecks_per_run=0)
    account.account.remove_prospect(3)
    report = load(now=minutes_later(2), recheck_days=0, rechecks_per_run=0)
    assert (report.outcome, report.deleted) == ("complete", [3])
    assert owner(rows, 50) == [1]
    assert noted(rows, 1) == []
    before = snapshot(database)
    report = load(now=minutes_later(3), recheck_days=0, rechecks_per_run=0)
    assert (report.changed, report.message_lists_read) == (0, 0)
    assert snapshot(database) == before


def test_a_deletion_whose_run_failed_is_made_up_for(
    account: FakeBonzo, load: Load, rows: Rows
) -> None:
    """The next run gives the shared message away if the first one could not."""
    shared = message(50, 3, event_id=3, event_date=at(3))
    add(account, 3, shared)
    add(account, 1, shared)
    load(now=lambda: LATER)
    account.account.remove_prospect(3)
    account.faults.add(Fault("unavailable", "/prospects/1/communication", times=None))
    load(now=minutes_later(1), recheck_days=0, rechecks_per_run=0, retries=1)
    assert owner(rows, 50) == [3]
    account.faults.clear()
    load(now=minutes_later(2), recheck_days=0)
    assert owner(rows, 50) == [1]


def test_a_campaign_shown_twice(account: FakeBonzo, load: Load, rows: Rows) -> None:
    """Both starts are enrollments, also after Bonzo shows one alone."""
    shown = [listing(71, at(-40)), listing(71, at(-1))]
    account.account.change_prospect(1, campaigns=shown)
    query = (
        "select assigned_at, status from prospect_campaign_assignments "
        "where prospect_id = 1 order by 1"
    )
    expected = [(when(-40), "Completed"), (when(-1), "Active")]
    load(now=lambda: LATER)
    assert [tuple(row.values()) for row in rows(query)] == expected
    account.account.change_prospect(1, campaigns=shown[1:], updated_at=at(50))
    load(now=lambda: LATER)
    assert [tuple(row.values()) for row in rows(query)] == expected


def test_a_healthy_account_of_php_is_loaded_without_a_note(
    account: FakeBonzo, load: Load, rows: Rows
) -> None:
    """Empty arrays and zeros in place of nothing are no reason to complain."""
    account.account.change_prospect(
        1, mortgage=[], pipeline=[], pipeline_stage=[], assigned_user=[], assigned_to=0
    )
    account.account.change_prospect(2, campaigns={}, tags=[], opt_outs={})
    account.account.put_message(
        manual(90, 1, event_id=0, sequence_id=0, pipeline_event_id=0, batch_id=0)
    )
    report = load(now=lambda: LATER)
    assert (report.rejected, report.noted) == (0, 0)
    assert rows("select 1 from loader.rejected_records") == []
    assert rows(
        "select touch_id, campaign_id from touch_engagements where engagement_id = %s",
        [engagement_uuid(90, "Sent")],
    ) == [{"touch_id": None, "campaign_id": None}]
