"""The tags of prospects in the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from demo.server import FakeBonzo
from tests.loader.conftest import Load
from tests.loader.records import prospect

NEW = "2026-03-02T00:00:00.000000Z"


def test_tags_follow_the_account(
    server: FakeBonzo, load: Load, rows: Callable[..., list[dict[str, Any]]]
) -> None:
    """Tags are added and removed as Bonzo shows them; other prospects keep theirs."""

    def stored() -> list[tuple[int, str]]:
        query = "select prospect_id, tag from prospect_tags order by 1, 2"
        return [(row["prospect_id"], row["tag"]) for row in rows(query)]

    server.account.put_prospect(prospect(1, tags=["Hot", "VA"]))
    server.account.put_prospect(prospect(2, tags=["Cold"]))
    load()
    assert stored() == [(1, "Hot"), (1, "VA"), (2, "Cold")]
    server.account.put_prospect(prospect(1, tags=["VA", "Jumbo"], updated_at=NEW))
    load()
    assert stored() == [(1, "Jumbo"), (1, "VA"), (2, "Cold")]


def test_a_record_without_tags_changes_none(
    server: FakeBonzo, load: Load, rows: Callable[..., list[dict[str, Any]]]
) -> None:
    """A record that shows no list of tags leaves the stored ones alone."""
    server.account.put_prospect(prospect(1, tags=["Hot"]))
    load()
    silent = prospect(1, updated_at=NEW)
    silent.pop("tags", None)
    server.account.put_prospect(silent)
    load()
    assert [row["tag"] for row in rows("select tag from prospect_tags")] == ["Hot"]
