"""What a record says about the borrower: details, tags and the lead source."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.server import FakeBonzo
from loader.errors import LoaderError
from loader.mapping.mapping_config import load_rules
from loader.mapping.rejects import Rejects
from tests.loader.conftest import Load
from tests.loader.records import prospect
from tests.loader.test_parsers import ANYTHING
from tests.loader.test_prospects import mapped

EMPTY = {
    "prospect_id": 1,
    "city": None,
    "state": None,
    "property_state": None,
    "time_zone": None,
    "credit_score": None,
    "loan_purpose": None,
    "loan_program": None,
}


def details(rejects: Rejects | None = None, **changes: Any) -> dict[str, Any]:
    """The row of prospect_details."""
    return mapped(prospect(1, **changes), rejects=rejects).details


def tags(value: Any, rejects: Rejects | None = None) -> list[str] | None:
    """The tags of a record that shows this value."""
    return mapped(prospect(1, tags=value), rejects=rejects).tags


def fields(rejects: Rejects) -> list[str | None]:
    """Which fields were noted."""
    return [item.field for item in rejects.items]


def test_details() -> None:
    """Each detail is read from where Bonzo shows it."""
    rejects = Rejects()
    row = details(
        rejects,
        city=" Springfield ",
        state="Illinois",
        timezone="America/Chicago",
        mortgage={
            "property_state": "wi",
            "credit_score": "0801",
            "loan_purpose": " Cash Out ",
            "loan_program": "FHA &amp; VA",
        },
    )
    assert row == {
        "prospect_id": 1,
        "city": "Springfield",
        "state": "IL",
        "property_state": "WI",
        "time_zone": "America/Chicago",
        "credit_score": 801,
        "loan_purpose": "Cash Out",
        "loan_program": "FHA & VA",
    }
    assert rejects.items == []


@pytest.mark.parametrize("nothing", [None, "", "  ", [], False])
def test_details_that_are_not_there(nothing: Any) -> None:
    """Every prospect has a row; what is empty is empty and nothing is noted."""
    rejects = Rejects()
    mortgage = dict.fromkeys(
        ("property_state", "credit_score", "loan_purpose", "loan_program"), nothing
    )
    row = details(
        rejects, city=nothing, state=nothing, timezone=nothing, mortgage=mortgage
    )
    assert row == EMPTY
    assert rejects.items == []
    assert details(mortgage=nothing) == EMPTY


def test_a_score_of_zero_is_none() -> None:
    """A number that nobody entered is empty, and not noted."""
    rejects = Rejects()
    assert details(rejects, mortgage={"credit_score": "0"}) == EMPTY
    assert rejects.items == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"state": "N/A"}, "state"),
        ({"state": "Ontario"}, "state"),
        ({"mortgage": {"property_state": "Mexico"}}, "property_state"),
        ({"timezone": "CST"}, "timezone"),
        ({"timezone": "america/chicago"}, "timezone"),
        ({"mortgage": {"credit_score": "900"}}, "credit_score"),
        ({"mortgage": {"credit_score": "Good"}}, "credit_score"),
        ({"city": [1]}, "city"),
    ],
)
def test_details_that_do_not_fit(changes: dict[str, Any], field: str) -> None:
    """They are empty and noted, each by itself, with the prospect."""
    rejects = Rejects()
    assert details(rejects, **changes) == EMPTY
    assert fields(rejects) == [field]
    assert {(r.resource, r.id) for r in rejects.items} == {("prospects", "1")}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([{"id": 88, "name": "refi"}, {"id": 89, "name": "va"}], ["refi", "va"]),
        (["refi", "va"], ["refi", "va"]),
        ({"88": "refi", "89": "va"}, ["refi", "va"]),
        ({"0": {"id": 88, "name": "refi"}, "2": {"name": "va"}}, ["refi", "va"]),
        ({"id": 88, "name": "refi"}, ["refi"]),
        ('["refi", "va"]', ["refi", "va"]),
        (["Refi", "refi", " REFI "], ["Refi"]),
        (["A &amp; B", "O&#43;I"], ["A & B", "O+I"]),
        (["  first \t time\nbuyer "], ["first time buyer"]),
        ([2026], ["2026"]),
        ([None, "", {"id": 4}, {"name": None}], []),
        ([], []),
        ({}, []),
        ("", []),
        (False, []),
        (None, None),
    ],
)
def test_tags(value: Any, expected: list[str] | None) -> None:
    """Every shape of tags is read; the first spelling of a name counts."""
    rejects = Rejects()
    assert tags(value, rejects) == expected
    assert rejects.items == []


def test_a_record_without_tags_says_nothing_about_them() -> None:
    """An absent key is not an empty list, which removes all."""
    record = prospect(1)
    record.pop("tags", None)
    assert mapped(record).tags is None


def test_long_tags_are_shortened_and_noted() -> None:
    """A tag of more than 100 characters is cut, so that it is shown all the same."""
    rejects = Rejects()
    assert tags(["x" * 101, "y" * 100], rejects) == ["x" * 99 + "…", "y" * 100]
    assert fields(rejects) == ["tags"]


@pytest.mark.parametrize("value", [7, "refi", 1.5, True])
def test_what_is_no_list_of_tags_changes_nothing(value: Any) -> None:
    """It is noted; the tags that are known stay."""
    rejects = Rejects()
    assert tags(value, rejects) is None
    assert fields(rejects) == ["tags"]


@given(ANYTHING)
def test_any_value_of_tags(value: Any) -> None:
    """Whatever stands there, tags fit their table and come once."""
    found = tags(value)
    if found is not None:
        assert all(0 < len(tag) <= 100 and tag == tag.strip() for tag in found)
        assert len({tag.casefold() for tag in found}) == len(found)


@given(st.lists(st.text(max_size=8)))
def test_the_shapes_of_tags_say_the_same(names: list[str]) -> None:
    """A list of records, of names, and an object of names by id are one thing."""
    records = [{"id": i, "name": name} for i, name in enumerate(names, 1)]
    by_id = {str(i): name for i, name in enumerate(names, 1)}
    assert tags(records) == tags(names) == tags(by_id)


@pytest.mark.parametrize(
    "word",
    ["null", "N/A", "n/a", "none", "None", "undefined", "Unknown", "-", "--", "0", " "],
)
def test_words_for_nothing_are_no_source(word: str) -> None:
    """The next field is asked; without one the lead has no source."""
    nothing = {"mortgage": {"lead_source": word}, "custom_source": word}
    assert mapped(prospect(1, **nothing, source="Radio")).source == "Radio"
    assert mapped(prospect(1, **nothing, source=word)).source is None


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("Smith &amp; Co", "Smith & Co"), ("A &#43; B", "A + B"), ("AT&T", "AT&T")],
)
def test_entities_in_names(typed: str, stored: str) -> None:
    """Names of every kind are shown as people write them."""
    found = mapped(
        prospect(
            1,
            first_name=typed,
            city=typed,
            mortgage={"lead_source": typed, "loan_type": typed, "loan_amount": 1},
            campaigns=[{"id": 7, "name": typed}],
            assigned_user={"id": 11, "name": f"Lee {typed}"},
            tags=[typed],
        )
    )
    assert found.row["first_name"] == found.source == stored
    assert found.details["city"] == stored
    assert found.loan is not None
    assert found.user is not None
    assert found.loan["loan_type"] == found.memberships[0].name == stored
    assert found.user.last_name == stored
    assert found.tags == [stored]


def test_a_stage_is_found_by_its_name_with_entities(tmp_path: Path) -> None:
    """The mapping file holds the name that people see in Bonzo."""
    path = tmp_path / "bonzo.yaml"
    path.write_text("stages: {Working: [Called & Texted]}\n")
    shown = {"id": 5, "name": "Called &amp; Texted"}
    assert mapped(prospect(1, pipeline_stage=shown), path).stage.name == "Working"


def test_tags_that_look_alike_are_one() -> None:
    """Without case, and however an accent is encoded."""
    assert mapped(prospect(1, tags=["Caf\u00e9", "CAFE\u0301", "x"])).tags == [
        "Caf\u00e9",
        "x",
    ]


def test_a_tag_without_what_cannot_be_stored() -> None:
    """The note says what was left out."""
    rejects = Rejects()
    assert mapped(prospect(1, tags=["V\x00A"]), rejects=rejects).tags == ["VA"]
    assert "cannot be stored" in rejects.items[0].reason


SOURCE_TAGS = """
lead_source:
  tags:
    zillow-premier: Zillow Premier
    Zillow*: Zillow
    "src: *": Tagged
