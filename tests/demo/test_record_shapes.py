"""The same account in the shapes that other accounts have."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timezone

import pytest
from click.testing import CliRunner

from demo.account import Account
from demo.demo_account import demo_year
from demo.record_shapes import SHAPES, reshape
from launcher.cli import main

TODAY = date(2026, 3, 31)
EVENING = datetime(2026, 3, 31, 23, tzinfo=timezone.utc)


def account(*shapes: str) -> Account:
    """A small demo account in these shapes."""
    demo = demo_year(TODAY, 120).account(EVENING)
    reshape(demo, shapes)
    return demo


def messages(demo: Account) -> list[dict]:
    """Every message of the account."""
    return [row for rows in demo.messages.values() for row in rows]


@pytest.mark.parametrize("name", list(SHAPES))
def test_each_shape_changes_something(name: str) -> None:
    """A shape is another account than the plain one, the same each time."""
    plain, shaped, again = account(), account(name), account(name)
    assert (shaped.prospects, shaped.messages) != (plain.prospects, plain.messages)
    assert (shaped.prospects, shaped.messages) == (again.prospects, again.messages)


def test_campaign_keys() -> None:
    """Every campaign message names the campaign that its sequence belongs to."""
    plain, shaped = messages(account()), messages(account("campaign-keys"))
    campaigns = {c["sequence"]["id"]: c["id"] for c in account().campaigns}
    for before, after in zip(plain, shaped, strict=True):
        assert after["sequence_id"] is None
        assert after.get("campaign_id") == campaigns.get(before["sequence_id"])


def test_shared_and_colliding_ids() -> None:
    """Ids come twice: in two lists, or under two types of message."""
    ids = Counter(row["id"] for row in messages(account()))
    assert max(ids.values()) == 1
    for name in ("shared-messages", "colliding-ids"):
        ids = Counter(row["id"] for row in messages(account(name)))
        assert max(ids.values()) > 1


def test_edited_campaigns() -> None:
    """Later enrollments are sent steps under new ids, and no enrollment both."""
    rows = [r for r in messages(account("edited-campaigns")) if r["sequence_id"]]
    ids = {row["event_id"] for row in rows}
    assert {i for i in ids if i > 700_000}
    assert {i for i in ids if i < 700_000}


def test_shapes_of_tags() -> None:
    """Names in a list, or names by id; none is an empty list."""
    shown = [row["tags"] for row in account("tag-map").prospects.values()]
    assert {type(value) for value in shown} == {list, dict}
    names = [row["tags"] for row in account("tag-names").prospects.values()]
    assert all(isinstance(tag, str) for tags in names for tag in tags)


def test_an_unknown_shape_is_a_sentence() -> None:
    """It names the shapes that there are."""
    result = CliRunner().invoke(main, ["demo-server", "--shape", "round"])
    assert result.exit_code == 1
    assert "campaign-keys, half-steps" in result.output
