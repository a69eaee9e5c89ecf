"""Files of the user that a spreadsheet or a hand has bent."""

from __future__ import annotations

from pathlib import Path

import pytest

from launcher.duckdb.engine import DuckDBEngine
from loader.errors import LoaderError
from tests.rill import fill_database
from tests.rill.conftest import RILL
from tests.rill.reference import Settings
from tests.rill.rows import failing, lead, total, user

AS_OF = "2026-03-31"


def emulate(database: str, folder: Path, file: str, content: bytes) -> DuckDBEngine:
    """One lead of the source Radio, and one file with exactly these bytes."""
    tables = {
        "lead_sources": [{"lead_source_id": 1, "source_name": "Radio"}],
        "users": [user(1, "Ann Lee")],
        "prospects": [lead(1, "2026-03-02", lead_source_id=1, assigned_to=1)],
    }
    fill_database.fill(database, folder, tables)
    (folder / file).write_bytes(content)
    variables = Settings(as_of=AS_OF).variables() | {"data_dir": str(folder)}
    return DuckDBEngine(RILL, database, variables)


@pytest.mark.parametrize(
    ("content", "spend", "unreadable"),
    [
        pytest.param(b"", None, 0, id="no byte"),
        pytest.param(b"\n\n", None, 0, id="blank lines alone"),
        pytest.param(b"lead_source,month,spend", None, 0, id="header alone"),
        pytest.param(
            b"\xef\xbb\xbfLead_Source,Month,SPEND\r\nRadio,2026-03,5\r\n",
            5,
            0,
            id="byte order mark, capitals, Windows line ends",
        ),
        pytest.param(
            b"lead_source,month,spend,,\nRadio,2026-03,5,,\n,,,,\n",
            5,
            0,
            id="empty columns and an empty line",
        ),
        pytest.param(
            b"lead_source,month,spend,note\nRadio,2026-03,5,paid twice\n",
            5,
            0,
            id="a column of the user's own",
        ),
        pytest.param(
            b"lead_source,month,spend\nRadio,2026-03,$1,200\nRadio,2026-03,5\n",
            5,
            1,
            id="an amount that falls apart into two values",
        ),
        pytest.param(
            b'lead_source,month,spend\nRadio,2026-03,"7\nRadio,2026-03,5\n',
            5,
            1,
            id="a quote that never ends",
        ),
        pytest.param(
            b"lead_source,spend\nRadio,5\n", None, 1, id="a column is missing"
        ),
        pytest.param(
            b"lead_source;month;spend\nRadio;2026-03;5\n", None, 1, id="semicolons"
        ),
        pytest.param(
            b"our costs\nlead_source,month,spend\nRadio,2026-03,5\n",
            None,
            2,
            id="a title above the header",
        ),
    ],
)
def test_cost_file(
    database: str, tmp_path: Path, content: bytes, spend: float | None, unreadable: int
) -> None:
    """What can be read counts, what cannot is told, and nothing else suffers."""
    with emulate(database, tmp_path, "lead_source_costs.csv", content) as emulation:
        assert total(emulation, "lead_source_months", "spend") == spend
        assert total(emulation, "leads", "allocated_cost") == spend
        assert total(emulation, "leads", "new_leads") == 1
        assert failing(emulation).get("cost_row_unreadable", 0) == unreadable
        assert emulation.failing_tests() == []


@pytest.mark.parametrize(
    ("content", "officers", "unknown"),
    [
        pytest.param(b"", 1, 0, id="no byte"),
        pytest.param(b"email\nUSER1@example.com\n", 1, 0, id="e-mails alone"),
        pytest.param(b"email,team\n,\nuser1@example.com,A\n", 1, 0, id="empty line"),
        pytest.param(b"mail,team\nuser1@example.com,A\n", 1, 1, id="wrong header"),
        pytest.param(b"email;team\nuser1@example.com;A\n", 1, 1, id="semicolons"),
    ],
)
def test_roster_file(
    database: str, tmp_path: Path, content: bytes, officers: int, unknown: int
) -> None:
    """A roster that names nobody leaves the owners of leads as the officers."""
    with emulate(database, tmp_path, "loan_officers.csv", content) as emulation:
        assert total(emulation, "loan_officers", "officers") == officers
        assert total(emulation, "leads", "new_leads") == 1
        assert failing(emulation).get("roster_row_unknown", 0) == unknown


def test_an_as_of_that_is_no_time_is_refused(database: str) -> None:
    """Numbers of another moment than the one asked for would be worse than none."""
    variables = Settings(as_of="last Monday").variables()
    with pytest.raises(LoaderError, match=r"clock.*LAST MONDAY"):
        DuckDBEngine(RILL, database, variables)
