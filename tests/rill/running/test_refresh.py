"""What a running or a restarted Rill reads again."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from dotenv import dotenv_values

from harness.rill_process import RunningRill, started
from loader import rill_sources, running_rill, unread_data
from tests.rill import fill_database, golden
from tests.rill.running.conftest import MARCH, variables

pytestmark = [pytest.mark.rill, pytest.mark.timeout(1500)]


def read_at(rill: RunningRill) -> dict[str, str]:
    """When each model was last built."""
    return {
        model["meta"]["name"]["name"]: model["model"]["state"]["refreshedOn"]
        for model in rill.resources("Model")
    }


def built(before: dict[str, str], after: dict[str, str]) -> set[str]:
    """Which models were built between the two."""
    return {name for name, at in after.items() if at != before[name]}


def created(rill: RunningRill) -> list[str]:
    """When the leads were created that the dashboards count."""
    rows = rill.measures("leads", ["created_at"], ["new_leads"])
    return sorted(row["created_at"] for row in rows)


def test_only_what_changed_is_read(
    rill_binary: str, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A corrected old row and a deletion arrive; other tables are not read again.

    A Rill that was away while data came reads it when it starts.
    """
    home = Path(tempfile.mkdtemp(prefix="bonzo-refresh-"))
    state, values = home / "state", variables(database, home / "data")
    fill_database.fill(database, home / "data", golden.tables())
    settings = MARCH.variables() | values
    with started(rill_binary, home, settings) as rill:
        assert rill.wait() == []
        monkeypatch.setattr(running_rill, "of_project", lambda *_: rill.runtime)
        assert running_rill.refresh(rill.folder, state, everything=True)
        before, leads = read_at(rill), created(rill)
        assert not running_rill.refresh(rill.folder, state)
        assert built(before, read_at(rill)) == {"load_age"}
        with psycopg.connect(database) as connection:
            connection.execute(
                "update prospects set created_at = created_at - interval '9 years' "
                "where prospect_id = (select min(prospect_id) from prospects)"
            )
            connection.execute("delete from prospect_tags")
        known = unread_data.find(state)
        tables = frozenset({"prospects", "prospect_tags"})
        unread_data.note(state, replace(known, tables=tables))
        before = read_at(rill)
        assert running_rill.refresh(rill.folder, state)
        new = built(before, read_at(rill))
        assert {"bonzo_prospects", "bonzo_prospect_tags", "leads"} <= new
        assert not {"bonzo_loans", "bonzo_touch_engagements", "csv_files"} & new
        assert len(created(rill)) == len(leads)
        assert created(rill)[0] < leads[0]
    with psycopg.connect(database) as connection:
        connection.execute("truncate prospects cascade")
    rill_sources.have_next_start_read(home / "rill", unread_data.utc_now())
    left = dotenv_values(home / "rill" / ".env")
    with started(rill_binary, home, left) as rill:
        assert rill.wait() == []
        assert created(rill) == []
    shutil.rmtree(home, ignore_errors=True)
