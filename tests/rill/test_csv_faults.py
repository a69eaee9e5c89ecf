"""Each mistake in the user's two files is named with its line, column and fix."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from launcher.duckdb import csv_faults
from launcher.duckdb.csv_faults import CsvFault, checks, faults_of
from tests.rill.conftest import RILL, Execute
from tests.rill.rows import failing, lead, user

HEADER = "lead_source,month,spend,credits\n"
AS_OF = "2026-10-31"


def sentences(execute: Execute, costs: str = "", officers: str = "") -> list[str]:
    """What is said of these two files; each fault counts in its trust check."""
    project = execute(
        {
            "lead_sources": [{"lead_source_id": 1, "source_name": "Radio"}],
            "users": [user(1, "Ann Lee", email="ann@x.com")],
            "prospects": [lead(1, "2026-10-10", lead_source_id=1)],
            "lead_source_costs": costs.encode(),
            "loan_officers": officers.encode(),
        },
        as_of=AS_OF,
    )
    found = list(faults_of(project))
    failed = {n for n in failing(project) if n.startswith(("cost_", "roster_"))}
    assert {fault.check for fault in found} == failed
    return [fault.sentence("rill/data") for fault in found]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Radio,2026-13,5,", "month: '2026-13' is not a month after 1989"),
        ("Radio,,5,", "month: is empty; write YYYY-MM"),
        (",2026-10,5,", "lead_source: is empty; write the name"),
        ("Radio,2026-10,five,", "spend: 'five' is not an amount; write it like"),
        ("Radio,2026-10,5,-2", "credits: '-2' is negative; write what"),
        ("Radio,2026-10,5,?", "credits: '?' is not an amount; write what"),
        ("Raido,2026-10,5,", "lead_source: 'Raido' is not a lead source in Bonzo"),
    ],
)
def test_cost_line(execute: Execute, line: str, said: str) -> None:
    """The line is the spreadsheet's row: blank lines and the header count."""
    (found,) = sentences(execute, f"{HEADER}Radio,2026-10,5,\n\n{line}\n")
    assert found.startswith(f"rill/data/lead_source_costs.csv, line 4, {said}")


def test_surplus_cells(execute: Execute) -> None:
    """An unquoted 1,200 is a fault of its line, not of one column."""
    (found,) = sentences(execute, HEADER + "Radio,2026-10,1,200,0\n")
    assert found.startswith("rill/data/lead_source_costs.csv, line 2: has more cells")


def test_two_faults_on_one_line(execute: Execute) -> None:
    """Each faulty cell of a line is named."""
    found = sentences(execute, HEADER + "Radio,soon,much,\n")
    assert [text.split(", ")[2].partition(":")[0] for text in found] == [
        "month",
        "spend",
    ]


def test_header_alone_is_named(execute: Execute) -> None:
    """A missing column is one fault, however many lines stand below it."""
    lines = b"lead_source,moth,spend\n" + b"Radio,2026-10,5\n" * 3
    project = execute({"lead_source_costs": lines}, as_of=AS_OF)
    (fault,) = faults_of(project)
    found = fault.sentence("rill/data")
    assert found.startswith("rill/data/lead_source_costs.csv, line 1, month: is not na")


def test_officers(execute: Execute) -> None:
    """Unknown and doubled emails and words are named with their lines."""
    found = sentences(
        execute,
        officers="email,is_active\nann@x.com,perhaps\nbo@x.com,yes\nANN@x.com,no\n",
    )
    assert [text.partition(", ")[2] for text in found] == [
        "line 2, is_active: 'perhaps' means neither yes nor no; write true or false",
        "line 3, email: 'bo@x.com' is nobody's in Bonzo; correct it or delete the line",
        "line 4, email: 'ann@x.com' is on an earlier line, which counts; "
        "delete this line",
    ]


def test_files_without_fault(execute: Execute) -> None:
    """A later month and a file of a header alone are no faults."""
    assert sentences(execute, HEADER + "Raido,2027-01,5,\n", "email\n") == []


def project_with(folder: Path, dsn: str, costs: str) -> Path:
    """A Rill project of its own with this cost file, pointed at a database."""
    rill = folder / "rill"
    shutil.copytree(RILL, rill, ignore=shutil.ignore_patterns("tmp", ".env", "demo"))
    (rill / "data/lead_source_costs.csv").write_text(costs)
    (rill / "data/loan_officers.csv").unlink(missing_ok=True)
    (rill / ".env").write_text(f"postgres_dsn='{dsn}'\ndata_dir='data'\n")
    return rill


def test_doctor_names_the_first_faults(tmp_path: Path, module_database: str) -> None:
    """Ten are shown with their places, the rest is counted, and no value is a fact."""
    lines = "".join(f"Secret Name,never,{n},\n" for n in range(13))
    found = list(checks(project_with(tmp_path, module_database, HEADER + lines)))
    assert found[0].state == "wrong"
    assert found[0].text == (
        "rill/data/lead_source_costs.csv, line 2, month: 'never' is not a month "
        "after 1989; write YYYY-MM"
    )
    assert [check.facts.get("line") for check in found] == [*range(2, 12), None]
    assert found[-1].text == "and 3 more"
    assert "never" not in str([check.facts for check in found])


def test_doctor_reads_no_database_for_a_header(tmp_path: Path) -> None:
    """An untouched file is fine, whether or not the database answers."""
    header = (RILL / "data/lead_source_costs.example.csv").read_text()
    dsn = "postgresql://nobody@127.0.0.1:1/none"
    (check,) = checks(project_with(tmp_path, dsn, header))
    assert check.state == "ok"


def test_value_cannot_steer_the_terminal() -> None:
    """A value is shown in short, and its control characters are not sent on."""
    fault = CsvFault("f", 2, "c", True, "month", "\x1b[2J" + "x" * 99, "is", "fix")
    said = fault.sentence("rill/data")
    assert "\x1b" not in said
    assert f"'{'x' * 60}…'" in said


def test_doctor_names_a_file_that_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Another account's file is a line, not the end of the other checks."""
    (tmp_path / ".env").write_text("postgres_dsn='x'\n")

    def refuse(*_: object) -> bool:
        raise PermissionError(13, "Permission denied", "loan_officers.csv")

    monkeypatch.setattr(csv_faults, "_have_lines", refuse)
    (check,) = checks(tmp_path)
    assert check.state == "wrong"
    assert "loan_officers.csv cannot be read" in check.text


def test_doctor_without_database(tmp_path: Path) -> None:
    """A server that does not answer leaves a note and no address."""
    dsn = "postgresql://nobody@127.0.0.1:1/none"
    (check,) = checks(project_with(tmp_path, dsn, HEADER + "Radio,2026-10,5,\n"))
    assert check.state == "note"
    assert "127.0.0.1" not in check.text
