"""What `validate` makes of Rill's result, against a fake `rill` program."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from launcher.cli import main
from launcher.commands import validate as command
from launcher.rill import validate
from loader import running_rill
from loader.errors import LoaderError

FAKE = Path(__file__).with_name("fake_rill.py")
SOUND = {"kind": "Model", "name": "leads", "error": "", "warning": "", "timeout": False}
SUMMARY = {
    "total_resources": 2,
    "parse_errors": 0,
    "parse_warnings": 0,
    "reconcile_errors": 0,
    "reconcile_warnings": 0,
}


class Project:
    """A project whose validation gives what a test says."""

    def __init__(self, folder: Path) -> None:
        self.rill = folder / "rill"
        self.program = folder / "bin" / "rill"
        for path in (self.rill, self.program.parent):
            path.mkdir()
        (self.rill / ".env").touch()
        self.program.write_text(f"#!{sys.executable}\n{FAKE.read_text()}")
        self.program.chmod(0o755)

    def gives(self, code: int = 0, **result: Any) -> None:
        """Let Rill give this result; the summary's other numbers are 0."""
        summary = SUMMARY | result.pop("summary", {})
        text = json.dumps({"summary": summary, **result})
        (self.rill / "result.json").write_text(text)
        (self.rill / "code").write_text(str(code))

    def check(self) -> validate.Report:
        """Validate it."""
        return validate.validate(self.program, self.rill)


def texts(findings: list[validate.Finding]) -> list[str]:
    """What findings say."""
    return [finding.text for finding in findings]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project, and a `rill` on PATH."""
    found = Project(tmp_path)
    monkeypatch.setenv("PATH", str(found.program.parent))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(running_rill, "DEFAULT_PORT", 9)
    return found


def test_sound_project(project: Project) -> None:
    """Nothing is reported of a project without errors and warnings."""
    project.gives(resources=[SOUND, SOUND | {"name": "loans"}])
    assert project.check() == validate.Report([], [], 2)


def test_each_kind_is_sorted(project: Project) -> None:
    """Errors and warnings of parser and resources are kept apart, with their place."""
    project.gives(
        code=1,
        summary={
            "parse_errors": 2,
            "parse_warnings": 1,
            "reconcile_errors": 2,
            "reconcile_warnings": 1,
        },
        parse_errors=[
            {"message": "bad key", "file_path": "/a.yaml", "level": "error"},
            {"message": "old key", "file_path": "/b.yaml", "level": "warning"},
        ],
        resources=[
            SOUND | {"error": "no column"},
            SOUND | {"name": "slow", "timeout": True},
            SOUND | {"name": "odd", "warning": "unknown property"},
        ],
    )
    report = project.check()
    assert (texts(report.errors), texts(report.warnings), report.resources) == (
        ["/a.yaml: bad key", "Model leads: no column", "Model slow: took too long"],
        ["/b.yaml: old key", "Model odd: unknown property"],
        2,
    )


def test_what_is_only_counted_is_told(project: Project) -> None:
    """A warning or error that is in the summary alone does not get lost."""
    project.gives(
        summary={"reconcile_warnings": 2, "reconcile_errors": 1},
        resources=[SOUND | {"warning": "one"}],
    )
    report = project.check()
    assert texts(report.warnings[1:]) == [
        "1 more warnings, which Rill counts but does not list"
    ]
    assert texts(report.errors) == [
        "1 more errors, which Rill counts but does not list"
    ]


def test_failure_without_a_reason_is_an_error(project: Project) -> None:
    """Rill's exit code counts even if its result lists nothing."""
    project.gives(code=1, resources=[SOUND])
    assert texts(project.check().errors) == [
        "`rill validate` exited with 1: Error: validation failed"
    ]


def test_no_result_is_a_sentence(project: Project) -> None:
    """A Rill that writes no result is explained with what it printed."""
    (project.rill / "result.json").write_text("no json")
    (project.rill / "code").write_text("1")
    with pytest.raises(LoaderError, match="gave no result"):
        project.check()


@pytest.mark.parametrize(
    ("resource", "code", "shown"),
    [
        (SOUND, 0, "2 resources, 0 errors, 0 warnings"),
        (SOUND | {"warning": "unknown property"}, 1, "warning: Model leads: unknown"),
        (SOUND | {"error": "no column"}, 1, "error: Model leads: no column"),
    ],
)
def test_command_fails_on_errors_and_on_warnings(
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    resource: dict,
    code: int,
    shown: str,
) -> None:
    """`make validate` shows each and succeeds only without any."""
    monkeypatch.setattr(command.prepare, "database", lambda *_: "")
    project.gives(resources=[resource])
    result: Result = CliRunner().invoke(main, ["validate"])
    assert result.exit_code == code, result.output
    assert shown in result.output


def test_github_shows_findings_beside_the_line(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Annotations name file and line where Rill does, and stay on one line each."""
    monkeypatch.setattr(command.prepare, "database", lambda *_: "")
    project.gives(
        code=1,
        summary={"parse_errors": 2, "reconcile_errors": 1},
        parse_errors=[
            {
                "message": "bad key\n100% wrong",
                "file_path": "/metrics/a,b.yaml",
                "start_line": 7,
                "level": "error",
            },
            {"message": "no place", "level": "error"},
        ],
        resources=[SOUND | {"error": "no column", "file_path": "/models/leads.sql"}],
    )
    result = CliRunner().invoke(main, ["validate", "--format", "github"])
    assert result.exit_code == 1
    assert result.output.splitlines()[:3] == [
        "::error file=rill/metrics/a%2Cb.yaml,line=7::"
        "/metrics/a,b.yaml: bad key%0A100%25 wrong",
        "::error::: no place",
        "::error file=rill/models/leads.sql::Model leads: no column",
    ]
