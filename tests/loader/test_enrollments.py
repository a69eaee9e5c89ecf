"""How messages and known starts become enrollments."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.mapping.campaigns import SequenceRegistry
from loader.mapping.enrollments import (
    Enrollment,
    EnrollmentFacts,
    infer_enrollments,
    to_assignments,
)
from loader.mapping.mapping_config import load_rules
from loader.mapping.message_steps import resolve_steps
from loader.mapping.parse_messages import parse_messages
from loader.mapping.record_reader import Rejects
from tests.loader.records import at, manual, message, reply, when

RULES = load_rules()
NOW = when(days=400)


def known(**changes: Any) -> EnrollmentFacts:
    """Nothing listed, nothing kept."""
    return EnrollmentFacts(
        **{"listed": set(), "starts": {}, "first_seen": {}, **changes}
    )


def runs(*items: Any, stops: bool = False, **what: Any) -> list[Enrollment]:
    """The enrollments of prospect 1, by start."""
    book = SequenceRegistry(
        known={710: "71", 720: "72"}, stops={"71"} if stops else set()
    )
    message_list = parse_messages(items, 1, RULES, NOW, Rejects())
    resolve_steps([message_list], book)
    found = infer_enrollments(message_list.messages, known(**what), RULES, book)
    return sorted(found, key=lambda run: run.start)


def step(number: int, event: int, days: float, **changes: Any) -> dict[str, Any]:
    """Message `number`: step `event` of sequence 710, sent after so many days."""
    return message(number, 1, event_id=event, event_date=at(days), **changes)


def starts(found: list[Enrollment]) -> list[datetime]:
    """When the runs began."""
    return [run.start for run in found]


def test_messages_of_one_pass_are_one_run() -> None:
    """Steps that follow each other belong together."""
    found = runs(step(1, 1, 0), step(2, 2, 1), step(3, 3, 4))
    assert starts(found) == [when(0)]
    assert len(found[0].messages) == 3


def test_a_step_that_recurs_begins_anew() -> None:
    """The first step again, after another one, is a new enrollment."""
    found = runs(step(1, 1, 0), step(2, 2, 1), step(3, 1, 2), step(4, 2, 3))
    assert starts(found) == [when(0), when(2)]


@pytest.mark.parametrize(("gap", "count"), [(7, 1), (7.001, 2)])
def test_a_step_after_itself(gap: float, count: int) -> None:
    """A repeated step is a retry within seven days, a new start after them."""
    assert len(runs(step(1, 1, 0), step(2, 1, gap))) == count


def test_a_known_start_begins_a_run() -> None:
    """The first message at or after a known start belongs to that start."""
    found = runs(step(1, 1, 0), step(2, 2, 5), starts={"71": {when(4), when(-1)}})
    assert starts(found) == [when(-1), when(4)]
    assert [len(run.messages) for run in found] == [1, 1]


def test_a_known_start_without_messages_is_a_run() -> None:
    """Nothing was sent before the next start, yet the enrollment happened."""
    found = runs(step(1, 1, 5), starts={"71": {when(0), when(4)}})
    assert starts(found) == [when(0), when(4)]
    assert [len(run.messages) for run in found] == [0, 1]
    assert found[0].completed_at is None


def test_a_listed_campaign_with_nothing_begins_when_first_seen() -> None:
    """Neither start nor message: the first sight must do."""
    found = runs(listed={"71"}, first_seen={"71": when(9)})
    assert [(run.start, run.status) for run in found] == [(when(9), "Active")]


def test_the_last_run_of_a_listed_campaign_is_active() -> None:
    """Earlier runs of it, and runs of others, are completed."""
    found = runs(
        step(1, 1, 0),
        step(2, 2, 1),
        step(3, 1, 20),
        message(4, 1, sequence_id=720, event_date=at(10)),
        listed={"71"},
    )
    assert [(run.key, run.status) for run in found] == [
        ("71", "Completed"),
        ("72", "Completed"),
        ("71", "Active"),
    ]
    assert found[0].completed_at == when(1)
    assert found[2].completed_at is None


@pytest.mark.parametrize(("reply_day", "end"), [(3, 3), (0.5, 1)])
def test_a_run_ends_with_its_last_message_or_first_reply(
    reply_day: float, end: float
) -> None:
    """The later of the two is the end of a run that is over."""
    found = runs(
        step(1, 1, 0),
        step(2, 2, 1),
        reply(3, 1, event_date=at(reply_day)),
        reply(4, 1, event_date=at(9)),
    )
    assert found[0].completed_at == when(end)


def test_a_campaign_that_stops_on_response_is_over_at_the_first_reply() -> None:
    """Listed or not, a reply completes it."""
    messages = (step(1, 1, 0), reply(2, 1, event_date=at(1)), step(3, 2, 2))
    found = runs(*messages, stops=True, listed={"71"})
    assert [(run.status, run.completed_at) for run in found] == [("Completed", when(1))]


def test_a_reply_to_a_person_stops_nothing() -> None:
    """Only a reply to the campaign's own message counts for it."""
    found = runs(
        step(1, 1, 0),
        manual(2, 1, event_date=at(1)),
        reply(3, 1, event_date=at(2)),
        stops=True,
        listed={"71"},
    )
    assert found[0].status == "Active"


