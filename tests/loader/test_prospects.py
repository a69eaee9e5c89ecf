"""What a prospect's record becomes."""

from __future__ import annotations

from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loader.mapping.mapping_config import load_rules
from loader.mapping.prospects import Mapper, Prospect
from loader.mapping.record_reader import Rejects
from loader.mapping.stages import Stage, StageRegistry
from tests import schema
from tests.loader.records import at, listing, prospect, when
from tests.loader.test_parsers import ANYTHING

STAGES = [Stage(i, name, i == 9) for i, name in enumerate(schema.STAGES, 1)]
TODAY = date(2026, 4, 1)
RULES = load_rules()


def mapped(
    record: Any, path: Path | None = None, rejects: Rejects | None = None
) -> Prospect:
    """The record in our shape, by the default rules or a file's."""
    rules = load_rules(path)
    mapper = Mapper(rules, StageRegistry(STAGES, rules), TODAY)
    found = mapper.map(record, rejects if rejects is not None else Rejects())
    assert found is not None
    return found


def loan(**mortgage: Any) -> dict[str, Any]:
    """The loan of a prospect with this mortgage record."""
    found = mapped(prospect(1, mortgage=mortgage)).loan
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("+12025550142", "+12025550142"),
        ("(202) 555-0142", "+12025550142"),
        ("202.555.0142", "+12025550142"),
        (2025550142, "+12025550142"),
        ("+44 20 7946 0018", "+442079460018"),
        ("+1202555014\uff12", "+12025550142"),
        ("\u202a(202) 555-0142\u202c", "+12025550142"),
        ("555-1234", "555-1234"),
        ("ask his wife", "ask his wife"),
        ("x" * 21, None),
        (None, None),
    ],
)
def test_phones(typed: Any, stored: str | None) -> None:
    """E.164 where the number parses, else as typed if it fits."""
    assert mapped(prospect(1, phone=typed)).row["phone"] == stored


def test_contact_details_fall_back_to_the_contact_list() -> None:
    """A list row may lack what the contact list has."""
    contacts = [
        {"type": "phone", "content": "202 555 0142"},
        {"type": "email", "content": "ada@example.com"},
    ]
    row = mapped(prospect(1, email=None, phone="", contact_information=contacts)).row
    assert (row["email"], row["phone"]) == ("ada@example.com", "+12025550142")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"mortgage": {"lead_source": " Zillow "}, "source": "Other"}, "Zillow"),
        ({"mortgage": {"lead_source": ""}, "custom_source": "Radio"}, "Radio"),
        ({"mortgage": None, "source": "Facebook  Ads"}, "Facebook Ads"),
        ({"mortgage": None, "source": "webhook"}, None),
        ({"mortgage": {"lead_source": "API"}, "source": "Zillow"}, "Zillow"),
        ({"mortgage": None, "source": None}, None),
    ],
)
def test_lead_sources(changes: dict[str, Any], expected: str | None) -> None:
    """The vendor that was typed, then the custom source, then the channel."""
    assert mapped(prospect(1, **changes)).source == expected


def test_missing_times_stay_missing() -> None:
    """The load's time never stands in for Bonzo's."""
    row = mapped(prospect(1, created_at=None, updated_at="soon")).row
    assert (row["created_at"], row["updated_at"]) == (None, None)


@pytest.mark.parametrize(
    ("value", "expected"), [(True, True), ("0", False), (None, None), ("x", None)]
)
def test_do_not_call(value: Any, expected: bool | None) -> None:
    """Unknown is neither yes nor no."""
    assert mapped(prospect(1, do_not_call=value)).row["do_not_call"] is expected


def test_only_chosen_pipelines_give_a_stage(tmp_path: Path) -> None:
    """A prospect in another pipeline has no stage, and that is no mistake."""
    path = tmp_path / "bonzo.yaml"
    path.write_text("pipelines: [Main]\n")
    rejects = Rejects()
    other = prospect(1, pipeline={"id": 2, "name": "Hiring"})
    assert mapped(other, path, rejects).stage is None
    assert mapped(prospect(2), path, rejects).stage == STAGES[2]
    assert rejects.items == []


@pytest.mark.parametrize("shown", [12, "12", 12.0])
def test_pipelines_are_chosen_by_id_too(tmp_path: Path, shown: object) -> None:
    """However the record spells the number."""
    path = tmp_path / "bonzo.yaml"
    path.write_text("pipelines: [12]\n")
    inside = prospect(1, pipeline={"id": shown, "name": "Main"})
    assert mapped(inside, path).stage == STAGES[2]
    assert mapped(prospect(2), path).stage is None


