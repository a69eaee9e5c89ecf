"""What `doctor` says of the user's CSV files: faulty lines, found by Rill's SQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from launcher.duckdb.engine import DuckDBEngine
from loader.config import read_env_file
from loader.diagnostics import Check
from loader.errors import LoaderError
from loader.redaction import printable

SUBJECT = "csv files"
MOST_FAULTS = 10
LONGEST_VALUE = 60


@dataclass(frozen=True)
class CsvFault:
    """One faulty cell, or one faulty line where `column` is None.

    `is_error` is true where the line is left out of the numbers.
    """

    file: str
    line: int
    check: str
    is_error: bool
    column: str | None
    value: str | None
    fault: str
    fix: str

    def sentence(self, folder: str) -> str:
        """Return where it is, what is wrong and the fix; `folder` holds the file."""
        place = f"{folder}/{self.file}.csv, line {self.line}"
        if self.column is not None:
            place += f", {self.column}"
        value = "" if self.value is None else f"'{self._shown()}' "
        return f"{place}: {value}{self.fault}; {self.fix}"

    def _shown(self) -> str:
        value = printable(self.value or "")
        is_long = len(value) > LONGEST_VALUE
        return value[:LONGEST_VALUE] + "…" if is_long else value


def checks(rill_dir: Path) -> Iterator[Check]:
    """Name the faulty lines of the files beside the database of `rill/.env`.

    Nothing is said before that file is there. The facts name places, no value.
    """
    variables = {k: v or "" for k, v in read_env_file(rill_dir / ".env").items()}
    dsn, folder = variables.get("postgres_dsn"), variables.get("data_dir", "data")
    if not dsn:
        return
    # Most teams keep no such file: no need to read the database for them.
    try:
        have_lines = _have_lines(rill_dir / folder, rill_dir / "data")
    except OSError as error:
        text = f"{error.filename} cannot be read: give this user read permission"
        yield Check(SUBJECT, "wrong", text, {"error": type(error).__name__})
        return
    if not have_lines:
        yield Check(SUBJECT, "ok", "no line is filled in", {"faults": 0})
        return
    try:
        with DuckDBEngine(rill_dir, dsn, variables, only={"csv_faults"}) as project:
            found = list(faults_of(project))
    except (duckdb.Error, LoaderError) as error:
        text = "not looked at: the database cannot be read; see the lines above"
        yield Check(SUBJECT, "note", text, {"error": type(error).__name__})
        return
    shown = folder if folder.startswith("/") else f"{rill_dir.name}/{folder}"
    yield from _report(found, shown)


def _have_lines(folder: Path, examples: Path) -> bool:
    """Say whether a file is there that is not as its example."""
    for example in examples.glob("*.example.csv"):
        path = folder / example.name.replace(".example", "")
        if path.is_file() and path.read_bytes() != example.read_bytes():
            return True
    return False


def _report(found: list[CsvFault], folder: str) -> Iterator[Check]:
    if not found:
        yield Check(SUBJECT, "ok", "every line can be used", {"faults": 0})
    for fault in found[:MOST_FAULTS]:
        facts = {
            "file": fault.file,
            "line": fault.line,
            "column": fault.column,
            "check": fault.check,
        }
        yield Check(SUBJECT, _state(fault.is_error), fault.sentence(folder), facts)
    rest = found[MOST_FAULTS:]
    if rest:
        state = _state(any(fault.is_error for fault in rest))
        yield Check(SUBJECT, state, f"and {len(rest):,} more", {"more": len(rest)})


def _state(is_error: bool) -> str:
    return "wrong" if is_error else "note"


def faults_of(project: DuckDBEngine) -> Iterator[CsvFault]:
    """Yield the faults in a project that holds the model."""
    rows = project.connection.execute(
        "select file_name, line_number, check_name, is_error, column_name, "
        "faulty_value, fault, fix from csv_faults "
        "order by file_name, line_number, column_name"
    )
    yield from (CsvFault(*row) for row in rows.fetchall())
