"""Tags: slices that overlap, over totals that do not."""

from __future__ import annotations

import pytest

from tests.rill.conftest import Execute
from tests.rill.rows import WORKING, by, lead, total

AS_OF = "2026-10-31"
FIVE = ("VA", "refi", "First-time", "hot", "Zillow")


@pytest.mark.parametrize(
    ("view", "measure"), [("leads", "new_leads"), ("open_pipeline", "open_leads")]
)
def test_five_tags_change_no_total(execute: Execute, view: str, measure: str) -> None:
    """Leads 1 to 3, of which 1 has five tags and 2 one of them: three leads.

    VA has two leads, each other tag one, and lead 3 has none.
    """
    emulation = execute(
        {
            "prospects": [
                lead(n, "2026-10-10", qualification_stage_id=WORKING) for n in (1, 2, 3)
            ],
            "prospect_tags": [
                *({"prospect_id": 1, "tag": tag} for tag in FIVE),
                {"prospect_id": 2, "tag": "VA"},
            ],
        },
        {view},
        as_of=AS_OF,
    )
    assert total(emulation, view, measure) == 3
    assert by(emulation, view, measure, "stage") == {"Working": 3}
    assert by(emulation, view, measure, "tag") == (
        dict.fromkeys(FIVE, 1) | {"VA": 2, "No tag": 1}
    )
    [(tags,)] = emulation.connection.execute(
        f'select cast(tags as varchar[]) from "{view}" where prospect_id = 1'
    ).fetchall()
    assert tags == sorted(FIVE)


def test_names_are_safe_in_links(execute: Execute) -> None:
    """Brackets, line ends and marks that turn text around are not in a label."""
    emulation = execute(
        {
            "prospects": [
                lead(
                    1,
                    "2026-10-10",
                    first_name="[Eve](http://evil.example)\n\n# ",
                    last_name="\u202eP|wned<b>\u200b",
                )
            ]
        },
        {"open_pipeline"},
        as_of=AS_OF,
    )
    assert by(emulation, "open_pipeline", "open_leads", "prospect") == {
        "Evehttp://evil.example # Pwnedb #1": 1
    }
