"""`setup`: first contact with an account, and the two files it writes."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from demo.server import FakeBonzo
from loader.cli import main
from loader.mapping.mapping_config import DEFAULT, load_rules, load_rules_text
from loader.setup.edit_mapping import add_aliases, set_pipelines
from loader.setup.proposals import propose
from tests.conftest import ROOT
from tests.loader.conftest import TOKEN
from tests.loader.records import campaign, listing, message, prospect

Setup = Callable[..., Result]
DEFAULT_ALIASES = {"Pre-Qual": ["Pre-Qualified"]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project as it is cloned."""
    for name in ("bonzo.yaml", ".env.example"):
        (tmp_path / name).write_text((ROOT / name).read_text())
    return tmp_path


@pytest.fixture
def setup(
    server: FakeBonzo, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Result]:
    """Run the command with a token on standard input; it never shows it."""
    server.account.campaigns.append(campaign(71, 710))
    server.account.pipelines.append({"id": 2, "name": "Second", "stages": []})
    for i, name in enumerate(["New Lead!", "Attempted Contact", "Pre-Quall", "Zebra"]):
        stage = {"id": i + 1, "name": name, "pipeline_id": 1}
        server.account.put_prospect(
            prospect(i + 1, pipeline_stage=stage, campaigns=[listing(71)])
        )
        server.account.put_message(message(i + 1, i + 1))
    monkeypatch.setenv("BONZO_BASE_URL", server.url)
    monkeypatch.setenv("BONZO_PROJECT_DIR", str(folder))
    monkeypatch.setenv("BONZO_BACKOFF", "0")
    monkeypatch.delenv("BONZO_API_TOKEN", raising=False)

    def do(*arguments: str, stdin: str = TOKEN + "\n") -> Result:
        result = CliRunner().invoke(main, ["setup", *arguments], input=stdin)
        assert TOKEN not in result.output
        assert "Traceback" not in result.output
        assert list(folder.glob("*.partial*")) == list(folder.glob(".*.partial*")) == []
        return result

    return do


def test_it_says_what_it_found_and_writes_both_files(
    setup: Setup, folder: Path
) -> None:
    """Found, proposed, unmapped, written; the token's file is its owner's alone."""
    result = setup("--yes", "--token-stdin", "--time-zone", "America/Denver")
    assert result.exit_code == 0, result.output
    assert "New Lead! -> Staging" in result.output
    assert "Attempted Contact -> Sending" in result.output
    assert "Pre-Quall -> Pre-Qual" in result.output
    assert "unmapped  Zebra" in result.output
    env_file = folder / ".env"
    assert stat.S_IMODE(env_file.stat().st_mode) == 0o600
    assert f"BONZO_API_TOKEN='{TOKEN}'" in env_file.read_text()
    assert "BONZO_COMPANY_TIME_ZONE='America/Denver'" in env_file.read_text()
    rules = load_rules(folder / "bonzo.yaml")
    assert rules.stages["newlead"] == "Staging"
    assert rules.stages["prequalified"] == "Pre-Qual"
    # Comments of both files are kept.
    assert (
        (folder / "bonzo.yaml")
        .read_text()
        .startswith((ROOT / "bonzo.yaml").read_text())
    )
    comments = [
        line
        for line in (ROOT / ".env.example").read_text().splitlines()
        if line.startswith("#")
    ]
    assert set(comments) <= set(env_file.read_text().splitlines())


def test_again_changes_nothing(setup: Setup, folder: Path) -> None:
    """What the user wrote in between stays, too."""
    setup("--yes", "--token-stdin")
    with (folder / ".env").open("a") as file:
        file.write("BONZO_WORKERS=3 # mine\n")
    with (folder / "bonzo.yaml").open("a") as file:
        file.write("calls: false # mine\n")
    before = [(folder / name).read_bytes() for name in (".env", "bonzo.yaml")]
    result = setup("--yes", stdin="")
    assert "nothing had to change" in result.output
    assert [(folder / name).read_bytes() for name in (".env", "bonzo.yaml")] == before


@pytest.mark.parametrize("odd", ["\x00", "\x7f", "\x85", "\ud83d", "\u2028", "\ufeff"])
def test_a_stage_with_signs_that_yaml_refuses(
    setup: Setup, server: FakeBonzo, folder: Path, odd: str
) -> None:
    """One name that somebody pasted into Bonzo does not keep the others unmapped."""
    stage = {"id": 77, "name": f"Pre{odd} Qualifying", "pipeline_id": 1}
    server.account.put_prospect(prospect(50, pipeline_stage=stage))
    result = setup("--token-stdin")
    assert result.exit_code == 0, result.output
    stages = load_rules_text((folder / "bonzo.yaml").read_text(), DEFAULT).stages
    assert stages["prequalifying"] == "Pre-Qual"
    assert stages["newlead"] == "Staging"


