"""The mapping file: defaults, the user's changes, and mistakes in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from loader.config import Settings
from loader.errors import LoaderError
from loader.mapping.mapping_config import DEFAULT, load_rules
from loader.mapping.parsers import normalize_name
from loader.mapping.stages import Stage, StageRegistry
from loader.sync.run import find_rules
from tests.schema import STAGES

ROOT = Path(__file__).parent.parent.parent


def own(tmp_path: Path, text: str) -> Path:
    """A user's mapping file."""
    path = tmp_path / "bonzo.yaml"
    path.write_text(text)
    return path


def test_the_users_file_starts_as_comments(tmp_path: Path) -> None:
    """It changes nothing, so better defaults reach everybody; its examples work.

    Each key of the defaults has an example.
    """
    text = (ROOT / "bonzo.yaml").read_text()
    assert yaml.safe_load(text) is None
    # An example is a key with a colon, and what is indented below it.
    lines = re.findall(r"^# (  .*|[a-z_]+:.*)$", text, re.M)
    examples = "\n".join(lines)
    assert load_rules(own(tmp_path, examples)) != load_rules()
    keys = yaml.safe_load(DEFAULT.read_text()).keys()
    assert yaml.safe_load(examples).keys() == keys


def test_a_key_that_is_left_out_keeps_its_default(tmp_path: Path) -> None:
    """A file may name one thing only."""
    rules = load_rules(own(tmp_path, "attribution_days: 7\nmessages: {opened: [seen]}"))
    assert rules.attribution_days == 7
    assert rules.opened == {"seen"}
    assert rules.delivered == load_rules().delivered
    assert rules.stages == load_rules().stages


def test_every_key_merges_by_itself(tmp_path: Path) -> None:
    """One word more adds to the defaults at any depth; a list replaces its list."""
    text = (
        "stages: {Pre-Qual: [PQ]}\nmessages: {types: {rcs: SMS}}\n"
        "roles: {ann@example.com: admin}\nlead_source: {fields: [source]}\n"
    )
    rules, default = load_rules(own(tmp_path, text)), load_rules()
    assert rules.stages.keys() - default.stages.keys() == {"pq"}
    assert default.stages.keys() - rules.stages.keys() == {"prequalified"}
    assert rules.kinds == {**default.kinds, "rcs": "SMS"}
    assert rules.roles == {**default.roles, "ann@example.com": "admin"}
    assert rules.source_fields == ("source",)
    assert rules.technical_words == default.technical_words


@pytest.mark.parametrize("kind", ["directory", "link"])
def test_a_file_that_cannot_be_read_is_not_ignored(tmp_path: Path, kind: str) -> None:
    """A directory, as Docker makes for a missing mount, or a link to nowhere."""
    path = tmp_path / "bonzo.yaml"
    path.mkdir() if kind == "directory" else path.symlink_to(tmp_path / "moved.yaml")
    with pytest.raises(LoaderError, match="Cannot read the mapping file"):
        find_rules(Settings())


def test_a_file_of_nobodys_home_is_a_sentence() -> None:
    """`~name` of an account that this machine does not have."""
    with pytest.raises(LoaderError, match="Cannot read the mapping file ~nobody-x/"):
        find_rules(Settings(mapping_path="~nobody-x/bonzo.yaml"))


def test_an_empty_file_is_the_default(tmp_path: Path) -> None:
    """Nothing but comments changes nothing."""
    assert load_rules(own(tmp_path, "# nothing yet\n")) == load_rules()