@pytest.mark.parametrize(
    "sign",
    [
        {"loan_amount": "1"},
        {"new_loan_amount": "1"},
        {"application_date": "2026-01-01"},
        {"rate_lock_date": "2026-01-01"},
        {"close_date": "2026-01-01"},
    ],
)
def test_a_loan_needs_one_sign(sign: dict[str, Any]) -> None:
    """Any of the five makes a loan."""
    assert loan(**sign)["loan_id"] == 1


@pytest.mark.parametrize(
    "mortgage",
    [
        None,
        {},
        [],
        False,
        {"loan_amount": "", "close_date": None},
        {"property_value": "500000"},
        {"loan_amount": "0"},
        {"loan_amount": 0, "new_loan_amount": "0.00", "interest_rate": "6.5"},
        {"close_date": "1970-01-01"},
        {"close_date": "12/31/1969", "application_date": "1899-12-30"},
        {"rate_lock_date": "0000-00-00", "loan_amount": []},
        {"application_date": ""},
        {"close_date": 0, "rate_lock_date": "0", "application_date": 0.0},
        {"close_date": "N/A", "loan_amount": "none"},
        {"loan_amount": "-", "new_loan_amount": "Unknown", "rate_lock_date": "null"},
    ],
)
def test_without_a_sign_there_is_no_loan(mortgage: dict[str, Any] | None) -> None:
    """What vendors send along with a lead is none."""
    assert mapped(prospect(1, mortgage=mortgage)).loan is None


@pytest.mark.parametrize(
    ("mortgage", "expected"),
    [
        ({"close_date": "2026-03-31"}, "Closed"),
        ({"close_date": "2026-04-01"}, "Pending"),
        ({"close_date": "2026-04-01", "rate_is_locked": 1}, "Approved"),
        ({"loan_amount": "1", "rate_is_locked": "Yes"}, "Approved"),
        ({"rate_lock_date": "2026-03-01"}, "Approved"),
        ({"rate_lock_date": "2026-05-01"}, "Pending"),
        ({"loan_amount": "1"}, "Pending"),
    ],
)
def test_loan_statuses(mortgage: dict[str, Any], expected: str) -> None:
    """Closed by a past day, approved by a lock, else pending."""
    assert loan(**mortgage)["status"] == expected


def test_what_was_entered_and_cannot_be_read_is_a_sign() -> None:
    """Somebody meant a loan, whose amount or date is noted."""
    assert loan(close_date="TBD")["status"] == "Pending"
    assert loan(loan_amount="350K")["loan_amount"] is None


def test_own_rules_of_a_loans_status(tmp_path: Path) -> None:
    """Rules hold in order, on words of the mortgage, the status or the stage."""
    path = tmp_path / "bonzo.yaml"
    path.write_text(
        "loan_status:\n"
        "  - {status: Denied, when: [{current_step: [Denied, Sent & Lost]}]}\n"
        "  - {status: Lost, when: [{custom_status: [Gone]}, {stage: [working]}]}\n"
        "  - {status: Open}\n"
    )

    def status(**changes: Any) -> str:
        mortgage = {"loan_amount": "1", **changes.pop("mortgage", {})}
        found = mapped(prospect(1, mortgage=mortgage, **changes), path).loan
        assert found is not None
        return found["status"]

    assert status(mortgage={"current_step": "DENIED"}) == "Denied"
    assert status(mortgage={"current_step": "Sent &amp; Lost"}) == "Denied"
    assert status(custom_status={"id": 1, "name": "gone"}) == "Lost"
    assert (
        status(custom_status={"id": 1, "name": "gone"}, pipeline_stage=None) == "Open"
    )


def test_a_loans_times_are_never_the_loads() -> None:
    """Applied, else created; changed when the prospect was."""
    found = loan(loan_amount="1")
    assert (found["created_at"], found["updated_at"]) == (when(), when(1))
    found = loan(application_date="2026-02-01")
    assert found["created_at"] == datetime(2026, 2, 1, tzinfo=timezone.utc)


