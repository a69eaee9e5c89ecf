"""Executing a Rill project in DuckDB."""

from __future__ import annotations

from pathlib import Path

import pytest

from launcher.duckdb.engine import DuckDBEngine
from loader.errors import LoaderError


def test_measures_come_from_postgres(tiny_project: Path, database: str) -> None:
    """Rows travel from Postgres through models into grouped measures."""
    with DuckDBEngine(tiny_project, database) as emulation:
        assert emulation.measures("ranked") == [{"stages": 9, "doubled": 18}]
        rows = emulation.measures("ranked", ["late"], ["doubled"])
    assert sorted(rows, key=lambda row: row["late"]) == [
        {"late": False, "doubled": 10},
        {"late": True, "doubled": 8},
    ]


def test_csv_is_read_as_text(tiny_project: Path, database: str) -> None:
    """A comma inside quotes and a short row reach the model unharmed."""
    with DuckDBEngine(tiny_project, database) as emulation:
        rows = emulation.connection.execute("select * from costs").fetchall()
    assert rows == [("A", "1,200"), ("B", None)]


def test_failing_model_tests_are_listed(tiny_project: Path, database: str) -> None:
    """A model test that finds a row is reported by model and name."""
    with DuckDBEngine(tiny_project, database) as emulation:
        assert emulation.failing_tests() == ["ranked: no_ninth"]


def test_refresh_sees_new_rows(tiny_project: Path, database: str) -> None:
    """What changes in the files is there after a refresh."""
    with DuckDBEngine(tiny_project, database, only={"costs"}) as emulation:
        (tiny_project / "data" / "costs.csv").write_text("name,spend\nC,1\n")
        emulation.refresh()
        rows = emulation.connection.execute("select * from costs").fetchall()
        assert [model.name for model in emulation.models] == ["costs"]
    assert rows == [("C", "1")]


def test_broken_model_is_named(tiny_project: Path, database: str) -> None:
    """A model that cannot run is named together with DuckDB's reason."""
    (tiny_project / "models" / "bad.sql").write_text("select nothing from stages\n")
    with pytest.raises(LoaderError, match=r"model bad .*nothing"):
        DuckDBEngine(tiny_project, database)


def test_circle_of_models_is_named(tiny_project: Path, database: str) -> None:
    """Two models that read each other are an error that names them."""
    (tiny_project / "models" / "a.sql").write_text("select * from b\n")
    (tiny_project / "models" / "b.sql").write_text("select * from a\n")
    with pytest.raises(LoaderError, match="read each other"):
        DuckDBEngine(tiny_project, database)