STEP = "touches: [{sequence: %s, event: %s, order: %s, delay: %s, type: SMS}]"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("stagse: {}", "unknown key 'stagse'"),
        (
            "stages: {Working: [x], Sending: [X]}",
            "is listed for 'Sending' and 'Working'",
        ),
        ("messages: {types: {sms: Fax}}", "'Fax' is not one of"),
        ("calls: often", "line 1, column 1, calls: it must be true or false"),
        (
            "attribution_days: soon",
            "attribution_days: this is not shaped as",
        ),
        ("stages: [a, b]", "stages must hold keys and values"),
        ("loan_status: [{status: Closed, when: [paid]}]", "'paid' is not one of"),
        ("loan_status: [{status: abcdefghijklmnopqrstuvwxyz}]", "longer than 20"),
        ("roles: {default: abcdefghijklmnopqrstuvwxyz}", "longer than 20"),
        ("touches: [{sequence: 1, event: 2}]", "not shaped as its comments say"),
        ("time_zone: Mars", "not shaped as its comments say"),
        ("opt_out_words: stop", "must be a list"),
        ("a: [", "is not valid YAML near line"),
        ("- a list", "must hold keys and values"),
        ("attribution_days: inf", "must be from 0 to 36,525"),
        ("attribution_days: nan", "must be from 0 to 36,525"),
        ("attribution_days: -1", "must be from 0 to 36,525"),
        ("time_zone: America", "not shaped as its comments say"),
        ("time_zone: " + "x" * 5000, "not shaped as its comments say"),
        ("messages: {received: [in]}", "unknown key 'received'"),
        ("lead_source: {tag: {a: B}}", "unknown key 'tag'"),
        ("pipelines: []", "it names no pipeline"),
        ("roles: {ann@example.com: }", "roles.ann@example.com: it has no value"),
        ("loan_status: [{status: , when: []}]", "it has no value"),
        ("loan_status: [{status: A, when: rate_locked}]", "a list of conditions"),
        (STEP % ("-1", "1", "1", "0"), "sequence: it must be from 1 to"),
        (STEP % ("1" * 30, "1", "1", "0"), "sequence: it must be from 1 to"),
        (STEP % ("1", "0", "1", "0"), "event: it must be from 1 to"),
        (STEP % ("1", "1", "3000000000", "0"), "order: it must be from 0 to"),
        (STEP % ("1", "1", "1", "-5"), "delay: it must be from 0 to"),
        ("calls: yes\nroles: {}\ncalls: no", "line 3, column 1: the key 'calls' is"),
        ("stages:\n  Working: [a]\n  Working: [b]", "the key 'Working' is there twice"),
        ("opt_out_words: &a [*a]", "an alias stands within"),
        ("[" * 3000, "nested too deeply"),
        ("touches: " + "[" * 500 + "]" * 500, "nested too deeply"),
        ('stages: {Working: ["a\\0b"]}', "column 20: it holds a NUL character"),
        ('roles: {default: "\\ud83d"}', "half a character"),
    ],
)
def test_a_mistake_is_a_sentence_with_the_file(
    tmp_path: Path, text: str, said: str
) -> None:
    """Whoever edits the file learns where and what."""
    path = own(tmp_path, text)
    with pytest.raises(LoaderError) as caught:
        load_rules(path)
    assert said in caught.value.message
    assert str(path) in caught.value.message


def test_aliases_of_aliases_are_refused(tmp_path: Path) -> None:
    """A file of some lines may stand for more than any memory holds."""
    lines = ["opt_out_words:", "- &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"- &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 10)]
    with pytest.raises(LoaderError, match="stand for more than 100,000 values"):
        load_rules(own(tmp_path, "\n".join(lines)))


def test_letters_written_as_json_writes_them(tmp_path: Path) -> None:
    """JSON is YAML, and has one letter as two escapes."""
    rules = load_rules(own(tmp_path, r'roles: {default: "\ud83d\ude80"}'))
    assert rules.roles["default"] == "🚀"


def test_only_what_decides_about_messages_makes_a_new_version(tmp_path: Path) -> None:
    """A new version has every prospect's messages read again."""
    version = load_rules().version
    stages = own(tmp_path, "stages: {Working: [Busy]}")
    assert load_rules(stages).version == version
    for text in (
        "calls: false",
        "touches: [{sequence: 1, event: 2, order: 1, type: SMS}]",
    ):
        assert load_rules(own(tmp_path, text)).version != version


def test_stages_are_found_by_name_and_alias(tmp_path: Path) -> None:
    """Without case, blanks and punctuation; anything else is not found."""
    rules = load_rules(own(tmp_path, "stages: {Hot PAL: [Ready to go!]}"))
    stages = [Stage(i, name, False) for i, name in enumerate(STAGES, 1)]
    book = StageRegistry([*stages, Stage(10, "Own one", True)], rules)
    assert book.find("hot-pal").stage_id == 6
    assert book.find("READY to GO").stage_id == 6
    assert book.find("own one").stage_id == 10
    assert book.find("Cold PAL") is None


def test_stages_named_by_symbols_alone(tmp_path: Path) -> None:
    """🔥 and 🚀 are two names; a symbol beside letters counts no more than a dash."""
    rules = load_rules(own(tmp_path, "stages: {Hot PAL: [🔥🔥], Working: [🚀]}"))
    stages = [Stage(i, name, False) for i, name in enumerate(STAGES, 1)]
    book = StageRegistry(stages, rules)
    assert book.find("🔥 🔥").name == "Hot PAL"
    assert book.find("🚀").name == "Working"
    assert book.find("🔥 Working").name == "Working"
    assert [book.find(name) for name in ("🏠", "-", "???")] == [None] * 3


def test_an_opt_out_word_of_symbols(tmp_path: Path) -> None:
    """It is that symbol, not whatever else is no letter."""
    rules = load_rules(own(tmp_path, "opt_out_words: ['🛑', '!']"))
    assert rules.opt_out_words == {"🛑"}


def test_an_alias_needs_its_stage() -> None:
    """A stage that the table lacks is named, rather than found never."""
    with pytest.raises(LoaderError, match="the stage 'Staging'"):
        StageRegistry([], load_rules())


WORDS = "[No, On, 0123, 1.10, Null, 2026-01-01, 0x1F, 12:30, 1e3, .inf, ~]"
AS_TEXT = ["No", "On", "0123", "1.10", "Null", "2026-01-01", "0x1F", "12:30", "1e3"]


