"""Which outgoing messages are automation, and which step sent them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.errors import LoaderError
from loader.mapping.campaigns import SequenceRegistry
from loader.mapping.engagements import MessageList, to_engagements
from loader.mapping.enrollments import EnrollmentFacts, infer_enrollments
from loader.mapping.ids import campaign_uuid, touch_uuid
from loader.mapping.mapping_config import MappingConfig, load_rules
from loader.mapping.message_steps import KnownSteps, Step, resolve_steps
from loader.mapping.parse_messages import parse_messages
from loader.mapping.rejects import Rejects
from tests.loader.records import at, message, reply, when

RULES = load_rules()
NOW = when(days=400)
NO_KEYS = {
    "event_id": None,
    "sequence_id": None,
    "pipeline_event_id": None,
    "batch_id": None,
    "campaign_id": None,
}


def book() -> SequenceRegistry:
    """Campaign 71 has sequence 710; campaign 73 is not in the list."""
    return SequenceRegistry(known={710: "71", 720: "72"})


def read(
    *items: Any, known: KnownSteps | None = None, rules: MappingConfig = RULES
) -> MessageList:
    """The messages of prospect 1, with their steps."""
    message_list = parse_messages(items, 1, rules, NOW, Rejects())
    resolve_steps([message_list], book(), known)
    return message_list


def sent(number: int = 1, **keys: Any) -> dict[str, Any]:
    """An outgoing message with these keys alone."""
    return message(number, 1, **{**NO_KEYS, **keys})


def touch_and_campaign(
    *items: Any, known: KnownSteps | None = None, rules: MappingConfig = RULES
) -> tuple[Any, Any]:
    """The touch and campaign of the last row."""
    rows = to_engagements(1, read(*items, known=known, rules=rules), rules, book())
    return rows[-1]["touch_id"], rows[-1]["campaign_id"]


PIPELINE_STEP = (touch_uuid("pipeline", 9), campaign_uuid("pipeline"))
UNKNOWN = (None, campaign_uuid("unknown"))
BROADCAST = (None, campaign_uuid("broadcast"))
MANUAL = (None, None)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        # A whole step.
        (
            {"sequence_id": 710, "event_id": 5},
            (touch_uuid(710, 5), campaign_uuid("71")),
        ),
        (
            {"sequence_id": 710, "event_id": 5, "campaign_id": 99},
            (touch_uuid(710, 5), campaign_uuid("71")),
        ),
        ({"campaign_id": 71, "event_id": 5}, (touch_uuid(710, 5), campaign_uuid("71"))),
        (
            {"campaign_id": 71, "event_id": 5, "sequence_id": 0},
            (touch_uuid(710, 5), campaign_uuid("71")),
        ),
        (
            {"campaign_id": 73, "event_id": 5},
            (touch_uuid("campaign-73", 5), campaign_uuid("73")),
        ),
        (
            {"campaign_id": "73", "event_id": "5", "sequence_id": ""},
            (touch_uuid("campaign-73", 5), campaign_uuid("73")),
        ),
        ({"pipeline_event_id": 9}, PIPELINE_STEP),
        ({"pipeline_event_id": 9, "event_id": 5, "sequence_id": 710}, PIPELINE_STEP),
        # Half a step.
        ({"sequence_id": 710}, (None, campaign_uuid("71"))),
        ({"sequence_id": 710, "event_id": 0}, (None, campaign_uuid("71"))),
        ({"sequence_id": 710, "event_id": ""}, (None, campaign_uuid("71"))),
        ({"sequence_id": 710, "campaign_id": 99}, (None, campaign_uuid("71"))),
        ({"sequence_id": 799}, (None, campaign_uuid("sequence:799"))),
        ({"event_id": 5}, UNKNOWN),
        ({"event_id": 5, "campaign_id": 0, "sequence_id": "0"}, UNKNOWN),
        ({"event_id": "not a number"}, UNKNOWN),
        ({"batch_id": 4}, BROADCAST),
        ({"batch_id": "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d"}, BROADCAST),
        ({"batch_id": 4, "campaign_id": 71}, BROADCAST),
        # A person's message.
        ({}, MANUAL),
        ({"campaign_id": 71}, MANUAL),
        (
            {"event_id": 0, "sequence_id": 0, "batch_id": 0, "pipeline_event_id": 0},
            MANUAL,
        ),
        (
            {"event_id": "", "sequence_id": "0", "batch_id": "", "campaign_id": 71},
            MANUAL,
        ),
        ({"event_id": [], "sequence_id": {}, "batch_id": False}, MANUAL),
    ],
)
def test_the_keys_of_a_message(keys: dict[str, Any], expected: tuple) -> None:
    """Whole steps, half steps, broadcasts and people are told apart by their keys."""
    assert touch_and_campaign(sent(**keys)) == expected


def test_an_event_that_another_message_explains() -> None:
    """An event without its sequence is the step that other messages show."""
    whole = sent(1, sequence_id=710, event_id=5)
    half = sent(2, event_id=5, event_date=at(1))
    expected = touch_uuid(710, 5), campaign_uuid("71")
    assert touch_and_campaign(whole, half) == expected
    assert read(whole, half).events == set()


def test_an_event_that_an_earlier_load_explains() -> None:
    """What the database knows of an event counts like a message at hand."""
    known = KnownSteps(sequences={5: 710})
    step = touch_uuid(710, 5), campaign_uuid("71")
    assert touch_and_campaign(sent(event_id=5), known=known) == step
    known = KnownSteps(sequences={5: -73})
    step = touch_uuid("campaign-73", 5), campaign_uuid("73")
    assert touch_and_campaign(sent(event_id=5), known=known) == step


def test_events_that_nothing_explains_are_remembered() -> None:
    """A later load that learns of the step has to find the prospect again."""
    message_list = read(
        sent(1, event_id=5), sent(2, event_id=6), sent(3, sequence_id=7)
    )
    assert message_list.events == {5, 6}


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"event_id": 5},
        {"sequence_id": 720},
        {"batch_id": 3},
        {"campaign_id": 71},
    ],
)
def test_a_stored_step_is_kept(keys: dict[str, Any]) -> None:
    """A message that was stored with its step keeps it when Bonzo hides it later."""
    known = KnownSteps(stored={1: Step(710, 5)})
    assert touch_and_campaign(sent(**keys), known=known) == (
        touch_uuid(710, 5),
        campaign_uuid("71"),
    )
    known = KnownSteps(stored={1: Step(None, 9)})
    assert touch_and_campaign(sent(**keys), known=known) == PIPELINE_STEP


def test_a_new_step_replaces_a_stored_one() -> None:
    """What Bonzo shows now counts where it shows a whole step."""
    known = KnownSteps(stored={1: Step(710, 5)})
    shown = sent(sequence_id=720, event_id=6)
    assert touch_and_campaign(shown, known=known)[0] == touch_uuid(720, 6)


def test_a_reply_follows_a_loose_message() -> None:
    """What answers an automation without a step carries its campaign and no touch."""
    answer = reply(2, 1, event_date=at(1))
    assert touch_and_campaign(sent(sequence_id=710), answer) == (
        None,
        campaign_uuid("71"),
    )
    assert touch_and_campaign(sent(batch_id=3), answer) == BROADCAST
    assert touch_and_campaign(sent(event_id=3), answer) == UNKNOWN


def enrollments(*items: Any) -> list[tuple[str, Any, Any, int]]:
    """Key, start, end and number of messages of prospect 1's enrollments."""
    facts = EnrollmentFacts(set(), {}, {})
    found = infer_enrollments(read(*items).messages, facts, RULES, book())
    return [(e.key, e.start, e.completed_at, len(e.messages)) for e in found]


