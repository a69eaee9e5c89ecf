"""The demo account, loaded in every shape that accounts send it in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

from demo.demo_account import demo_year
from demo.demo_company import OTHER_STAGE
from demo.record_shapes import SHAPES, reshape
from demo.routes import Options
from demo.server import FakeBonzo
from tests.loader.conftest import Load, snapshot

TODAY = date(2026, 3, 31)
EVENING = datetime(2026, 3, 31, 23, tzinfo=timezone.utc)
NEXT_DAY = datetime(2026, 4, 2, 23, tzinfo=timezone.utc)
# Shapes that say the same in other words.
SAME = (
    "campaign-keys",
    "half-steps",
    "lone-events",
    "tag-names",
    "tag-map",
    "php-empties",
    "php-times",
    "entities",
    "opt-out-texts",
)
Rows = Callable[..., list[dict[str, Any]]]


def serve(server: FakeBonzo, *shapes: str) -> None:
    """Serve a small demo account in these shapes."""
    server.options = Options(messages_per_page=100)
    server.account = demo_year(TODAY, 80).account(EVENING)
    reshape(server.account, shapes)


def unfit(rows: Rows) -> list[str]:
    """Return why values did not fit, except the stage that the demo leaves unmapped."""
    reasons = [r["reason"] for r in rows("select * from loader.rejected_records")]
    return [reason for reason in reasons if OTHER_STAGE[1] not in reason]


def test_shapes_that_say_the_same(
    server: FakeBonzo, load: Load, database: str, rows: Rows
) -> None:
    """Not one row of the data changes when an account is sent in another shape."""
    serve(server)
    load(now=lambda: EVENING)
    assert unfit(rows) == []
    before = snapshot(database)
    for days, shape in enumerate(SAME):
        serve(server, shape)
        at = NEXT_DAY + timedelta(days=2 * days)
        load(now=lambda at=at: at, full_read_days=0)
        assert snapshot(database) == before, shape
        assert unfit(rows) == [], shape


@pytest.mark.parametrize("shape", [name for name in SHAPES if name not in SAME])
def test_shapes_that_say_something_else(
    server: FakeBonzo, load: Load, database: str, shape: str
) -> None:
    """Whatever is sent, a second load of it changes nothing."""
    serve(server, shape)
    assert load(now=lambda: EVENING).outcome == "complete"
    before = snapshot(database)
    load(now=lambda: NEXT_DAY, full_read_days=0)
    assert snapshot(database) == before