@pytest.mark.parametrize(
    "word",
    [
        "stop",
        "STOP!",
        "Stop All",
        "unsubscribe",
        "End.",
        "opt-out",
        "Remove me",
        "quit",
    ],
)
def test_a_word_opts_out(word: str) -> None:
    """A reply that is one of the words ends the enrollment at its time."""
    found = runs(
        step(1, 1, 0),
        reply(2, 1, event_date=at(1), content=word),
        step(3, 2, 2),
        listed={"71"},
    )
    assert [(run.status, run.completed_at) for run in found] == [("Opted Out", when(1))]


@pytest.mark.parametrize("text", ["please stop calling", "ending soon", "", None])
def test_other_replies_opt_nobody_out(text: str | None) -> None:
    """The whole reply must be the word."""
    found = runs(
        step(1, 1, 0), reply(2, 1, event_date=at(1), content=text), listed={"71"}
    )
    assert found[0].status == "Active"


def test_without_a_word_the_first_sight_of_an_opt_out_counts() -> None:
    """Bonzo's list of opt-outs has no time, so the load's own must do."""
    found = runs(step(1, 1, 0), listed={"71"}, opted_out_seen_at=when(8))
    assert (found[0].status, found[0].completed_at) == ("Opted Out", when(8))


def test_a_word_beats_the_first_sight() -> None:
    """A reply tells the time, so the load's is not needed."""
    found = runs(
        step(1, 1, 0),
        reply(2, 1, event_date=at(1), content="stop"),
        opted_out_seen_at=when(8),
    )
    assert found[0].completed_at == when(1)


def test_an_opt_out_between_runs_ends_the_latest_begun() -> None:
    """Nothing was under way, so the run before is the one that is ended."""
    found = runs(
        step(1, 1, 0),
        message(2, 1, sequence_id=720, event_date=at(3)),
        reply(3, 1, event_date=at(20), content="stop"),
        message(4, 1, sequence_id=720, event_date=at(30)),
    )
    assert [run.status for run in found] == ["Completed", "Opted Out", "Completed"]
    assert found[1].completed_at == when(20)


def test_an_opt_out_before_everything_ends_nothing() -> None:
    """There is no enrollment that it could have ended."""
    found = runs(reply(1, 1, event_date=at(-1), content="stop"), step(2, 1, 0))
    assert [run.status for run in found] == ["Completed"]


def test_a_second_stop_does_not_move_the_first() -> None:
    """The time of an opt-out stays."""
    found = runs(
        step(1, 1, 0),
        reply(2, 1, event_date=at(1), content="stop"),
        reply(3, 1, event_date=at(5), content="stop"),
        listed={"71"},
    )
    assert found[0].completed_at == when(1)


def test_pipeline_automation_enrolls_nobody() -> None:
    """Its messages belong to no sequence that somebody could be in."""
    assert runs(message(1, 1, pipeline_event_id=3)) == []


MESSAGES = st.lists(
    st.tuples(st.integers(1, 3), st.integers(0, 40), st.sampled_from([710, 720])),
    max_size=12,
)
KNOWN_STARTS = st.lists(st.integers(0, 40), max_size=3)


@given(MESSAGES, KNOWN_STARTS, st.booleans(), st.randoms())
def test_every_message_is_in_one_run(
    steps: list[tuple[int, int, int]], days: list[int], is_listed: bool, random: Any
) -> None:
    """Runs share no message and no id, and the order of the list is of no matter."""
    items = [
        message(n, 1, event_id=event, event_date=at(day), sequence_id=sequence)
        for n, (event, day, sequence) in enumerate(steps, 1)
    ]
    what = {
        "starts": {"71": {when(day) for day in days}} if days else {},
        "listed": {"71"} if is_listed else set(),
        "first_seen": {"71": when(50)},
    }
    found = runs(*items, **what)
    ids = [m.message_id for run in found for m in run.messages]
    assert sorted(ids) == list(range(1, len(items) + 1))
    rows = to_assignments(1, found)
    assert len({row["assignment_id"] for row in rows}) == len(rows)
    for run in found:
        assert all(m.at >= run.start for m in run.messages)
        assert run.status != "Active" or is_listed
    assert {when(day) for day in days} <= {run.start for run in found}
    random.shuffle(items)
    assert to_assignments(1, runs(*items, **what)) == rows
