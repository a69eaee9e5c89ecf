"""Reading a Rill project."""

from __future__ import annotations

from pathlib import Path

import pytest

from launcher.duckdb.rill_project import read_project
from loader.errors import LoaderError


def test_variables_follow_rills_precedence(tiny_project: Path) -> None:
    """An override beats .env, which beats the default in rill.yaml."""
    (tiny_project / ".env").write_text("zone='Asia/Tokyo'\ndata_dir=other\n")
    project = read_project(tiny_project, {"zone": "Europe/Rome"})
    assert project.variables == {"zone": "Europe/Rome", "data_dir": "other"}


def test_sql_and_yaml_of_one_stem_are_one_model(tiny_project: Path) -> None:
    """A model's YAML adds to its SQL instead of making a second model."""
    model = read_project(tiny_project).of_kind("model")["ranked"]
    assert model.materialized
    assert "cross join settings" in (model.sql or "")


def test_unknown_variable_is_named(tiny_project: Path) -> None:
    """A variable without a value is an error that says where to add one."""
    project = read_project(tiny_project)
    with pytest.raises(LoaderError, match=r"variable nowhere.*rill\.yaml"):
        project.render("select '{{ .env.nowhere }}'")


def test_other_templates_are_refused(tiny_project: Path) -> None:
    """A template that Rill alone can fill in never passes as plain text."""
    with pytest.raises(LoaderError, match="Only"):
        read_project(tiny_project).render("{{ if dev }} limit 1 {{ end }}")


def test_folder_without_manifest_is_refused(tmp_path: Path) -> None:
    """A folder that holds no project is named as such."""
    with pytest.raises(LoaderError, match="not a Rill project"):
        read_project(tmp_path)


def test_untyped_file_is_refused(tiny_project: Path) -> None:
    """A YAML file without a type would be guessed at by Rill; here it is an error."""
    (tiny_project / "models" / "loose.yaml").write_text("sql: select 1\n")
    with pytest.raises(LoaderError, match="names no type"):
        read_project(tiny_project)
