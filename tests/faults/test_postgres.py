"""PostgreSQL goes away, is full, or refuses."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from demo.faults import Fault
from demo.server import FakeBonzo
from launcher.postgres import server as postgres
from loader.errors import LoaderError
from tests.faults.loading import ROOT, load
from tests.faults.registry import shows

Differ = Callable[[str], list[str]]
MESSAGES = "/communication"


def load_slowly(dsn: str, server: FakeBonzo, disturb: Callable[[], None]) -> str:
    """Load while something disturbs it in the middle; return the outcome."""
    server.faults.add(Fault("slow", MESSAGES, times=None, seconds=0.03))
    reached = threading.Event()
    server.faults.before("page=3", reached.set)
    with ThreadPoolExecutor(1) as pool:
        loading = pool.submit(load, dsn, server, workers=1)
        assert reached.wait(60)
        disturb()
        server.faults.clear()
        return loading.result(timeout=120).outcome


@pytest.fixture
def own_server() -> Iterator[Path]:
    """Data folder of a PostgreSQL server that a test may stop."""
    folder = Path(tempfile.mkdtemp(prefix="bonzo-faults-"))
    folder.chmod(0o755)
    yield folder
    postgres.stop(folder)
    shutil.rmtree(folder, ignore_errors=True)


@shows(
    "PostgreSQL stopped and restarted in the middle",
    "the run waits for it, writes the batch in hand again, and completes",
)
def test_outlives_a_restart(
    own_server: Path, server: FakeBonzo, differences: Differ
) -> None:
    """A restart costs a pause, no rows."""
    running = postgres.start(own_server)
    dsn = postgres.create_database(postgres.dsn(running, "postgres"), "restarted")
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute((ROOT / "schema.sql").read_text())

    def restart() -> None:
        postgres.stop(own_server)
        time.sleep(1)
        assert postgres.start(own_server).socket_dir == running.socket_dir

    assert load_slowly(dsn, server, restart) == "complete"
    assert differences(dsn) == []


@shows(
    "the connection to PostgreSQL is lost in a transaction",
    "the transaction runs again on a new connection; complete",
)
def test_outlives_a_lost_connection(
    database: str, server: FakeBonzo, differences: Differ
) -> None:
    """A connection that is cut, even several times, loses and doubles nothing."""

    def cut() -> None:
        with psycopg.connect(database, autocommit=True) as connection:
            for _ in range(15):
                connection.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity "
                    "where datname = current_database() "
                    "and application_name = 'bonzo-loader'"
                )
                time.sleep(0.03)

    assert load_slowly(database, server, cut) == "complete"
    assert differences(database) == []


FULL = """
    create function no_space() returns trigger language plpgsql as $$
    begin
        raise exception 'could not extend file: No space left on device'
            using errcode = 'disk_full';
    end $$;
    create trigger no_space before insert on touch_engagements
    for each statement execute function no_space()
"""


@shows(
    "the database's disk is full",
    "the run fails with a sentence and the batch is rolled back; "
    "with space the next run completes",
)
def test_a_full_disk_leaves_no_half_batch(
    database: str, server: FakeBonzo, differences: Differ
) -> None:
    """What cannot be written whole is not written at all."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(FULL)
        with pytest.raises(LoaderError, match=r"(?i)space|disk"):
            load(database, server)
        half = connection.execute(
            "select count(*) from loader.sync_prospects as s "
            "where s.sequences <> '{}' or s.last_message_at is not null"
        ).fetchone()
        assert half == (0,)
        connection.execute("drop trigger no_space on touch_engagements")
    assert load(database, server).outcome == "complete"
    assert differences(database) == []


@shows(
    "the database is read-only",
    "the run fails at once with a sentence; nothing is written",
)
def test_a_read_only_database_is_named(database: str, server: FakeBonzo) -> None:
    """A standby or a read-only setting is named, not guessed at."""
    name = psycopg.conninfo.conninfo_to_dict(database)["dbname"]
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            f'alter database "{name}" set default_transaction_read_only = on'
        )
    with pytest.raises(LoaderError, match=r"(?i)read-only"):
        load(database, server)
    with psycopg.connect(database) as connection:
        assert connection.execute("select count(*) from prospects").fetchone() == (0,)


