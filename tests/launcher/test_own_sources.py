"""Sources of the user's own that cannot work here are named with the fix."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from launcher import prepare
from launcher.cli import main
from launcher.commands import start
from launcher.commands import validate as command
from launcher.rill import diagnostics, own_sources
from loader import running_rill
from loader.project import ProjectPaths
from tests.conftest import ROOT
from tests.launcher.test_validate import SOUND, Project, project

__all__ = ["project"]

OWN = "# mine\ntype: model\nconnector: {}\nsql: select 1 as one\n"
ATTACH = (
    "type: model\npre_exec: >\n  attach or replace 'x' as bonzo ({})\nsql: from a\n"
)


def write(folder: Path, name: str, text: str) -> None:
    """Add a file to a Rill project."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_the_project_itself_is_sound() -> None:
    """Nothing is said of what is shipped."""
    assert list(own_sources.findings(ROOT / "rill")) == []
    assert len(list((ROOT / "rill" / "sources").glob("*.yaml"))) > 10


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("sources/own.yaml", OWN.format("postgres"), 3),
        ("sources/deep/er/own.yml", OWN.format("'postgres'"), 3),
        ("models/own.sql", "-- mine\n-- @connector: postgres\nselect 1", 2),
        ("sources/own.yaml", OWN.format("warehouse"), 3),
    ],
)
def test_a_source_through_the_connector(
    tmp_path: Path, name: str, text: str, line: int
) -> None:
    """The file, the line and the fix are named, whatever the connector's name."""
    connector = "type: connector\ndriver: postgres\ndsn: '{{ .env.postgres_dsn }}'\n"
    write(tmp_path, "rill/connectors/warehouse.yaml", connector)
    write(tmp_path, f"rill/{name}", text)
    (finding,) = own_sources.findings(tmp_path / "rill")
    assert (finding.file, finding.line) == (name, line)
    assert finding.text.startswith(f"rill/{name}: `connector: ")
    assert "pre_exec: attach" in finding.text


def test_an_attachment_for_writing(tmp_path: Path) -> None:
    """Rill writes nothing back, so it attaches read-only."""
    write(tmp_path, "sources/good.yaml", ATTACH.format("TYPE postgres, READ_ONLY"))
    write(tmp_path, "sources/other.yaml", ATTACH.format("type sqlite"))
    assert list(own_sources.findings(tmp_path)) == []
    write(tmp_path, "sources/own.yaml", ATTACH.format("type postgres"))
    (finding,) = own_sources.findings(tmp_path)
    assert (finding.file, finding.line) == ("sources/own.yaml", 2)
    assert "read_only" in finding.text


def test_what_is_none_of_ours_is_left_to_rill(tmp_path: Path) -> None:
    """Other connectors, lists, broken YAML and files that are no text do no harm."""
    write(tmp_path, "sources/duck.yaml", OWN.format("duckdb"))
    write(tmp_path, "sources/list.yaml", "[1, 2]")
    write(tmp_path, "sources/broken.yaml", "connector: postgres\n  x: {{ y")
    write(tmp_path, "sources/notes.txt", "connector: postgres")
    (tmp_path / "sources" / "binary.sql").write_bytes(b"\xff\x00")
    assert list(own_sources.findings(tmp_path)) == []
    assert list(own_sources.findings(tmp_path / "absent")) == []


def test_doctor_names_it(tmp_path: Path) -> None:
    """As wrong; only how many there are is for support."""
    paths = ProjectPaths(tmp_path)
    states = [c.state for c in diagnostics.checks(paths) if c.subject == "sources"]
    assert states == ["ok"]
    write(paths.rill, "sources/own.yaml", OWN.format("postgres"))
    (check,) = [c for c in diagnostics.checks(paths) if c.subject == "sources"]
    assert check.state == "wrong"
    assert "own.yaml" in check.text
    assert check.facts == {"faulty": 1}


def test_validate_names_it(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though Rill, which stages no changes in a validation, finds no fault."""
    monkeypatch.setattr(command.prepare, "database", lambda *_: "")
    project.gives(resources=[SOUND])
    write(project.rill, "sources/own.yaml", OWN.format("postgres"))
    result = CliRunner().invoke(main, ["validate"])
    assert result.exit_code == 1
    assert "error: rill/sources/own.yaml: `connector: postgres`" in result.output
    assert "1 errors, 0 warnings" in result.output
    result = CliRunner().invoke(main, ["validate", "--format=github"])
    assert "::error file=rill/sources/own.yaml,line=3::" in result.output


def test_start_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before Rill does, whose own words for it name no fix."""
    monkeypatch.setenv("BONZO_PROJECT_DIR", str(tmp_path))
    monkeypatch.setattr(running_rill, "DEFAULT_PORT", 9)
    data = prepare.Data("postgresql://x", demo=False, fresh=False)
    monkeypatch.setattr(prepare, "prepare", lambda *_, **__: data)
    monkeypatch.setattr(start, "_find_rill", lambda _: None)
    monkeypatch.setattr(start, "print_headlines", lambda _: None)
    write(tmp_path, "rill/sources/own.yaml", OWN.format("postgres"))
    result = CliRunner().invoke(main, ["start"])
    assert result.exit_code == 0, result.output
    assert "rill/sources/own.yaml: `connector: postgres`" in result.output
