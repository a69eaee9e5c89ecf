"""Whatever Bonzo does, forgotten people stay out, and the others' rows stay right."""

from __future__ import annotations

import psycopg
import pytest

from demo.server import FakeBonzo
from loader.database.connection import connect
from loader.database.forgotten import Forgotten, forget
from loader.database.tables import PERSONAL
from tests.conftest import NewDatabase
from tests.convergence.compare import compare
from tests.convergence.test_histories import copy_memory
from tests.fake_bonzo.random_history import History
from tests.faults.loading import load

ROUNDS = 6


def forget_somebody(history: History, dsn: str) -> int | None:
    """Forget one of the prospects that the database holds."""
    with connect(dsn) as connection:
        stored = connection.execute("select prospect_id from prospects order by 1")
        ids = [row[0] for row in stored]
        if not ids:
            return None
        chosen = history.rng.choice(ids)
        with connection.transaction():
            forget(connection, [chosen], "a test")
    return chosen


def about_the_forgotten(dsn: str) -> list[tuple[str, int]]:
    """Tables that hold a row of somebody forgotten, with that prospect."""
    with connect(dsn) as connection:
        known = Forgotten.read(connection)
        return [
            (name, prospect_id)
            for name in PERSONAL
            for (prospect_id,) in connection.execute(
                f"select distinct prospect_id from {name} where prospect_id is not null"
            )
            if known.holds(prospect_id)
        ]


@pytest.mark.parametrize("seed", range(500, 508))
def test_a_history_with_forgetting_converges(
    new_database: NewDatabase, seed: int
) -> None:
    """Between loads somebody is forgotten, while people are merged and re-read."""
    history, forgotten = History(seed, prospects=14), []
    with (
        new_database() as dsn,
        new_database() as clean,
        FakeBonzo(history.account) as server,
    ):
        for number in range(ROUNDS):
            history.play(12)
            load(dsn, server, clock=history.clock, accept_vanished=True)
            assert about_the_forgotten(dsn) == []
            if number % 2 == 0:
                forgotten.append(forget_somebody(history, dsn))
        # Merges with the forgotten in either direction.
        present = sorted(history.account.prospects)
        left = [i for i in forgotten if i in history.account.prospects]
        others = [i for i in present if i not in forgotten]
        for one, other in zip(left, others[::2], strict=False):
            source, target = (one, other) if seed % 2 else (other, one)
            history.remove(source, target)
            history.change(target)
        history.wait(days=31)
        final = load(dsn, server, clock=history.clock, accept_vanished=True)
        assert final.outcome == "complete", final.warnings
        assert about_the_forgotten(dsn) == []
        copy_memory(dsn, clean)
        again = load(clean, server, clock=history.clock)
        assert again.outcome == "complete", again.warnings
        compared = compare(dsn, clean, history.undated())
        assert compared.differences == []
        assert compared.rows > 20
        with psycopg.connect(dsn) as connection:
            [kept] = connection.execute(
                "select count(*) from loader.forgotten where kind = 'prospect'"
            ).fetchone()
        assert kept >= len(set(forgotten))