def test_json_is_one_document(setup: Setup) -> None:
    """What was found and written, for a script; the sample is bounded."""
    result = setup("--json", "--token-stdin")
    document = json.loads(result.output)
    assert document["written"] == [".env", "bonzo.yaml"]
    assert document["unmapped"] == ["Zebra"]
    assert document["mapped"]["New Lead!"] == "Staging"
    assert document["found"]["message_types"] == {"sms": 4}
    assert document["found"]["step_keys"]["sequence_id"] == 4
    assert document["found"]["paging"]["prospects"] == "page numbers"
    assert document["requests"] <= 40


def test_sources_are_those_of_a_load(
    setup: Setup, server: FakeBonzo, folder: Path
) -> None:
    """The mapping file decides: its words that name nothing, and its tags."""
    with (folder / "bonzo.yaml").open("a") as file:
        file.write("lead_source: {technical_words: [zapier], tags: {zl-*: Zillow}}\n")
    for number, changes in enumerate(
        [{"source": "Zapier", "tags": [{"name": "ZL-7"}]}, {"source": "n/a"}], 10
    ):
        server.account.put_prospect(prospect(number, mortgage={}, **changes))
    found = json.loads(setup("--json", "--token-stdin").output)["found"]
    assert found["sources"] == {"Vendor": 4, "Zillow": 1, "(none)": 1}
    assert found["tags"] == {"ZL-7": 1}


@pytest.mark.parametrize("depth", [60, 400, 980, 100_000])
@pytest.mark.parametrize("opening", ["[", '{"name":'])
def test_deep_nesting_is_counted_as_nothing(
    setup: Setup, server: FakeBonzo, opening: str, depth: int
) -> None:
    """However deep a tag goes, as JSON or as JSON in a text, the sample is read."""
    closing = "]" if opening == "[" else "}"
    text = opening * depth + '"x"' + closing * depth
    server.account.put_prospect(prospect(8, tags=text, source=text, opt_outs=text))
    if depth < 500:  # what the made-up Bonzo itself can write
        deep = json.loads(text)
        server.account.put_prospect(prospect(9, tags=[deep], pipeline_stage=deep))
    result = setup("--yes", "--token-stdin", "--json")
    assert result.exit_code == 0, result.output
    assert "nested" not in result.stdout


