"""What each kind of message becomes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loader.mapping.campaigns import SequenceRegistry
from loader.mapping.engagements import MessageList, stale_engagements, to_engagements
from loader.mapping.ids import campaign_uuid, engagement_uuid, touch_uuid
from loader.mapping.mapping_config import load_rules
from loader.mapping.message_steps import resolve_steps
from loader.mapping.parse_messages import parse_messages
from loader.mapping.record_reader import Rejects
from tests.loader.records import at, manual, message, reply, when
from tests.loader.test_parsers import ANYTHING

RULES = load_rules()
BOOK = SequenceRegistry(known={710: "71"})
NOW = when(days=100)


def read(*items: Any) -> MessageList:
    """The messages of prospect 1, with their steps."""
    message_list = parse_messages(items, 1, RULES, NOW, Rejects())
    resolve_steps([message_list], BOOK)
    return message_list


def engage(*items: Any) -> list[dict[str, Any]]:
    """The engagement rows of prospect 1's messages."""
    return to_engagements(1, read(*items), RULES, BOOK)


def kinds(*items: Any) -> list[str]:
    """The engagement types, in order."""
    return [row["engagement_type"] for row in engage(*items)]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("queued", []),
        ("scheduled", []),
        ("pending", []),
        ("cancelled", []),
        ("sent", ["Sent"]),
        (None, ["Sent"]),
        ("not_delivered", ["Sent"]),
        ("undelivered", ["Sent"]),
        ("error", ["Sent"]),
        ("failed", ["Sent"]),
        ("bounced", ["Sent"]),
        ("rejected", ["Sent"]),
        ("blocked", ["Sent"]),
        ("word of tomorrow", ["Sent"]),
        ("delivered", ["Sent", "Delivered"]),
        ("opened", ["Sent", "Delivered", "Opened"]),
        ("OPENED", ["Sent", "Delivered", "Opened"]),
    ],
)
def test_statuses(status: str | None, expected: list[str]) -> None:
    """A status implies what must have come before it."""
    assert kinds(message(1, 1, status=status)) == expected


def test_a_message_without_status_that_lies_ahead_is_not_sent() -> None:
    """Without a status only the past is sent."""
    assert kinds(message(1, 1, status=None, event_date=at(days=101))) == []


def test_unknown_words_are_counted_and_named() -> None:
    """What the mapping file does not know shows up in the report."""
    message_list = read(message(1, 1, status="Carrier Lost"), message(2, 1, type="fax"))
    assert message_list.unknown == {"status carrierlost": 1, "type fax": 1}


@pytest.mark.parametrize(("typed", "kind"), [("fax", "Fax"), (None, "Unknown")])
def test_a_message_of_unknown_type_is_not_lost(typed: str | None, kind: str) -> None:
    """Whatever Bonzo calls it, a reply is Responded and a step is Sent."""
    step = message(1, 1, type=typed, status="sent")
    reply = message(2, 2, type=typed, direction="incoming")
    assert kinds(step, reply) == ["Sent", "Responded"]
    assert [m.kind for m in read(step, reply).messages] == [kind, kind]


def test_a_campaigns_message_carries_its_step_and_campaign() -> None:
    """Sequence and event make the step; the sequence leads to the campaign."""
    row = engage(message(5, 1, status="sent"))[0]
    assert row == {
        "engagement_id": engagement_uuid(5, "Sent"),
        "prospect_id": 1,
        "touch_id": touch_uuid(710, 1),
        "engagement_type": "Sent",
        "engagement_time": when(),
        "content": None,
        "campaign_id": campaign_uuid("71"),
    }


def test_a_persons_message_has_no_step() -> None:
    """A manual message is an engagement without touch and campaign."""
    row = engage(manual(5, 1))[0]
    assert (row["touch_id"], row["campaign_id"]) == (None, None)


def test_pipeline_automation_is_no_person() -> None:
    """A message of a pipeline's automation has a step and a campaign of its own."""
    row = engage(message(5, 1, pipeline_event_id=9))[0]
    assert row["touch_id"] == touch_uuid("pipeline", 9)
    assert row["campaign_id"] == campaign_uuid("pipeline")