"""


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (["ZILLOW-premier"], "Zillow Premier"),
        (["zillow-leads"], "Zillow"),
        (["zillow"], "Zillow"),
        # The file's order decides, not the prospect's.
        (["zillow", "zillow-premier"], "Zillow Premier"),
        (["src:  radio", "zillow b"], "Zillow"),
        (["src: radio"], "Tagged"),
        (["not zillow"], None),
        ([], None),
        (None, None),
    ],
)
def test_tags_as_sources(tmp_path: Path, shown: Any, expected: str | None) -> None:
    """Without a real source, the first tag of the file that matches names it."""
    path = tmp_path / "bonzo.yaml"
    path.write_text(SOURCE_TAGS)
    nameless = prospect(1, mortgage=None, source="webhook", tags=shown)
    assert mapped(nameless, path).source == expected
    named = prospect(1, mortgage=None, source="Radio", tags=shown)
    assert mapped(named, path).source == "Radio"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lead_source: {tags: [zillow]}", "lead_source.tags: tags must hold keys"),
        ("lead_source: {tags: {zillow: ''}}", "does not have 1 to 100 characters"),
    ],
)
def test_mistakes_in_the_tags_of_sources(
    tmp_path: Path, text: str, message: str
) -> None:
    """The sentence names the key."""
    path = tmp_path / "bonzo.yaml"
    path.write_text(text)
    with pytest.raises(LoaderError, match=message):
        load_rules(path)


def test_details_and_tags_are_stored(
    server: FakeBonzo, load: Load, rows: Callable[..., list[dict[str, Any]]]
) -> None:
    """They follow what Bonzo shows; a record without the key keeps its tags."""
    account = server.account
    account.put_prospect(
        prospect(1, state="Illinois", tags=[{"id": 1, "name": "refi"}, {"name": "va"}])
    )
    account.put_prospect(prospect(2, tags={"1": "refi"}))
    load()
    query = "select prospect_id, tag from prospect_tags order by 1, 2"
    stored = [(1, "refi"), (1, "va"), (2, "refi")]
    assert [tuple(row.values()) for row in rows(query)] == stored
    states = rows("select prospect_id, state from prospect_details order by 1")
    assert [tuple(row.values()) for row in states] == [(1, "IL"), (2, None)]
    assert load().changed == 0
    account.change_prospect(1, tags=["va"], state="WI")
    record = dict(account.prospects[2])
    del record["tags"]
    account.put_prospect(record)
    load()
    stored = [(1, "va"), (2, "refi")]
    assert [tuple(row.values()) for row in rows(query)] == stored
    account.change_prospect(2, tags=[])
    load()
    assert [tuple(row.values()) for row in rows(query)] == [(1, "va")]