def test_answers_are_taken_from_a_terminal(
    setup: Setup, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stage may be chosen, refused or confirmed by Enter; the token is hidden."""
    monkeypatch.setattr("loader.commands.setup.has_terminal", lambda: True)
    answers = [
        TOKEN,
        "America/Denver",
        "Main, Second",
        "-",
        "",
        "pre-approved",
        "Hot PAL",
    ]
    result = setup(stdin="\n".join(answers) + "\n")
    assert result.exit_code == 0, result.output
    assert load_rules(folder / "bonzo.yaml").pipelines == {"main", "second"}
    stages = load_rules(folder / "bonzo.yaml").stages
    assert "attemptedcontact" not in stages
    assert stages["newlead"] == "Staging"
    assert stages["prequall"] == "Pre-Approved"
    assert stages["zebra"] == "Hot PAL"


@pytest.mark.parametrize(
    ("stdin", "scopes", "sentence"),
    [
        ("wrong-token\n", None, "does not accept the token"),
        ("\n", None, "No token"),
        ("two words\n", None, "Copy it again"),
        (TOKEN + "\n", (), "may not read"),
    ],
)
def test_a_fault_is_a_sentence_and_writes_nothing(
    setup: Setup,
    server: FakeBonzo,
    folder: Path,
    stdin: str,
    scopes: tuple[str, ...] | None,
    sentence: str,
) -> None:
    """A wrong token, none, a broken one, a missing scope."""
    if scopes is not None:
        server.scopes = scopes
    result = setup("--yes", "--token-stdin", stdin=stdin)
    assert result.exit_code == 1
    assert sentence in result.output
    assert not (folder / ".env").exists()
    assert (folder / "bonzo.yaml").read_text() == (ROOT / "bonzo.yaml").read_text()


@pytest.mark.parametrize("fault", [KeyboardInterrupt(), OSError(16, "busy")])
def test_interrupted_between_both_files(
    setup: Setup,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    fault: BaseException,
) -> None:
    """No token without its mapping; the next run completes what is missing."""
    replace = Path.replace

    def fail_for_env(made: Path, target: Path) -> Path:
        if target.name == ".env":
            raise fault
        return replace(made, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", fail_for_env)
        assert setup("--yes", "--token-stdin").exit_code == 1
    assert not (folder / ".env").exists()
    assert load_rules(folder / "bonzo.yaml").stages["newlead"] == "Staging"
    assert "written   .env" in setup("--yes", "--token-stdin").output
    assert TOKEN in (folder / ".env").read_text()


def test_an_unreachable_service_is_a_sentence(
    setup: Setup, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody answers: nothing is written."""
    monkeypatch.setenv("BONZO_BASE_URL", "http://127.0.0.1:9")
    result = setup("--yes", "--token-stdin")
    assert result.exit_code == 1
    assert "No usable answer" in result.output
    assert not (folder / ".env").exists()


def test_optional_scopes_are_noted(setup: Setup, server: FakeBonzo) -> None:
    """Without campaigns and pipelines a load works, so setup does."""
    server.scopes = ("access-authenticated", "prospects")
    result = setup("--yes", "--token-stdin")
    assert result.exit_code == 0, result.output
    assert "scope `campaigns`" in result.output
    assert "scope `pipelines`" in result.output


def test_without_a_terminal_it_asks_for_yes(setup: Setup) -> None:
    """It never waits for an answer that cannot come."""
    result = setup()
    assert result.exit_code == 1
    assert "--yes" in result.output


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# only a comment\n",
        "calls: false # no line end",
        "stages:\n",
        "stages: ~ # nothing yet\n",
        "stages: {}\ncalls: false\n",
        "stages:\n  # why\n  Working: [Busy] # mine\n",
        "stages:\n  Staging:\n    - Fresh # first\n    - 'New'\n  Working:\n",
        "stages:\n  Staging: [\n    Fresh,\n  ]\n",
        "stages: {Staging: [No], Working: []}\n",
        "stages:\r\n  Staging: [Fresh]\r\ncalls: false\r\n",
    ],
)
def test_names_are_added_and_the_rest_stays(text: str) -> None:
    """However the file is written, every line of it and every setting stay."""
    before, path = load_rules_text(text, DEFAULT), Path("bonzo.yaml")
    added = {"Staging": ['He said "new": #1'], "Pre-Qual": ["PQ"]}
    edited = add_aliases(text, added, DEFAULT_ALIASES)
    after = load_rules_text(edited, path)
    assert after.calls == before.calls
    assert after.stages == {
        **before.stages,
        "hesaidnew1": "Staging",
        "pq": "Pre-Qual",
    }
    comments = [line.partition("#")[2] for line in text.splitlines() if "#" in line]
    assert all(comment in edited for comment in comments)


def test_mapped_names_are_not_proposed() -> None:
    """Only what the rules do not know is asked about; nothing alike, no proposal."""
    rules = load_rules()
    assert propose(["working", "Pre-Qualified", "Zebra", "!"], rules) == {
        "!": None,
        "Zebra": None,
    }


def test_pipelines_are_set_and_reset(setup: Setup, folder: Path) -> None:
    """By name, `all` again, and a name that the account lacks is refused."""
    path = folder / "bonzo.yaml"
    setup("--yes", "--token-stdin", "--pipeline", "Second")
    assert load_rules(path).pipelines == {"second"}
    before = path.read_bytes()
    refused = setup("--yes", "--token-stdin", "--pipeline", "Third")
    assert refused.exit_code == 1
    assert "it shows Main, Second" in refused.output
    assert path.read_bytes() == before
    setup("--yes", "--token-stdin", "--pipeline", "all")
    assert load_rules(path).pipelines is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "calls: false # mine\n",
        "pipelines: all # mine\ncalls: false\n",
        "pipelines:\ncalls: false\n",
        "pipelines: [One, 'Two'] # mine\ncalls: false\n",
        "pipelines:\n  - One\n  - Two # mine\n# more\ncalls: false\n",
    ],
)
def test_pipelines_replace_their_value_alone(text: str) -> None:
    """Comments and other settings stay."""
    edited = set_pipelines(text, ["A: b", "No"])
    rules = load_rules_text(edited, Path("bonzo.yaml"))
    assert rules.pipelines == {"ab", "no"}
    assert rules.calls == load_rules_text(text, DEFAULT).calls
    assert edited.count("#") == text.count("#")
