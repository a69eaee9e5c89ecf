"""What a load changed, until the dashboards have read it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from demo.server import FakeBonzo
from loader import rill_sources, running_rill, unread_data
from loader.database.tables import STEPS
from loader.database.upsert import Counts
from loader.errors import LoaderError
from loader.sync.report import RunReport
from loader.unread_data import UnreadData
from tests.loader.conftest import Load
from tests.loader.records import prospect

RILL = Path(__file__).parents[2] / "rill"
NOON = datetime(2026, 3, 2, 12, 5, tzinfo=timezone.utc)
NOTHING = UnreadData(frozenset(), NOON, (0, 0), "a")


def complete(**changed: int) -> RunReport:
    """The report of a complete load that inserted so many rows."""
    report = RunReport(outcome="complete")
    for name, rows in changed.items():
        report.tables[name] += Counts(inserted=rows)
    return report


def after(unread: UnreadData, report: RunReport) -> UnreadData:
    """What is unread after a load with this report."""
    rejects = (report.open_rejected_records, report.open_rejected_fields)
    return unread.after(report.changed_tables, rejects)


def test_without_a_note_everything_is_unread(tmp_path: Path) -> None:
    """So it is before the first load, and where the note cannot be read."""
    assert unread_data.find(tmp_path) == UnreadData()
    (tmp_path / unread_data.FILE).write_text('{"tables": 3}')
    assert unread_data.find(tmp_path).tables is None
    assert UnreadData().is_due(NOON)


def test_a_note_is_found_again(tmp_path: Path) -> None:
    """With tables, moment and counts as they were noted."""
    for tables in (None, frozenset(), frozenset({"loans", "loader.sync_runs"})):
        noted = UnreadData(tables, NOON, (2, 3))
        unread_data.note(tmp_path / "state", noted)
        found = unread_data.find(tmp_path / "state")
        assert found.version
        assert replace(found, version="") == noted


@pytest.mark.parametrize("kind", ["file", "directory"])
def test_where_no_note_can_be_kept_everything_is_unread(
    tmp_path: Path, kind: str
) -> None:
    """A folder that is a file, or a note that is a folder, ends no load."""
    state = tmp_path / "state"
    if kind == "file":
        state.write_text("")
    else:
        (state / unread_data.FILE).mkdir(parents=True)
    unread_data.note(state, NOTHING)
    assert unread_data.find(state) == UnreadData()


def test_a_note_that_stays_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Another account's note would hide what this one loads from the dashboards."""
    unread_data.note(tmp_path, NOTHING)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    for name in ("replace", "unlink"):
        monkeypatch.setattr(Path, name, refuse)
    with pytest.raises(LoaderError, match="give this user write permission"):
        unread_data.note(tmp_path, UnreadData())


