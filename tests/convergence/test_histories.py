"""Whatever happens on the way, the database ends up as one clean load gives it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

import psycopg
import pytest

from demo.faults import Fault
from demo.server import FakeBonzo
from loader.database.campaign_steps import order_derived_steps
from loader.database.upsert import StepChanges, Writer
from loader.errors import LoaderError
from tests.conftest import NewDatabase
from tests.convergence.check_history import mismatches
from tests.convergence.compare import compare
from tests.fake_bonzo.random_history import History
from tests.faults.loading import load
from tests.faults.registry import shows

# Everything that may apply a load; None of them says how often by itself.
KINDS = (
    "too_many",
    "bad_gateway",
    "unavailable",
    "drop",
    "cut",
    "truncated",
    "not_json",
    "empty_page",
    "repeat",
    "shrink",
    "unauthorized",
    "forbidden",
    "not_found",
    "refused",
)
OF_LISTS = ("empty_page", "repeat", "shrink")
LIST = r"/prospects\?"
PATHS = ("", LIST, "/communication", "/campaigns")
PLAYED = range(12)
PLAYED_LONG = range(100, 320)


@dataclass
class Course:
    """What came of one history."""

    loads: int = 0
    failed: int = 0
    faults: int = 0
    rows: int = 0
    wrong: list[str] = field(default_factory=list)


def random_fault(rng: Random) -> Fault:
    """Return a fault that matches somewhere, once, a few times, or for good."""
    kind, path = rng.choice(KINDS), rng.choice(PATHS)
    if kind in OF_LISTS:
        # A message list that comes empty without a fault looks just the same.
        path = LIST
    return Fault(
        kind,
        path,
        after=rng.choice((0, 1, 3, 10)),
        times=rng.choice((1, 1, 2, 5, None)),
        retry_after=rng.choice(("0", None)),
        status=rng.choice((400, 409, 410, 422, 500)),
    )


def load_along(
    history: History, server: FakeBonzo, dsn: str, course: Course, again: bool
) -> None:
    """Load as a scheduled loader would, with whatever matches it.

    With `again` a load that did not get through is followed by one that does.
    """
    rng = history.rng
    disturbed = rng.random() < 0.6
    moving = disturbed and rng.random() < 0.4
    if disturbed:
        for _ in range(rng.randrange(1, 4)):
            server.faults.add(random_fault(rng))
    if moving:
        server.faults.before(r"page=2", lambda: history.play(2))
    course.loads += 1
    try:
        report = load(dsn, server, clock=history.clock, retries=2)
    except LoaderError:
        course.failed += 1
        report = None
    course.faults += server.faults.hits
    server.faults.clear()
    complete = report is not None and report.outcome == "complete"
    if again and not complete:
        complete, moving = True, False
        report = load(dsn, server, clock=history.clock, accept_vanished=True)
        if report.outcome != "complete":
            course.wrong.append(f"undisturbed, but {report.warnings}")
    if complete:
        course.wrong += unordered_steps(dsn)
    if complete and not moving:
        history.observe()


def run_history(
    seed: int, dsn: str, clean: str, steps: int = 14, rounds: int = 8
) -> Course:
    """Play a history with loads in between; compare with one clean load.

    Half of the histories end a month after the last event, when every list of
    messages is due for a reading. In the others each round ends with a complete
    load, and the last one must have caught what settled late, without that.
    """
    history, course = History(seed, prospects=14), Course()
    prompt = seed % 2 == 0
    with FakeBonzo(history.account) as server:
        for _ in range(rounds):
            history.play(history.rng.randrange(steps // 2, steps + steps // 2))
            load_along(history, server, dsn, course, again=prompt)
        # By then the last message has settled.
        history.wait(days=2 if prompt else 31)
        final = load(dsn, server, clock=history.clock, accept_vanished=True)
        history.observe()
        copy_memory(dsn, clean)
        undisturbed = load(clean, server, clock=history.clock)
    course.wrong += unordered_steps(dsn)
    if (final.outcome, undisturbed.outcome) != ("complete", "complete"):
        course.wrong.append(f"{final.warnings} {undisturbed.warnings}")
    compared = compare(dsn, clean, history.undated())
    course.rows = compared.rows
    course.wrong += compared.differences + mismatches(dsn, history)
    return course


def unordered_steps(dsn: str) -> list[str]:
    """Say how many steps another look at all campaigns would order otherwise.

    A load looks only at the campaigns that it has changed.
    """
    with psycopg.connect(dsn) as connection:
        writer = Writer(connection)
        order_derived_steps(writer, StepChanges(everywhere=True))
        connection.rollback()
    wrong = writer.counts["touches"].updated
    return [f"{wrong} steps are out of order"] if wrong else []


def copy_memory(source: str, target: str) -> None:
    """Give a clean database what only earlier loads could know.

    That is the starts of enrollments, and who was forgotten.
    """
    with psycopg.connect(source) as one, psycopg.connect(target) as other:
        for name in ("enrollment_starts", "forgotten", "forgotten_key"):
            table = f"loader.{name}"
            with (
                one.cursor().copy(f"copy {table} to stdout") as read,
                other.cursor().copy(f"copy {table} from stdin") as write,
            ):
                for block in read:
                    write.write(block)


@pytest.fixture
def another_database(new_database: NewDatabase) -> Iterator[str]:
    """DSN of a second fresh database with the schema."""
    with new_database() as dsn:
        yield dsn


@shows(
    "random histories with faults in most loads",
    "one clean load at the end gives what a first load of the final state gives, "
    "and history holds every move and enrollment that a complete load could see",
)
@pytest.mark.parametrize("seed", PLAYED)
def test_history_converges(database: str, another_database: str, seed: int) -> None:
    """A dozen histories end without any difference."""
    course = run_history(seed, database, another_database)
    assert course.rows > 50
    assert course.wrong == []


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_many_histories_converge(new_database: NewDatabase) -> None:
    """Over two hundred histories end without any difference."""
    total = Course()
    wanted = int(os.environ.get("HISTORIES", len(PLAYED_LONG)))
    for seed in list(PLAYED_LONG)[:wanted]:
        with new_database() as one, new_database() as other:
            course = run_history(seed, one, other)
        assert course.wrong == [], f"seed {seed}"
        total.loads += course.loads
        total.failed += course.failed
        total.faults += course.faults
        total.rows += course.rows
    print(f"{wanted} histories: {total}")
    assert total.faults > wanted
    assert total.failed > 0