def test_notes_make_no_row() -> None:
    """Rejects are neither sent nor received."""
    assert kinds(manual(5, 1, type="note")) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "voicemail"},
        {"type": "rvm"},
        {"type": "call", "audio_path": "a.mp3", "status": "sent"},
    ],
)
def test_voicemail_drops(changes: dict[str, Any]) -> None:
    """A drop is known by its type, or as a campaign's call with a recording."""
    message_list = read(message(5, 1, **changes))
    assert [m.kind for m in message_list.messages] == ["Voicemail"]


@pytest.mark.parametrize(
    ("status", "expected"),
    [("answered", ["Sent", "Responded"]), ("unanswered", ["Sent"])],
)
def test_calls(status: str, expected: list[str]) -> None:
    """An own call is sent without a step; an answered one is a response as well."""
    rows = engage(manual(5, 1, type="call", status=status))
    assert [row["engagement_type"] for row in rows] == expected
    assert {row["touch_id"] for row in rows} == {None}


def test_the_time_of_a_message() -> None:
    """The event's date comes before the sending's, and that before the record's."""
    times = {"event_date": at(3), "send_at": at(2), "created_at": at(1)}
    for name in ("event_date", "send_at", "created_at"):
        expected = {"event_date": 3, "send_at": 2, "created_at": 1}[name]
        assert engage(message(1, 1, **times))[0]["engagement_time"] == when(expected)
        times[name] = None


def test_a_reply_belongs_to_the_last_message_before_it() -> None:
    """The later of two messages is the one that was answered."""
    rows = engage(
        message(1, 1, event_id=1, event_date=at(0)),
        message(2, 1, event_id=2, event_date=at(1)),
        reply(3, 1, event_date=at(2)),
    )
    assert rows[-1]["engagement_type"] == "Responded"
    assert rows[-1]["touch_id"] == touch_uuid(710, 2)
    assert rows[-1]["campaign_id"] == campaign_uuid("71")
    assert rows[-1]["content"] == "Yes please"


def test_of_two_messages_at_one_time_the_greater_id_was_answered() -> None:
    """A tie is decided by id, whatever the order in the list."""
    rows = engage(
        reply(9, 1, event_date=at(1)),
        message(4, 1, event_id=2),
        message(3, 1, event_id=1),
    )
    assert rows[-1]["touch_id"] == touch_uuid(710, 2)


@pytest.mark.parametrize(
    ("days", "expected"), [(30, touch_uuid(710, 1)), (30.001, None)]
)
def test_a_late_reply_belongs_to_nothing(days: float, expected: object) -> None:
    """After thirty days nobody knows what was answered."""
    rows = engage(message(1, 1), reply(2, 1, event_date=at(days)))
    assert rows[-1]["touch_id"] == expected


@pytest.mark.parametrize("between", [manual(2, 1, event_date=at(1)), None])
def test_a_reply_to_a_person_has_no_step(between: dict | None) -> None:
    """A person's message in between takes the reply; without any there is none."""
    before = [message(1, 1), between] if between else []
    row = engage(*before, reply(3, 1, event_date=at(2)))[-1]
    assert (row["touch_id"], row["campaign_id"]) == (None, None)


def test_a_reply_does_not_answer_what_was_never_sent() -> None:
    """A cancelled message is skipped when looking for what was answered."""
    rows = engage(
        message(1, 1, event_id=1),
        message(2, 1, event_id=2, status="cancelled", event_date=at(1)),
        reply(3, 1, event_date=at(2)),
    )
    assert rows[-1]["touch_id"] == touch_uuid(710, 1)


@pytest.mark.parametrize("other", ["sent", "queued", "cancelled", "delivered"])
@pytest.mark.parametrize("is_first", [True, False])
def test_of_two_copies_the_further_state_counts(other: str, is_first: bool) -> None:
    """Pages of messages shift, too: a copy that is behind takes nothing back."""
    copies = [message(1, 1, status="opened"), message(1, 1, status=other)]
    copies = copies if is_first else copies[::-1]
    assert read(*copies).read == 1
    assert kinds(*copies) == ["Sent", "Delivered", "Opened"]