@pytest.mark.parametrize(
    "text",
    [
        "stages: {Working: %s}",
        "pipelines: %s",
        "lead_source: {fields: [source], technical_words: %s}",
        "messages: {sent: %s}",
        "opt_out_words: %s",
        "loan_status: [{status: Closed, when: [{current_step: %s}]}]",
    ],
)
def test_names_are_text_however_yaml_would_type_them(tmp_path: Path, text: str) -> None:
    """`No` is a stage's name, not a refusal, and `1.10` is not `1.1`."""
    rules = load_rules(own(tmp_path, text % WORDS))
    places = [rules.stages.keys(), rules.pipelines or (), rules.technical_words]
    places += [rules.sent, rules.opt_out_words, dict(rules.loan_status[0].words)]
    folded = {normalize_name(word) for word in AS_TEXT}
    known = {word for place in places for word in place}
    known |= {w for _, words in rules.loan_status[0].words for w in words}
    assert folded <= known


@pytest.mark.parametrize("name", ["No", "On", "Null", "0123", "1.10"])
def test_keys_are_names_too(tmp_path: Path, name: str) -> None:
    """A role, a message type and a stage may be spelled like a number or a no."""
    rules = load_rules(
        own(
            tmp_path,
            f"roles: {{default: {name}}}\nmessages: {{types: {{{name}: Email}}}}\n"
            f"stages: {{{name}: []}}",
        )
    )
    assert rules.roles["default"] == name
    assert rules.kinds[normalize_name(name)] == "Email"
    assert rules.stages[normalize_name(name)] == name


@pytest.mark.parametrize("nothing", ["", "~", "null", "Null", "[]"])
def test_a_key_without_a_value_is_empty(tmp_path: Path, nothing: str) -> None:
    """Where a list is expected, null is an empty one."""
    rules = load_rules(
        own(
            tmp_path,
            f"touches: {nothing}\nopt_out_words: {nothing}\n"
            f"stages:\n  Working: {nothing}\nmessages:\n  opened: {nothing}",
        )
    )
    assert rules.touches == ()
    assert rules.opt_out_words == rules.opened == frozenset()
    assert {word for word, to in rules.stages.items() if to == "Working"} == {"working"}


def test_pipelines_without_a_value_are_all(tmp_path: Path) -> None:
    """Else no pipeline would count, and every prospect would lose its stage."""
    assert load_rules(own(tmp_path, "pipelines:")).pipelines is None


def test_one_name_without_a_list_is_a_mistake(tmp_path: Path) -> None:
    """`Working: Busy` is not read as the letters of Busy."""
    with pytest.raises(LoaderError, match="must be a list"):
        load_rules(own(tmp_path, "stages: {Working: Busy}"))


@pytest.mark.parametrize(("word", "value"), [("no", False), ("On", True)])
def test_yes_and_no_still_mean_it_where_they_are_asked_for(
    tmp_path: Path, word: str, value: bool
) -> None:
    """`calls` is the one switch of the file."""
    assert load_rules(own(tmp_path, f"calls: {word}")).calls is value


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("# mine\ncalls: maybe\n", "line 2, column 1, calls"),
        ("calls: true\n  \nstagse: {}", "line 3, column 1, stagse"),
        (
            "stages:\n  Sending: [X]\n  Working:\n    - y\n    - x\n",
            "line 5, column 7, stages.Working[2]",
        ),
        ("stages:\n  Working: Busy\n", "line 2, column 3, stages.Working"),
        (
            "messages:\n  types:\n    rcs: Fax\n",
            "line 3, column 5, messages.types.rcs",
        ),
        ("messages:\n  sent: yes\n", "line 2, column 3, messages.sent"),
        ("lead_source:\n  tags:\n    a: ''", "line 3, column 5, lead_source.tags.a"),
        ("roles:\n  a@x.com: abcdefghijklmnopqrstu\n", "line 2, column 3, roles.a@x"),
        (
            "loan_status:\n  - {status: A}\n  - {when: []}\n",
            "line 3, column 5, loan_status[2]",
        ),
        ("touches:\n  - {sequence: 1, event: 2}\n", "line 2, column 5, touches[1]"),
        ("touches: [hello]\n", "line 1, column 11, touches[1]"),
        ("touches: 5\n", "line 1, column 1, touches"),
        ("loan_status:\n  status: A\n", "line 1, column 1, loan_status"),
        ("time_zone: Mars\n", "line 1, column 1, time_zone"),
        ("calls: true\nroles: [a\n", "line 3, column 1"),
    ],
)
def test_a_mistake_names_its_line_and_key(
    tmp_path: Path, text: str, place: str
) -> None:
    """An editor can be sent there."""
    with pytest.raises(LoaderError, match=re.escape(place)):
        load_rules(own(tmp_path, text))