@pytest.mark.parametrize(
    "answer",
    [b"[]", b"null", b"5", b'{"projectPath": 5}', b"<html>", b"[" * 100_000],
)
def test_another_program_on_rills_port_is_no_rill(answer: bytes) -> None:
    """Whatever it answers: a load that is stored does not fail over it."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as other:
        Thread(target=other.handle_request, daemon=True).start()
        assert running_rill.Runtime(other.server_port).project_path() is None


def test_variables_of_rill_that_are_no_text_are_named(tmp_path: Path) -> None:
    """A file that another editor saved is a sentence, whoever reads it."""
    (tmp_path / ".env").write_bytes(b"x=\xfc\n")
    for read in (rill_sources.files_are_newer, rill_sources.have_next_start_read):
        with pytest.raises(LoaderError, match="not UTF-8"):
            read(tmp_path, NOON)


def test_a_load_adds_what_it_changed() -> None:
    """And what an earlier load changed that nobody has read stays unread."""
    unread = after(after(NOTHING, complete(loans=2)), complete(touches=1, users=0))
    assert unread.tables == {"loans", *STEPS}
    assert after(NOTHING, complete()).tables == frozenset()
    assert after(UnreadData(), complete(loans=1)).tables is None


def test_what_a_load_tells_beside_its_rows() -> None:
    """New rejects, deletions, and a load that was not complete are to be shown."""
    noted = replace(complete(), open_rejected_fields=1)
    assert after(NOTHING, noted).tables == {"loader.rejected_records"}
    assert after(after(NOTHING, noted), noted).tables == {"loader.rejected_records"}
    assert after(NOTHING, replace(complete(), deleted=[3])).tables
    assert after(NOTHING, replace(complete(), outcome="partial")).tables


def test_the_numbers_stay_as_of_for_an_hour_at_most() -> None:
    """Nothing changed: the same hour needs no refresh, the next one does."""
    assert not NOTHING.is_due(NOON + timedelta(minutes=54))
    assert NOTHING.is_due(NOON + timedelta(minutes=55))
    assert NOTHING.is_due(NOON + timedelta(days=1))
    assert after(NOTHING, complete(loans=1)).is_due(NOON)


def test_what_came_while_rill_read_stays_unread(tmp_path: Path) -> None:
    """Only what was noted before the reading counts as read after it."""
    unread_data.note(tmp_path, replace(NOTHING, tables=frozenset({"loans"})))
    before = unread_data.find(tmp_path)
    unread_data.note(tmp_path, after(before, complete(users=1)))
    unread_data.note_read(tmp_path, before, NOON)
    assert unread_data.find(tmp_path).tables == {"loans", "users"}
    unread_data.note_read(tmp_path, unread_data.find(tmp_path), NOON)
    assert unread_data.find(tmp_path).tables == frozenset()
    assert unread_data.find(tmp_path).read_at == NOON


def test_every_table_of_a_load_is_read_by_a_source(
    server: FakeBonzo, load: Load
) -> None:
    """Whatever a load can change has a source that is read again for it."""
    server.account.put_prospect(prospect(1))
    report = load()
    read_always = set(rill_sources.to_read(RILL, [], clock=True))
    assert read_always == {
        "load_age", "loader_sync_runs", "loader_sync_prospects",
    }  # fmt: skip
    for table in (*report.tables, "loader.touch_origins", "loader.rejected_records"):
        sources = set(rill_sources.to_read(RILL, [table], clock=True)) - read_always
        assert sources, table
        assert len(sources) == 1, table


def test_nothing_changed_reads_the_age_alone() -> None:
    """The age of the data is true after every load."""
    assert rill_sources.to_read(RILL, [], clock=False) == ["load_age"]


def test_a_source_that_cannot_be_understood_is_read(tmp_path: Path) -> None:
    """Whenever anything is; a user may have added it."""
    (tmp_path / "sources").mkdir()
    text = "type: model\nconnector: postgres\nsql: table_of_mine\n"
    (tmp_path / "sources" / "own.yaml").write_text(text)
    assert "own" in rill_sources.to_read(tmp_path, ["loans"], clock=True)
    assert "own" not in rill_sources.to_read(tmp_path, [], clock=False)


def test_edited_files_are_noticed(tmp_path: Path) -> None:
    """A CSV file or a variable that is newer than the last reading."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / ".env").write_text("data_dir='elsewhere'\n")
    now = unread_data.utc_now()
    assert rill_sources.files_are_newer(tmp_path, None)
    assert not rill_sources.files_are_newer(tmp_path, now + timedelta(minutes=1))
    (tmp_path / "elsewhere" / "loan_officers.csv").touch()
    assert rill_sources.files_are_newer(tmp_path, now - timedelta(minutes=1))


def test_word_for_the_next_start(tmp_path: Path) -> None:
    """It is one variable of Rill's file; the others and their comments stay."""
    (tmp_path / ".env").write_text("# mine\npostgres_dsn='x'\n")
    for minute in (1, 2):
        rill_sources.have_next_start_read(tmp_path, NOON.replace(minute=minute))
    text = (tmp_path / ".env").read_text()
    assert text.startswith("# mine\npostgres_dsn='x'\ndata_version=2026-03-02T12:02")
    assert text.count("data_version") == 1
    with pytest.raises(LoaderError, match="make refresh"):
        rill_sources.have_next_start_read(tmp_path / "absent" / "folder", NOON)


def test_a_rill_that_hangs_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that runs and gives no answer has to be started again."""
    monkeypatch.setattr(running_rill, "SILENT_SECONDS", 0.1)
    hanging = running_rill.Runtime(port=1)  # where nobody answers
    with pytest.raises(LoaderError, match=r"has not answered .*`make stop`, or"):
        hanging.wait_until_idle(5)
    with pytest.raises(LoaderError, match="Rill ended"):
        hanging.wait_until_idle(5, alive=lambda: False)
