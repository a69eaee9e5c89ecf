"""Whose a message is when its id comes in several lists."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from loader.mapping.engagements import MessageList
from loader.mapping.mapping_config import load_rules
from loader.mapping.message_owners import Contested, Holder, assign_owners
from loader.mapping.parse_messages import parse_messages
from loader.mapping.rejects import Rejects
from tests.loader.records import at, manual, message, reply, when

RULES = load_rules()
NOW = when(days=100)


def lists(rejects: Rejects, **items: list[dict[str, Any]]) -> dict[int, MessageList]:
    """Message lists by prospect, given as p1=[...], p2=[...]."""
    return {
        int(name[1:]): parse_messages(records, int(name[1:]), RULES, NOW, rejects)
        for name, records in items.items()
    }


def owners(
    holders: dict[int, Holder] | None = None, **items: list[dict[str, Any]]
) -> tuple[dict[int, list[int]], list[tuple[int | None, str | None]], Contested]:
    """Ids of the rows that each prospect keeps, what was noted, what is open."""
    rejects = Rejects()
    message_lists = lists(rejects, **items)
    contested = assign_owners(message_lists, holders or {}, rejects)
    kept = {i: [m.message_id for m in ml.messages] for i, ml in message_lists.items()}
    return kept, [(r.prospect_id, r.id) for r in rejects.items], contested


def test_a_message_belongs_to_the_prospect_that_it_names() -> None:
    """Whoever else lists it: the other one's list is noted."""
    shared = message(50, 1)
    kept, noted, _ = owners(p1=[shared], p2=[shared])
    assert kept == {1: [50], 2: []}
    assert noted == [(2, "50")]
    assert owners(p1=[message(50, 2)], p2=[message(50, 2)])[0] == {1: [], 2: [50]}


def test_a_nameless_message_belongs_to_whom_was_written_last() -> None:
    """The latest outgoing message before it decides, and nothing is noted."""
    shared = {**reply(50, 1, event_date=at(5)), "prospect_id": None}
    kept, noted, _ = owners(
        p1=[manual(1, 1, event_date=at(1)), shared, manual(2, 1, event_date=at(6))],
        p2=[manual(3, 2, event_date=at(2)), shared],
    )
    assert kept == {1: [1, 2], 2: [3, 50]}
    assert noted == []


def test_without_any_outgoing_message_the_smaller_number_has_it() -> None:
    """A tie is decided the same way whatever the order of reading."""
    shared = {**reply(50, 1), "prospect_id": None}
    assert owners(p2=[shared], p1=[shared])[0] == {1: [50], 2: []}


def test_two_messages_of_one_id_keep_to_the_earlier() -> None:
    """Each names its own prospect: the one of the earlier time has the id."""
    first, second = message(777, 1), message(777, 2, event_date=at(minutes=1))
    kept, noted, _ = owners(p1=[first], p2=[second])
    assert kept == {1: [777], 2: []}
    assert noted == [(2, "777")]


def test_a_stored_message_is_never_rewritten_by_another() -> None:
    """An id that is taken stays with the message that was stored under it."""
    holders = {777: Holder(2, when(1), incoming=False)}
    kept, noted, contested = owners(holders, p1=[message(777, 1)])
    assert (kept, noted) == ({1: []}, [(1, "777")])
    assert contested == Contested()
    note = manual(777, 1, type="note", direction=None)
    assert owners(holders, p1=[note])[1] == [(1, "777")]
    # Its own prospect may show it with another time.
    assert owners(holders, p2=[message(777, 2)])[:2] == ({2: [777]}, [])


def test_a_list_that_is_not_at_hand_has_to_be_read() -> None:
    """A message stored for somebody whom it does not name is decided together."""
    holders = {50: Holder(2, when(), incoming=False)}
    kept, noted, contested = owners(holders, p1=[message(50, 1)])
    assert (kept, noted, contested.pairs) == ({1: []}, [], [(1, 2)])
    # Read together, the one that it names has it.
    both = owners(holders, p1=[message(50, 1)], p2=[message(50, 1)])
    assert both[0] == {1: [50], 2: []}
    # Both are right by their own record: who had the id first keeps it.
    both = owners(holders, p1=[message(50, 1)], p2=[message(50, 2)])
    assert both[0] == {1: [], 2: [50]}
    # The holder does not list it any more.
    assert owners(holders, p1=[message(50, 1)], p2=[])[0] == {1: [50], 2: []}


def test_a_message_that_names_its_holder_is_left_there() -> None:
    """Nothing has to be read, unless the holder turns out deleted."""
    holders = {50: Holder(2, when(), incoming=False)}
    kept, noted, contested = owners(holders, p1=[message(50, 2)])
    assert (kept, noted) == ({1: []}, [(1, "50")])
    assert contested.pairs == []


def test_a_name_that_nobody_answers_to_decides_nothing() -> None:
    """A merged prospect's message is the survivor's, whose list alone shows it."""
    assert owners(p2=[message(50, 1)])[:2] == ({2: [50]}, [])


def test_notes_of_one_id_are_no_conflict() -> None:
    """Where nothing makes a row there is nothing to decide."""
    note = manual(5, 1, type="note", direction=None)
    assert owners(p1=[note], p2=[note])[1] == []


RECORDS = st.lists(
    st.tuples(
        st.integers(1, 3),
        st.integers(1, 3),
        st.sampled_from([1, 2, 3, None]),
        st.integers(0, 3),
        st.booleans(),
    ),
    max_size=14,
)


@given(RECORDS)
def test_each_id_has_one_owner_that_reading_again_confirms(
    records: list[tuple],
) -> None:
    """No id is left with two prospects, none is lost, and the result is stable."""
    shown: dict[str, list[dict[str, Any]]] = {"p1": [], "p2": [], "p3": []}
    for message_id, prospect_id, names, day, incoming in records:
        make = reply if incoming else message
        record = make(message_id, 1, event_date=at(day))
        shown[f"p{prospect_id}"].append({**record, "prospect_id": names})
    rejects = Rejects()
    message_lists = lists(rejects, **shown)
    ids = {m.message_id for ml in message_lists.values() for m in ml.messages}
    assign_owners(message_lists, {}, rejects)
    stored = {
        m.message_id: Holder(i, m.at, bool(m.incoming))
        for i, ml in message_lists.items()
        for m in ml.messages
    }
    kept = [m.message_id for ml in message_lists.values() for m in ml.messages]
    assert sorted(kept) == sorted(ids)
    again = lists(rejects, **shown)
    assert assign_owners(again, stored, rejects) == Contested()
    assert [[m.message_id for m in ml.messages] for ml in again.values()] == [
        [m.message_id for m in ml.messages] for ml in message_lists.values()
    ]