@pytest.mark.parametrize(
    "keys", [{"sequence_id": 710}, {"event_id": 3}, {"batch_id": 3}]
)
def test_loose_messages_make_no_enrollment(keys: dict[str, Any]) -> None:
    """They begin no run and lengthen none."""
    assert enrollments(sent(**keys)) == []
    step = {"sequence_id": 710, "event_id": 1}
    items = [
        sent(1, **keys),
        sent(2, **step, event_date=at(1)),
        sent(3, **keys, event_date=at(2)),
        reply(4, 1, event_date=at(3)),
    ]
    assert enrollments(*items) == [("71", when(1), when(1), 1)]


def test_a_campaign_in_place_of_its_sequence_makes_enrollments() -> None:
    """Runs and replies work as for any other campaign."""
    items = [
        sent(1, campaign_id=73, event_id=1),
        sent(2, campaign_id=73, event_id=2, event_date=at(1)),
        reply(3, 1, event_date=at(2)),
        sent(4, campaign_id=73, event_id=1, event_date=at(20)),
    ]
    assert enrollments(*items) == [
        ("73", when(0), when(2), 2),
        ("73", when(20), when(20), 1),
    ]


STEPS = st.lists(
    st.tuples(
        st.sampled_from([(71, 710), (72, 720)]),
        st.integers(1, 3),
        st.floats(0, 60),
        st.booleans(),
    ),
    max_size=12,
)