def test_an_empty_amount_beside_other_fields() -> None:
    """Zero is an amount that nobody entered."""
    found = loan(
        loan_amount=0, property_value="0", interest_rate="0", close_date="2026-05-01"
    )
    assert found["loan_amount"] is found["property_value"] is None
    assert found["interest_rate"] is None
    assert loan(loan_amount="0", new_loan_amount="2")["loan_amount"] == 2
    assert loan(close_date="2026-05-01", property_value=0, purchase_price=3)[
        "property_value"
    ] == Decimal(3)


@pytest.mark.parametrize(
    "typed", ["350.000,00", "350000,00", "$1,400,00.00", "350.000"]
)
@pytest.mark.parametrize(
    "field", ["loan_amount", "new_loan_amount", "property_value", "purchase_price"]
)
def test_amounts_of_two_meanings(field: str, typed: str) -> None:
    """They are noted and left empty, and a loan is still a loan."""
    rejects = Rejects()
    record = prospect(1, mortgage={"close_date": "2026-05-01", field: typed})
    found = mapped(record, rejects=rejects)
    assert found.loan["loan_amount"] is found.loan["property_value"] is None
    assert [(r.resource, r.field) for r in rejects.items] == [("loans", field)]
    if field.endswith("loan_amount"):
        assert loan(**{field: typed})["status"] == "Pending"


def test_a_rate_with_a_comma() -> None:
    """A comma in a rate is noted, never a separator of thousands."""
    rejects = Rejects()
    mortgage = {"loan_amount": 1, "interest_rate": "6,875"}
    found = mapped(prospect(1, mortgage=mortgage), rejects=rejects)
    assert found.loan["interest_rate"] is None
    assert [r.field for r in rejects.items] == ["interest_rate"]


@pytest.mark.parametrize(
    "early", ["1970-01-01", "12/31/1969", "1899-12-30", "1900-01-01"]
)
@pytest.mark.parametrize("field", ["close_date", "rate_lock_date", "application_date"])
def test_dates_before_this_business(field: str, early: str) -> None:
    """They are noted, close no loan and lock no rate."""
    rejects = Rejects()
    mortgage = {"loan_amount": "1", field: early}
    found = mapped(prospect(1, mortgage=mortgage), rejects=rejects)
    assert found.loan["status"] == "Pending"
    assert found.loan["created_at"] == when()
    assert set(list(found.loan_dates.values())[1:]) == {None}
    assert {r.field for r in rejects.items} == {field}


@pytest.mark.parametrize("field", ["created_at", "updated_at", "stage_assigned_at"])
def test_times_before_this_business(field: str) -> None:
    """Any time field is empty where it holds epoch zero, and noted."""
    rejects = Rejects()
    record = prospect(1, **{field: "1970-01-01T00:00:00.000000Z"})
    found = mapped(record, rejects=rejects)
    times = {**found.row, "stage_assigned_at": found.stage_entered_at}
    assert times[field] is None
    assert [r.field for r in rejects.items] == [field]


@pytest.mark.parametrize(
    "empty",
    [
        {"mortgage": []},
        {"pipeline": [], "pipeline_stage": []},
        {"pipeline": {}, "pipeline_stage": False},
        {"assigned_user": [], "assigned_to": 0},
        {"assigned_user": {}, "assigned_to": "0"},
        {"campaigns": {}},
        {"campaigns": None},
        {"campaigns": False, "tags": False, "opt_outs": False},
        {"contact_information": {}, "email": [], "phone": False},
        {"first_name": [], "last_name": {}},
        {"created_at": [], "updated_at": False, "stage_assigned_at": {}},
        {"created_at": 0, "updated_at": "0", "stage_assigned_at": 0},
        {"pipeline_stage": "0"},
        {"campaigns": [{"id": None, "name": None}, {"id": 0, "name": ""}]},
        {"mortgage": {"close_date": 0, "application_date": "0"}},
        {"do_not_call": [], "opt_outs": {}},
        {"mortgage": {"loan_amount": [], "close_date": {}, "rate_is_locked": []}},
    ],
)
def test_the_empties_of_php(empty: dict[str, Any]) -> None:
    """An empty array, `false` or 0 in place of nothing is nothing, and not noted."""
    rejects = Rejects()
    found = mapped(prospect(1, **empty), rejects=rejects)
    nothing = mapped(prospect(1, **dict.fromkeys(empty)))
    assert rejects.items == []
    assert found.row == nothing.row
    assert (found.loan, found.user, found.stage) == (
        nothing.loan,
        nothing.user,
        nothing.stage,
    )
    assert found.memberships == nothing.memberships


