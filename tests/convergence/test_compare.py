"""The comparison would notice: a database bent in one place is told apart."""

from __future__ import annotations

import re
from collections.abc import Iterator

import psycopg
import pytest

from demo.server import FakeBonzo
from loader.database import tables
from tests.conftest import NewDatabase
from tests.convergence.check_history import mismatches
from tests.convergence.compare import QUERIES, compare
from tests.fake_bonzo.random_history import History
from tests.faults.loading import load

BENDS = {
    "prospects": "update prospects set first_name = 'Eve' where prospect_id = %s",
    "users": "update users set last_name = 'Eve' where user_id = ("
    "select assigned_to from prospects where prospect_id = %s)",
    "enrollments": "delete from prospect_campaign_assignments where prospect_id = %s",
    "engagements": "update touch_engagements set engagement_type = 'Clicked' "
    "where prospect_id = %s",
    "loans": "update loans set status = 'Lost' where prospect_id = %s",
    "details": "update prospect_details set city = 'Eve' where prospect_id = %s",
    "tags": "insert into prospect_tags select prospect_id, 'Eve' from prospects "
    "where prospect_id = %s",
    "loan dates": "update loan_dates set closed_on = '2000-01-01' where loan_id = %s",
}


@pytest.fixture
def history() -> History:
    """A history after which somebody has a user, a loan and an enrollment."""
    history = History(seed=3, prospects=14)
    history.play(160)
    history.wait(days=2)
    return history


@pytest.fixture
def pair(history: History, new_database: NewDatabase) -> Iterator[tuple[str, str]]:
    """DSNs of two databases loaded from one state."""
    with new_database() as one, new_database() as other:
        with FakeBonzo(history.account) as server:
            for dsn in (one, other):
                assert load(dsn, server, clock=history.clock).outcome == "complete"
        history.observe()
        yield one, other


def test_two_loads_of_one_state_are_equal(
    pair: tuple[str, str], history: History
) -> None:
    """Nothing differs, and there was something to compare."""
    found = compare(*pair, history.undated())
    assert found.differences == []
    assert found.rows > 100


def test_every_table_is_compared() -> None:
    """A table that loads fill is compared, or checked against what happened."""
    text = "".join(QUERIES.values())
    checked = {"prospect_stage_history"}
    for table in tables.SHOWN:
        assert table in checked or re.search(rf"\b{table}\b", text), table


def test_every_bend_is_noticed(pair: tuple[str, str]) -> None:
    """One changed row in any table is a difference there."""
    one, other = pair
    query = (
        "select p.prospect_id from prospects as p join loans using (prospect_id) "
        "join prospect_campaign_assignments using (prospect_id) "
        "join touch_engagements using (prospect_id) "
        "where p.assigned_to is not null limit 1"
    )
    with psycopg.connect(one) as connection:
        (chosen,) = connection.execute(query).fetchone()
        for name, statement in BENDS.items():
            assert connection.execute(statement, [chosen]).rowcount > 0
            connection.commit()
            differences = compare(one, other).differences
            assert any(line.startswith(name) for line in differences), name


def test_lies_about_the_past_are_noticed(
    pair: tuple[str, str], history: History
) -> None:
    """A move that never was, one that is missing, and a false farewell show."""
    one, _ = pair
    assert mismatches(one, history) == []
    with psycopg.connect(one) as connection:
        connection.execute(
            "update prospect_stage_history set entered_at = '2001-01-01' "
            "where ctid = (select min(ctid) from prospect_stage_history "
            "where entered_at < first_seen_at)"
        )
        connection.execute(
            "update loader.sync_prospects set last_seen_at = '2001-01-01' "
            "where prospect_id = (select min(prospect_id) from prospects)"
        )
        connection.execute("delete from prospect_campaign_assignments")
    kinds = {line.split(":")[0] for line in mismatches(one, history)}
    assert {"no such move", "missed move", "gone but present"} <= kinds
    assert any("rows of" in kind for kind in kinds)
