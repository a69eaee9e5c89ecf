"""The user's two files as other programs save them, read by the SQL."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import pytest

from launcher.duckdb.engine import DuckDBEngine
from tests.rill import fill_database
from tests.rill.conftest import RILL, Execute
from tests.rill.reference import Settings
from tests.rill.rows import by, failing, lead, total, user

AS_OF = "2026-10-31"
HEADER = "lead_source,month,spend\n"


def costs(content: bytes | None, source: str = "Radio") -> dict[str, Any]:
    """One October lead of a source, and the cost file as these bytes."""
    return {
        "lead_sources": [{"lead_source_id": 1, "source_name": source}],
        "prospects": [lead(1, "2026-10-10", lead_source_id=1)],
        "lead_source_costs": content,
    }


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"]
)
def test_encodings(execute: Execute, encoding: str, line_end: str) -> None:
    """Café is Café in each encoding, over a line break in quotes: 100 + 50 = 150."""
    text = HEADER + 'Café,2026-10,100,"paid\nin two"\nCafé,2026-10,50\n'
    text = text.replace("spend\n", "spend,note\n").replace("\n", line_end)
    emulation = execute(costs(text.encode(encoding), "Café"), as_of=AS_OF)
    assert total(emulation, "leads", "allocated_cost") == 150
    assert "cost_row_unreadable" not in failing(emulation)
    assert "cost_row_of_unknown_source" not in failing(emulation)


def test_marks_of_windows(execute: Execute) -> None:
    """What lies between 80 and 9F in cp1252 is read: a curly apostrophe, a euro."""
    content = (HEADER + "Mom’s € Deals,2026-10,7\n").encode("cp1252")
    emulation = execute(costs(content, "Mom’s € Deals"), as_of=AS_OF)
    assert total(emulation, "leads", "allocated_cost") == 7


def test_letters_beyond_sixteen_bits(execute: Execute) -> None:
    """A house emoji is two units of UTF-16 and one letter of the name."""
    content = (HEADER + "🏠 Homes,2026-10,7\n").encode("utf-16")
    emulation = execute(costs(content, "🏠 Homes"), as_of=AS_OF)
    assert total(emulation, "leads", "allocated_cost") == 7


def test_tabs_of_unicode_text(execute: Execute) -> None:
    """Excel's Unicode text has tabs between its cells, and commas inside them."""
    content = "lead_source\tmonth\tspend\nRadio\tOct-26\t$1,250.50\n".encode("utf-16")
    emulation = execute(costs(content), as_of=AS_OF)
    assert total(emulation, "leads", "allocated_cost") == 1250.5


@pytest.mark.parametrize(
    ("written", "source"),
    [
        ('"Mom\'s ""Best"" Referrals"', 'Mom\'s "Best" Referrals'),
        ("Radio\t", "Radio"),
        ('"Ra\u200bdio \u00a0 Leads"', "radio leads"),
        (unicodedata.normalize("NFD", "Café"), "CAFÉ"),
        ("STRASSE", "Straße"),
        ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
    ],
)
def test_names_that_look_alike(execute: Execute, written: str, source: str) -> None:
    """Quotes, blanks, invisible characters, accents and case keep no cost apart."""
    content = f"{HEADER}{written},2026-10,5\n".encode()
    emulation = execute(costs(content, source), as_of=AS_OF)
    assert total(emulation, "leads", "allocated_cost") == 5


def test_missing_files_are_empty(execute: Execute) -> None:
    """Without the two files costs are unknown, owners are officers, nothing fails."""
    tables = costs(None) | {
        "users": [user(1, "Ann Lee")],
        "loan_officers": None,
    }
    tables["prospects"][0]["assigned_to"] = 1
    emulation = execute(tables, as_of=AS_OF)
    assert total(emulation, "leads", "allocated_cost") is None
    assert total(emulation, "loan_officers", "officers") == 1
    assert total(emulation, "data_trust", "failed_checks") == 0


def test_a_cell_of_three_megabytes(execute: Execute) -> None:
    """A huge note does not keep the rows around it from being read: 1 + 2 = 3."""
    text = (
        f'{HEADER[:-1]},note\nRadio,2026-10,1,"{"x" * 3_000_000}"\nRadio,2026-10,2,\n'
    )
    emulation = execute(costs(text.encode()), as_of=AS_OF)
    assert total(emulation, "leads", "allocated_cost") == 3


@pytest.mark.parametrize("seed", range(3))
def test_no_bytes_stop_a_dashboard(execute: Execute, seed: int) -> None:
    """Any bytes at all are at most rows of the trust page."""
    content = bytes((value * (2 * seed + 7) + seed) % 256 for value in range(600))
    emulation = execute(costs(content) | {"loan_officers": content}, as_of=AS_OF)
    assert total(emulation, "leads", "new_leads") == 1
    told = failing(emulation)
    assert {"cost_file_unreadable", "roster_file_unreadable"} <= told.keys()


def test_a_folder_whose_name_looks_like_a_pattern(
    database: str, tmp_path: Path
) -> None:
    """Brackets and stars in the path are letters: the 5 dollars are found."""
    folder = tmp_path / "[a]* b"
    content = f"{HEADER}Radio,2026-10,5\n".encode()
    fill_database.fill(database, folder, costs(content))
    variables = Settings(as_of=AS_OF).variables() | {"data_dir": str(folder)}
    with DuckDBEngine(RILL, database, variables) as emulation:
        assert total(emulation, "leads", "allocated_cost") == 5


@pytest.mark.parametrize(
    ("word", "is_active", "told"),
    [
        ("Terminated", "no", 0),
        ("N", "no", 0),
        ("\u00a00 ", "no", 0),
        ("ACTIVE", "yes", 0),
        ("", "yes", 0),
        ("maybe", "yes", 1),
    ],
)
def test_words_for_active(
    execute: Execute, word: str, is_active: str, told: int
) -> None:
    """Words for no are no, words for yes and none at all are yes, others are told."""
    tables = {
        "users": [user(1, "Ann Lee")],
        "loan_officers": f"email,is_active\nuser1@example.com,{word}\n".encode(),
    }
    emulation = execute(tables, as_of=AS_OF)
    assert by(emulation, "loan_officers", "officers", "is_active") == {is_active: 1}
    assert failing(emulation).get("roster_word_unknown", 0) == told