@pytest.mark.parametrize(
    "shown",
    [
        [{"id": 7, "name": "Opener"}, {"id": "8", "name": "Other"}],
        {"0": {"id": 7, "name": "Opener"}, "2": {"id": 8, "name": "Other"}},
        {"7": "Opener", "8": "Other"},
    ],
)
def test_shapes_of_campaigns(shown: Any) -> None:
    """A list, a filtered list, and names by id as event hooks have them."""
    found = mapped(prospect(1, campaigns=shown)).memberships
    assert [(m.key, m.name, m.start) for m in found] == [
        ("7", "Opener", None),
        ("8", "Other", None),
    ]
    assert len(mapped(prospect(1, campaigns={"id": 7, "name": "A"})).memberships) == 1


@pytest.mark.parametrize("shown", [[{"name": "A"}], {"7": {"id": None, "name": "A"}}])
def test_a_campaign_without_an_id_is_noted(shown: Any) -> None:
    """It cannot be stored, so the load says that it is missing."""
    rejects = Rejects()
    assert mapped(prospect(1, campaigns=shown), rejects=rejects).memberships == []
    assert [(r.field, r.reason) for r in rejects.items] == [
        ("campaigns", "a campaign has no id")
    ]


def test_a_campaign_that_is_shown_twice_keeps_both_starts() -> None:
    """Each start is an enrollment of its own."""
    shown = [listing(7, at(1)), listing(7, at(2)), listing(7, at(1)), listing(7)]
    found = mapped(prospect(1, campaigns=shown)).memberships
    assert [m.start for m in found] == [when(1), when(2), None]


@pytest.mark.parametrize("depth", [980, 100_000])
@pytest.mark.parametrize("field", ["opt_outs", "campaigns", "updated_at"])
def test_a_record_that_is_nested_too_deeply(field: str, depth: int) -> None:
    """It alone is rejected, with one note."""
    deep: Any = []
    for _ in range(depth):
        deep = [deep]
    rejects = Rejects()
    mapper = Mapper(RULES, StageRegistry(STAGES, RULES), TODAY)
    assert mapper.map(prospect(1, **{field: deep}), rejects) is None
    assert [(r.id, r.field) for r in rejects.items] == [("1", None)]
    assert mapper.map(prospect(2), rejects) is not None


@pytest.mark.parametrize("depth", [60, 400, 980, 100_000])
@pytest.mark.parametrize("field", ["opt_outs", "tags"])
def test_json_in_a_text_that_is_nested_too_deeply(field: str, depth: int) -> None:
    """It costs its field alone: the prospect is stored, and the field is noted."""
    rejects = Rejects()
    found = mapped(prospect(1, **{field: "[" * depth + "]" * depth}), rejects=rejects)
    assert not found.opted_out
    assert {r.field for r in rejects.items} == {field}


def test_words_of_opt_outs_that_are_not_understood_are_noted() -> None:
    """The prospect has not opted out, and the load says why not."""
    rejects = Rejects()
    found = mapped(prospect(1, opt_outs=["pigeon"]), rejects=rejects)
    assert not found.opted_out
    assert [r.field for r in rejects.items] == ["opt_outs"]
    assert mapped(prospect(1, opt_outs='["sms"]')).opted_out


def test_the_second_choice_of_amounts_and_type() -> None:
    """New amount, purchase price and purpose stand in for what is missing."""
    found = loan(new_loan_amount="2", purchase_price="3", loan_purpose="Purchase")
    assert (found["loan_amount"], found["property_value"]) == (2, 3)
    assert found["loan_type"] == "Purchase"


def test_the_fingerprint_follows_what_matters() -> None:
    """Bonzo's own counters and the like do not have messages read again."""
    base = mapped(prospect(1)).fingerprint
    assert mapped(prospect(1, tasks_due_today_count="4")).fingerprint == base
    for changes in ({"updated_at": at(2)}, {"stage_assigned_at": at(2)}):
        assert mapped(prospect(1, **changes)).fingerprint != base


@settings(max_examples=200)
@given(st.dictionaries(st.sampled_from(sorted(prospect(1))), ANYTHING))
def test_no_record_breaks_the_mapper(changes: dict[str, Any]) -> None:
    """Whatever stands in a record, it is mapped, or rejected with one note."""
    rejects = Rejects()
    mapper = Mapper(RULES, StageRegistry(STAGES, RULES), TODAY)
    found = mapper.map({**prospect(1), **changes}, rejects)
    assert (found is None) == (rejects.rejected == 1)
