"""When a prospect opted out: what Bonzo shows, and what the person wrote."""

from __future__ import annotations

import json
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.mapping.enrollments import EnrollmentFacts, opt_out_times
from loader.mapping.mapping_config import load_rules
from loader.mapping.opt_outs import read_opt_outs
from loader.mapping.parse_messages import parse_messages
from loader.mapping.rejects import Rejects
from loader.mapping.replies import own_text
from tests.loader.records import reply, when
from tests.loader.test_parsers import ANYTHING

RULES = load_rules()


@pytest.mark.parametrize(
    "value",
    [
        None,
        False,
        0,
        "",
        [],
        {},
        "[]",
        "{}",
        "null",
        "None",
        "N/A",
        "0",
        "false",
        "no",
        [None],
        ["none"],
        [""],
        '["none"]',
        {"sms": False, "email": 0, "call": None},
        {"sms": "no"},
        [{"channel": None}],
    ],
)
def test_what_is_no_opt_out(value: Any) -> None:
    """Nothing, a word for nothing and a no leave the prospect as it is, unnoted."""
    result = read_opt_outs(value)
    assert (result.opted_out, result.unknown) == (False, [])


@pytest.mark.parametrize(
    "value",
    [
        True,
        1,
        "1",
        "yes",
        "all",
        "SMS",
        "Text messages",
        "e-mail",
        "emails",
        "voice",
        "call",
        "sms,email",
        ["sms"],
        ["none", "sms"],
        '["sms"]',
        '{"sms": true}',
        '"all"',
        {"sms": True},
        {"sms": "2026-01-01T00:00:00Z"},
        {"0": "sms"},
        {"3": {"channel": "email"}},
        [{"type": "sms", "id": 4}],
        {"all": 1},
    ],
)
def test_opt_outs(value: Any) -> None:
    """A channel, `all` or a yes, in whatever shape, is an opt-out."""
    result = read_opt_outs(value)
    assert (result.opted_out, result.unknown) == (True, [])


@pytest.mark.parametrize(
    ("value", "unknown"),
    [
        ("maybe", ["maybe"]),
        (["carrier pigeon"], ["carrier pigeon"]),
        ("callback later", ["callback later"]),
        (7, ["7"]),
        ("[broken", ["[broken"]),
        ({"pigeon": True}, ["pigeon"]),
    ],
)
def test_words_that_are_not_understood(value: Any, unknown: list[str]) -> None:
    """They are no opt-out, and the load says which they are."""
    result = read_opt_outs(value)
    assert (result.opted_out, result.unknown) == (False, unknown)


def test_a_word_that_is_not_understood_hides_no_other() -> None:
    """One channel among them is an opt-out all the same."""
    result = read_opt_outs(["sms", "pigeon"])
    assert (result.opted_out, result.unknown) == (True, ["pigeon"])


@given(ANYTHING)
def test_no_value_breaks_opt_outs(value: Any) -> None:
    """Any value is an answer, and its JSON in a text is the same one."""
    result = read_opt_outs(value)
    assert isinstance(result.opted_out, bool)
    if isinstance(value, list | dict):
        assert read_opt_outs(json.dumps(value)).opted_out == result.opted_out


@pytest.mark.parametrize(
    "content",
    [
        "STOP",
        " stop. ",
        "Un-subscribe!",
        "<p>STOP</p>",
        "STOP<br>",
        "<div><span>Stop</span></div>",
        "S<b>TO</b>P",
        "&quot;STOP&quot;",
        "&lt;p&gt;STOP&lt;/p&gt;",
        "STOP&nbsp;",
        "\uff33\uff34\uff2f\uff30",
        "\U0001d5e6\U0001d601\U0001d5fc\U0001d5fd",
        "STOP \U0001f6d1",
        "<html><head><title>A</title><style>p {}</style></head>STOP</html>",
        "<!-- tracking -->STOP",
        "STOP\n\nOn Mon, Mar 2, 2026 at 3:00 PM Lee <lee@x.example> wrote:\n> Hi",
        "STOP\r\n\r\nOn Mon, Mar 2, 2026 at 3:00 PM Lee\r\n<l@x.example> wrote:\r\nHi",
        "STOP\n-----Original Message-----\nFrom: Lee\n\nHi Ada",
        "STOP\n________________________________\nFrom: Lee\nSent: Monday\n\nHi",
        "STOP\n\nFrom: Lee Sample <lee@x.example>\nSent: Monday\nTo: Ada\n\nHi",
        "Unsubscribe\n> Hi Ada,\n> rates moved.",
        "> Hi Ada\nSTOP",
        "On Mon, Lee Sample wrote:\n> Hi Ada\n\nSTOP",
        "<div>Stop</div><blockquote>Hi Ada</blockquote>",
        '<div>Stop</div><div class="gmail_quote">On Mon Lee wrote:<br>Hi</div>',
        "STOP\n\nSent from my iPhone",
        "STOP On Mon, Mar 2, 2026 Lee Sample wrote: > Hi",
    ],
)
def test_replies_that_opt_out(content: str) -> None:
    """Markup, entities and the mail that is answered do not hide the word."""
    assert _opts_out(content)


@pytest.mark.parametrize(
    "content",
    [
        "<b>please</b> stop it",
        "Do not stop",
        "stop\ncalling at night, mornings are fine",
        "Yes please\n\nOn Mon, Lee wrote:\n> Reply STOP to opt out",
        "Sure\n> STOP",
        "<p>Sure</p><blockquote>STOP</blockquote>",
        "On Monday I have time",
        "&lt;3",
        "",
        "   ",
    ],
)
def test_replies_that_do_not(content: str) -> None:
    """Only a reply that consists of the word opts out, not the mail quoted below."""
    assert not _opts_out(content)


def _opts_out(content: str) -> bool:
    message_list = parse_messages(
        [reply(1, 1, content=content)], 1, RULES, when(days=9), Rejects()
    )
    facts = EnrollmentFacts(set(), {}, {})
    return opt_out_times(message_list.messages, facts, RULES) == [when()]


def test_the_stored_text_is_as_it_came() -> None:
    """Only the search for the word looks below the markup."""
    content = "<p>STOP</p>"
    message_list = parse_messages(
        [reply(1, 1, content=content)], 1, RULES, when(days=9), Rejects()
    )
    assert message_list.messages[0].content == content


@given(st.text(st.sampled_from(list("<>&;/abp \n-:On wrote=\"'")), max_size=200))
def test_any_text_is_searched(content: str) -> None:
    """No markup, however broken, ends the search."""
    assert isinstance(own_text(content), str)


@pytest.mark.parametrize(
    "part", ["<", "<a", "<div ", "<!--", "<br ", "\non a", "&", "\n", " ", "> ", "-- "]
)
def test_hostile_text_takes_no_time(part: str) -> None:
    """The work grows with the length of a text, not with its square."""
    short, long = _seconds(part * 2_000), _seconds(part * 8_000)
    assert long < 10 * short + 0.2


def test_headers_of_mail_and_blank_lines_take_no_time() -> None:
    """Each header looks no further than the lines after it, however many are blank."""
    few, many = (_seconds("from: x\n" * n + "\n" * 50_000) for n in (1, 40))
    assert many < 5 * few + 1


def _seconds(content: str) -> float:
    begun = perf_counter()
    own_text(content)
    return perf_counter() - begun