@shows(
    "the database user may not write",
    "the run fails at once with a sentence; nothing is written",
)
def test_a_missing_right_is_named(database: str, server: FakeBonzo) -> None:
    """A user without the right to write is told which right is missing."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "drop role if exists bonzo_reader; create role bonzo_reader login; "
            "grant usage on schema public, loader to bonzo_reader; "
            "grant select on all tables in schema public, loader to bonzo_reader"
        )
    reader = psycopg.conninfo.make_conninfo(database, user="bonzo_reader")
    try:
        with pytest.raises(LoaderError, match=r"(?i)permission|right|grant"):
            load(reader, server)
    finally:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("drop owned by bonzo_reader; drop role bonzo_reader")


@contextmanager
def locked(dsn: str, statement: str) -> Iterator[int]:
    """Hold what a statement locks in an open transaction; yields the session's id."""
    with psycopg.connect(dsn, application_name="report") as connection:
        connection.execute(statement)
        yield connection.info.backend_pid


LOCKS = {
    "table": "lock table prospects in access exclusive mode",
    "row": "update loader.sync_runs set message = 'edited'",
}


@pytest.mark.parametrize("statement", LOCKS.values(), ids=LOCKS)
@shows(
    "another session holds a lock on a table or row and does not let go",
    "after `BONZO_DATABASE_WAIT` the run fails and names the session; the next "
    "run completes",
)
def test_a_lock_names_who_holds_it(
    database: str, server: FakeBonzo, differences: Differ, statement: str
) -> None:
    """Nothing waits in silence: the session in the way is named, then it fails."""
    warnings: list[str] = []
    with psycopg.connect(database) as connection:
        connection.execute("insert into loader.sync_runs default values")
    with (
        locked(database, statement) as pid,
        pytest.raises(LoaderError, match=rf"session {pid} \(report, .*terminate_ba"),
    ):
        load(database, server, database_wait=1, notify=warnings.append)
    assert load(database, server).outcome == "complete"
    assert differences(database) == []


@shows(
    "another session holds a lock for a while",
    "the run says for whom it waits, tries the batch again, and completes",
)
def test_a_lock_that_is_let_go_is_waited_for(
    database: str, server: FakeBonzo, differences: Differ
) -> None:
    """The batch is tried again until the lock is free; no row is lost or doubled."""
    noticed = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        with locked(database, LOCKS["table"]) as pid:
            loading = pool.submit(
                load, database, server, notify=lambda text: noticed.set()
            )
            assert noticed.wait(60), f"nobody named session {pid}"
        assert loading.result(timeout=120).outcome == "complete"
    assert differences(database) == []


@shows(
    "a deadlock with another session",
    "the transaction is tried again a few times; complete",
)
def test_a_deadlock_is_tried_again(
    database: str, server: FakeBonzo, differences: Differ
) -> None:
    """A session that locks the loader's rows in the other order costs no load."""
    load(database, server)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "update prospects set first_name = 'changed by hand'; "
            "update loader.sync_prospects set fingerprint = null"
        )
        connection.execute(DEADLOCK)
        report = load(database, server)
        connection.execute("drop trigger collide on prospects")
        (count,) = connection.execute("select last_value from collisions").fetchone()
    assert report.outcome == "complete"
    assert count > 2
    assert differences(database) == []


# A sequence is not rolled back, so it counts attempts.
DEADLOCK = """
    create sequence collisions;
    create function collide() returns trigger language plpgsql as $$
    begin
        if nextval('collisions') < 3 then
            raise exception 'deadlock detected' using errcode = 'deadlock_detected';
        end if;
        return null;
    end $$;
    create trigger collide before update on prospects
    for each statement execute function collide()
"""


@shows(
    "the clock of the database server is set back",
    "runs stay in order; nobody is marked deleted, and everything is read again",
)
def test_a_clock_set_back_confuses_nobody(
    database: str, server: FakeBonzo, differences: Differ
) -> None:
    """Earlier runs that seem to lie in the future do no harm."""
    assert load(database, server).outcome == "complete"
    with psycopg.connect(database) as connection:
        connection.execute(
            "update loader.sync_runs set started_at = started_at + interval '2 days', "
            "finished_at = finished_at + interval '2 days'"
        )
        connection.execute(
            "update loader.sync_prospects "
            "set last_seen_at = last_seen_at + interval '2 days', "
            "messages_read_at = messages_read_at + interval '2 days'"
        )
    report = load(database, server)
    assert report.outcome == "complete"
    assert report.deleted == []
    assert report.message_lists_read >= len(server.account.prospects)
    assert differences(database) == []
