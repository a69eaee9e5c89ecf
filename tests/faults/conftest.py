"""An account with a past, served, and a database that nothing ever disturbed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from demo.server import FakeBonzo
from tests.conftest import NewDatabase
from tests.convergence.compare import compare
from tests.fake_bonzo.random_history import History
from tests.faults.loading import load


@pytest.fixture(scope="module")
def history() -> History:
    """A history of about forty prospects on five pages; the account stays so."""
    history = History(seed=7, prospects=45)
    history.play(260)
    history.wait(days=2)
    return history


@pytest.fixture
def server(history: History) -> Iterator[FakeBonzo]:
    """The account, served without faults until a test switches some on."""
    with FakeBonzo(history.account) as server:
        yield server


@pytest.fixture(scope="module")
def undisturbed(history: History, new_database: NewDatabase) -> Iterator[str]:
    """DSN of a database that was loaded once, without any fault."""
    with new_database() as dsn:
        with FakeBonzo(history.account) as server:
            assert load(dsn, server).outcome == "complete"
        yield dsn


@pytest.fixture
def differences(history: History, undisturbed: str) -> Callable[[str], list[str]]:
    """Tells how a database differs from the one that nothing disturbed."""

    def differ(other: str) -> list[str]:
        found = compare(other, undisturbed, history.undated())
        assert found.rows > 200
        return found.differences

    return differ
