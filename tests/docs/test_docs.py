"""The documents name everything there is, and nothing that is not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from importlib import import_module

import click
import pytest

from launcher import cli as launcher_cli
from loader import cli as loader_cli
from loader.config import Settings
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text()
EXAMPLE = (ROOT / ".env.example").read_text()
# Other variables belong to the system.
OURS = ("BONZO_", "DATABASE_URL", "RILL_", "TEST_")
# Not settings of an installation: where it is, and what the tests use.
NOT_IN_EXAMPLE = {"BONZO_PROJECT_DIR", "BONZO_CLIENT", "TEST_DATABASE_URL"}


def variables() -> set[str]:
    """Every environment variable that the code reads."""
    found = {field.metadata["env"] for field in fields(Settings) if field.metadata}
    for path in [
        *ROOT.glob("loader/**/*.py"),
        *ROOT.glob("launcher/**/*.py"),
        ROOT / "tests" / "conftest.py",
    ]:
        text = path.read_text()
        found |= set(re.findall(r'\bvariable\(\s*"([A-Z_]+)"', text))
        found |= set(re.findall(r'environ\.get\(\s*"([A-Z_]+)"', text))
    return {name for name in found if name.startswith(OURS)}


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command with its full name, groups' own commands included."""
    for name, module in [*loader_cli.COMMANDS.items(), *launcher_cli.COMMANDS.items()]:
        command = import_module(module).command
        yield name, command
        for below, child in getattr(command, "commands", {}).items():
            yield f"{name} {below}", child


@pytest.mark.parametrize("name", sorted(variables()))
def test_variable_is_documented(name: str) -> None:
    """The README's table and the example file have each variable."""
    assert f"| `{name}` |" in README, f"README.md has no row for {name}"
    if name not in NOT_IN_EXAMPLE:
        listed = re.search(rf"^#?{name}=", EXAMPLE, re.M)
        assert listed, f".env.example has no line for {name}"


def test_no_variable_is_made_up() -> None:
    """The README and the example file name no variable that nothing reads."""
    named = set(re.findall(r"^\| `([A-Z_]+)` \|", README, re.M))
    named |= set(re.findall(r"^#?([A-Z_]+)=", EXAMPLE, re.M))
    for name in named - variables():
        pytest.fail(f"no setting of loader/config.py nor another file reads {name}")


@pytest.mark.parametrize(("name", "command"), list(commands()))
def test_command_is_documented(name: str, command: click.Command) -> None:
    """Each command is in the README and has help, as has each of its options."""
    assert command.help
    assert len(command.help.split()) >= 3
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help or parameter.name == "verbose", parameter.name
    if not isinstance(command, click.Group):
        assert re.search(rf"`{name}( [A-Z]+)?`", README), f"README.md lacks {name}"


def test_help_lists_every_command() -> None:
    """`--help` shows the commands with a line each."""
    for cli in (loader_cli, launcher_cli):
        text = cli.main.get_help(click.Context(cli.main, info_name="program"))
        for name in cli.COMMANDS:
            assert re.search(rf"^  {name} +\w", text, re.M), name


def targets() -> list[str]:
    """Every make target that a person may call."""
    text = (ROOT / "Makefile").read_text()
    return re.findall(r"^([a-z-]+):.*##", text, re.M)


@pytest.mark.parametrize("target", targets())
def test_target_is_documented(target: str) -> None:
    """The README names each make target."""
    named = re.search(rf"\bmake {target}\b", README)
    assert named, f"README.md does not name make {target}"


def test_no_target_is_made_up() -> None:
    """Documents and workflows name no make target that does not exist."""
    documents = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / ".ci" / "run"]
    for path in [*documents, *ROOT.glob("docs/*.md"), *ROOT.glob(".github/*/*.yml")]:
        for target in re.findall(
            r"(?:`|run: |^)make ([a-z-]+)", path.read_text(), re.M
        ):
            known = target in targets()
            assert known, f"Makefile has no {target}, which {path.name} names"


def test_ci_runs_the_readmes_test_command() -> None:
    """The check script calls what the README tells people to call, and the linters."""
    script = (ROOT / ".ci" / "run").read_text()
    assert "make test" in README.partition("```sh")[2].partition("```")[0]
    for target in ("test", "lint"):
        assert re.search(rf"^make {target}\b", script, re.M)


@pytest.mark.parametrize(
    "name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/operations.md"]
)
def test_links_lead_somewhere(name: str) -> None:
    """Every relative link and every path in back-ticks exists."""
    path = ROOT / name
    text = path.read_text()
    for link in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (path.parent / link).exists(), link
    for mention in re.findall(
        r"`((?:loader|launcher|demo|rill|tests|docs|scripts)/[\w./-]+)`", text
    ):
        # Files that only an installation has; the CSV files are made from examples.
        tracked = [ROOT / mention, ROOT / mention.replace(".csv", ".example.csv")]
        made = mention == "rill/.env"
        assert made or any(path.exists() for path in tracked), mention