def test_of_two_equal_copies_the_last_one_counts() -> None:
    """What Bonzo sent later is newer; one that names the step says more."""
    texts = [reply(1, 1, content="a"), reply(1, 1, content="b")]
    assert engage(*texts)[0]["content"] == "b"
    named = [message(1, 1), message(1, 1, event_id=None)]
    assert engage(*named)[0]["touch_id"] == touch_uuid(710, 1)


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ({"type": "note", "direction": None, "event_date": at(-1)}, "SMS"),
        ({"type": "email", "event_date": at(1)}, "SMS"),
        ({"type": "email", "event_date": at(-1)}, "Email"),
        ({"type": "email", "status": "queued", "event_date": at(-1)}, "SMS"),
        ({"direction": "incoming", "event_date": at(1)}, "SMS"),
    ],
)
def test_a_second_type_under_one_id_is_noted(
    second: dict[str, Any], expected: str, is_first: bool
) -> None:
    """What makes rows has the id, and of two such messages the earlier one."""
    copies = [message(1, 1, status="opened"), message(1, 1, **second)]
    rejects = Rejects()
    message_list = parse_messages(
        copies if is_first else copies[::-1], 1, RULES, NOW, rejects
    )
    assert [m.kind for m in message_list.messages] == [expected]
    assert message_list.messages[0].incoming is False
    assert [(r.id, r.field) for r in rejects.items] == [("1", "id")]


def test_a_note_leaves_no_rows_behind() -> None:
    """Its id may be that of a message whose rows are not to be deleted."""
    note = manual(5, 1, type="note", direction=None)
    assert stale_engagements(read(note)) == []


def test_a_message_that_is_nested_too_deeply_is_rejected_alone() -> None:
    """Its neighbors are read."""
    deep: Any = []
    for _ in range(5_000):
        deep = [deep]
    rejects = Rejects()
    items = [message(1, 1, content=deep, event_date=deep), message(2, 1)]
    message_list = parse_messages(items, 1, RULES, NOW, rejects)
    assert 2 in {m.message_id for m in message_list.messages}
    assert all(r.id == "1" for r in rejects.items)
    assert rejects.items


@pytest.mark.parametrize("zero", [0, "0", "", None, [], False])
def test_zeros_in_place_of_ids_make_a_persons_message(zero: Any) -> None:
    """Neither 0 nor an empty text nor PHP's empties name anything, or are noted."""
    names = ("event_id", "sequence_id", "pipeline_event_id", "batch_id", "campaign_id")
    rejects = Rejects()
    record = message(1, 1, **dict.fromkeys(names, zero))
    message_list = parse_messages([record], 1, RULES, NOW, rejects)
    resolve_steps([message_list], BOOK)
    row = to_engagements(1, message_list, RULES, BOOK)[0]
    assert (row["touch_id"], row["campaign_id"], rejects.items) == (None, None, [])


def test_a_time_before_this_business_is_passed_over() -> None:
    """Epoch zero is noted, and the next field tells the time."""
    rejects = Rejects()
    record = message(1, 1, event_date="1970-01-01T00:00:00.000000Z", send_at=at(3))
    message_list = parse_messages([record], 1, RULES, NOW, rejects)
    assert message_list.messages[0].at == when(3)
    assert [r.field for r in rejects.items] == ["event_date"]


def test_nested_fields_are_found() -> None:
    """Fields may lie in the extensions that Bonzo's own classes show."""
    nested = manual(1, 1, event_pipeline_extension={"sequence_id": 710, "event_id": 4})
    assert engage(nested)[0]["touch_id"] == touch_uuid(710, 4)


def test_types_that_hold_no_longer_are_removed() -> None:
    """Rows of states that a message has left are named for removal."""
    message_list = read(message(1, 1, status="sent"), message(2, 1, status="cancelled"))
    stale = set(stale_engagements(message_list))
    assert engagement_uuid(1, "Delivered") in stale
    assert engagement_uuid(1, "Sent") not in stale
    assert {engagement_uuid(2, k) for k in ("Sent", "Delivered", "Opened")} <= stale


@settings(max_examples=150)
@given(st.lists(st.tuples(st.sampled_from(sorted(message(1, 1))), ANYTHING)))
def test_one_bad_field_costs_that_field_alone(
    broken: list[tuple[str, Any]],
) -> None:
    """Whatever stands in a message, its neighbors are read and all are counted."""
    record = message(1, 1)
    record.update(broken)
    rejects = Rejects()
    message_list = parse_messages(
        [record, message(2, 1), reply(3, 1)], 1, RULES, NOW, rejects
    )
    stored = {m.message_id for m in (*message_list.messages, *message_list.unsent)}
    assert message_list.read == len(stored) + message_list.rejected
    assert message_list.rejected == rejects.rejected
    assert {3} <= stored
    assert all(
        m.at is None or m.at - NOW < timedelta(days=10**7)
        for m in message_list.messages
    )