@given(STEPS)
def test_the_campaigns_key_is_as_good_as_the_sequences(steps: list[tuple]) -> None:
    """With `campaign_id` in place of `sequence_id` every row is the same."""

    def items(by_campaign: bool) -> list[dict[str, Any]]:
        records = []
        for number, (ids, event, day, is_reply) in enumerate(steps, 1):
            key = {"campaign_id": ids[0]} if by_campaign else {"sequence_id": ids[1]}
            shown = {**key, "event_id": event, "event_date": at(day)}
            make = reply if is_reply else message
            records.append(make(number, 1, **{**NO_KEYS, **shown}))
        return records

    rows = [
        to_engagements(1, read(*items(flag)), RULES, book()) for flag in (False, True)
    ]
    assert rows[0] == rows[1]
    assert enrollments(*items(False)) == enrollments(*items(True))


def configured(tmp_path: Path, fields: str) -> MappingConfig:
    """Rules with another list of fields that tell an automation."""
    path = tmp_path / "bonzo.yaml"
    path.write_text(f"messages: {{automated_by: {fields}}}\n")
    return load_rules(path)


def test_what_tells_an_automation_can_be_set(tmp_path: Path) -> None:
    """A field that is not listed is no sign; one of the user's own may be."""
    rules = configured(tmp_path, "[event_id, template_id, campaign_id]")
    assert touch_and_campaign(sent(batch_id=3), rules=rules) == MANUAL
    assert touch_and_campaign(sent(pipeline_event_id=3), rules=rules) == MANUAL
    assert touch_and_campaign(sent(template_id=3), rules=rules) == UNKNOWN
    assert touch_and_campaign(sent(campaign_id=73), rules=rules) == (
        None,
        campaign_uuid("73"),
    )
    # A step that the user takes for a person's message is not restored, either.
    known = KnownSteps(stored={1: Step(None, 3)})
    shown = sent(pipeline_event_id=3)
    assert touch_and_campaign(shown, known=known, rules=rules) == MANUAL


@pytest.mark.parametrize("fields", ["event_id", "[[event_id]]", "{event_id: 1}"])
def test_automated_by_is_a_list_of_fields(tmp_path: Path, fields: str) -> None:
    """Anything else is a sentence that names the key."""
    with pytest.raises(LoaderError, match="automated_by: it must be a list"):
        configured(tmp_path, fields)


def test_another_list_of_fields_has_messages_read_again(tmp_path: Path) -> None:
    """It decides what messages become, so it makes a new version."""
    assert configured(tmp_path, "[event_id]").version != RULES.version
