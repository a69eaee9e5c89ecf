"""`get --shape`: the structure of an answer, and nothing of what it holds."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner

from demo.server import FakeBonzo
from loader.answer_shape import lines
from loader.cli import main
from tests.loader.conftest import TOKEN
from tests.loader.records import campaign, listing, message, prospect


def leaves(value: Any, parent: str = "") -> list[str]:
    """Every text and longer number of an answer."""
    if isinstance(value, dict):
        return [leaf for key, child in value.items() for leaf in leaves(child, key)]
    if isinstance(value, list):
        return [leaf for child in value for leaf in leaves(child, parent)]
    return [str(value)] if len(str(value)) > 4 and not isinstance(value, bool) else []


@pytest.fixture
def account(server: FakeBonzo, monkeypatch: pytest.MonkeyPatch) -> FakeBonzo:
    """An account whose records have keys of every kind."""
    server.account.campaigns.append(campaign(71001, 710222))
    server.account.put_prospect(
        prospect(
            9100421,
            tags={"88123": "refinance soon"},
            custom={"Spouse's name": "Grace", "anniversary": "1999-05-05"},
            campaigns=[listing(71001)],
            opt_outs=[],
        )
    )
    server.account.put_prospect(
        prospect(9100422, tags={"zillow": {"weight": 1}}, last_contact="")
    )
    server.account.put_message(message(8800551, 9100421))
    monkeypatch.setenv("BONZO_API_TOKEN", TOKEN)
    monkeypatch.setenv("BONZO_BASE_URL", server.url)
    return server


@pytest.mark.parametrize(
    "path", ["/prospects", "/prospects/9100421/communication", "/campaigns"]
)
def test_no_value_is_shown(account: FakeBonzo, path: str) -> None:
    """Whatever Bonzo answers, no text and no id of it is in the output."""
    whole = CliRunner().invoke(main, ["get", path])
    shape = CliRunner().invoke(main, ["get", "--shape", path])
    assert shape.exit_code == 0, shape.output
    values = leaves(json.loads(whole.output))
    assert values
    shown = [value for value in values if value in shape.output]
    assert shown == []
    for key in ("Spouse", "anniversary", "88123", "zillow", "9100421", TOKEN):
        assert key not in shape.output


def test_keys_types_and_counts_are_shown(account: FakeBonzo) -> None:
    """A field says its kinds, and in how many of the list's records it is."""
    output = CliRunner().invoke(main, ["get", "--shape", "/prospects"]).output
    assert "answer.data[].custom: object 1 (in 1 of 2)" in output
    assert "answer.data[].custom.{*}: text 1, time as text 1 (2 times)" in output
    assert "answer.data[].last_contact: empty text 1, null 1 (in 2 of 2)" in output
    assert "answer.data[].opt_outs: empty list 2 (in 2 of 2)" in output
    assert "answer.data[].mortgage.lead_source: text 2 (in 2 of 2)" in output


@pytest.mark.parametrize(
    "key",
    [
        "123",
        "ann@example.com",
        "+12025550142",
        "Ada Example",
        "Ada",
        "a1b2c3d4e5f6",
        "550e8400-e29b-41d4-a716-446655440000",
        "2026-01-01",
        "",
        "x" * 41,
        "café",
    ],
)
def test_a_key_that_may_be_data_hides_its_siblings(key: str) -> None:
    """One such key makes the object a map: the other keys may be data, too."""
    assert lines({key: 1, "ada": 2})[1:] == ["answer.{*}: integer 2 (2 times)"]


@pytest.mark.parametrize("key", ["id", "lead_source", "address2", "nextCursor"])
def test_a_field_keeps_its_name(key: str) -> None:
    """Names as programs write them are structure."""
    assert lines({key: None})[1:] == [f"answer.{key}: null 1 (in 1 of 1)"]


def test_answers_of_any_kind_have_a_shape() -> None:
    """A bare list, a text, nothing."""
    assert lines([]) == ["answer: empty list 1 (in 1 of 1)"]
    assert lines("secret") == ["answer: text 1 (in 1 of 1)"]
    assert lines([1, None]) == [
        "answer: list 1 (in 1 of 1)",
        "answer[]: integer 1, null 1 (in 2 of 2)",
    ]
