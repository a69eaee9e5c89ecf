"""Every field of every resource with every kind of nonsense in it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from demo.account import Account
from demo.server import FakeBonzo
from loader.bonzo.errors import BrokenAnswerError
from loader.bonzo.pages import to_page
from tests.loader.conftest import Load
from tests.loader.records import (
    at,
    campaign,
    listing,
    message,
    prospect,
    reply,
    when,
)

Rows = Callable[..., list[dict[str, Any]]]
Path = tuple[str | int, ...]
LATER = when(days=60)
MISSING = object()
NONSENSE: dict[str, Any] = {
    "missing": MISSING,
    "null": None,
    "true": True,
    "number": 7,
    "negative": -1,
    "zero": 0,
    "over int4": 2**31,
    "over int8": 2**63,
    "endless number": 10**300,
    "fraction": 1.5,
    "nan": float("nan"),
    "infinite": float("inf"),
    "empty": "",
    "blank": "  ",
    "long": "x" * 300,
    "huge": "y" * 20_000,
    "nul": "a\x00b",
    "surrogate": "a\ud83db",
    "year 0": "0000-01-01T00:00:00.000000Z",
    "year 9999": "9999-12-31T23:59:59.999999Z",
    "emoji": "Ada 🏡💬",
    "right to left": "\u202eعادة",
    "html": "<b>Ada</b> &amp; co",
    "sql": "'; drop table prospects; --",
    "list": [1, [2]],
    "record": {"id": {"id": 1}},
    "text": "text",
}


def paths(record: Any, path: Path = ()) -> Iterator[Path]:
    """Where a value stands in a record, records within it included."""
    inner = record.items() if isinstance(record, dict) else enumerate(record)
    for key, value in inner:
        yield (*path, key)
        if isinstance(value, dict | list) and value:
            yield from paths(value, (*path, key))


def broken(record: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """A copy of the record with the value put at the path."""
    record = copy.deepcopy(record)
    place: Any = record
    for key in path[:-1]:
        place = place[key]
    if value is MISSING:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return record


def full_prospect(prospect_id: int) -> dict[str, Any]:
    """A prospect in which every field that is read holds something."""
    return prospect(
        prospect_id,
        custom_source="Vendor",
        campaigns=[listing(71, at(0))],
        contact_information=[{"type": "email", "content": "other@example.com"}],
        opt_outs=["sms"],
        mortgage={
            "loan_amount": "350000",
            "new_loan_amount": "360000",
            "property_value": "500000",
            "loan_type": "Refinance",
            "loan_purpose": "Cash Out",
            "interest_rate": "6.5",
            "lead_source": "Vendor",
            "application_date": "2026-03-01",
            "close_date": "2026-04-01",
            "rate_is_locked": 1,
            "rate_lock_date": "2026-03-20",
        },
    )


class OddAccount(Account):
    """An account whose list holds records under any id, and without one."""

    def put_odd(self, number: int, record: dict[str, Any]) -> None:
        """Add a record under a number of ours, whatever its own id is."""
        self.prospects[number] = record
        self._order = None

    def newest_first(self) -> list[int]:
        return sorted(self.prospects, reverse=True)


@pytest.fixture
def odd(server: FakeBonzo) -> OddAccount:
    """The server's account, open to records without an id."""
    server.account = OddAccount(campaigns=[campaign(71, 710)])
    return server.account


def test_prospects(odd: OddAccount, load: Load, rows: Rows) -> None:
    """Rows in are rows stored plus whole rejects; a bad field costs itself alone."""
    template = full_prospect(1)
    cases = [
        (path, name) for path in paths(template) for name in NONSENSE if path != ("id",)
    ]
    for number, (path, name) in enumerate(cases, 1):
        record = broken({**template, "id": number}, path, NONSENSE[name])
        odd.put_odd(number, record)
        odd.put_message(message(number, number))
    without_id = [v for v in NONSENSE.values() if v not in (7,)]
    for number, value in enumerate(without_id, len(cases) + 1):
        odd.put_odd(number, broken({**template, "last_name": "x"}, ("id",), value))
    report = load(now=lambda: LATER, rechecks_per_run=0)
    assert report.outcome == "complete"
    assert report.prospects_read == len(cases) + len(without_id)
    assert report.rejected == len(without_id)
    assert report.prospects_stored == report.prospects_read - report.rejected
    stored = rows("select * from prospects order by prospect_id")
    assert [row["prospect_id"] for row in stored] == list(range(1, len(cases) + 1))
    assert len(rows("select 1 from touch_engagements")) == 2 * len(cases)
    for row, (path, _) in zip(stored, cases, strict=True):
        if path[0] != "last_name":
            assert row["last_name"] == template["last_name"]
    noted = rows("select id from loader.rejected_records where field is null")
    assert len(noted) == len(without_id)


def test_healed_prospects_leave_the_rejects(
    odd: OddAccount, server: FakeBonzo, load: Load, rows: Rows, database: str
) -> None:
    """What comes back in order is stored, and nothing is noted about it any more."""
    template = full_prospect(1)
    names = ("first_name", "email", "created_at", "mortgage", "campaigns", "id")
    for number, path in enumerate(names, 1):
        bad = {**template, "id": number, path: [{}] if path != "campaigns" else [[]]}
        odd.put_odd(number, bad)
        odd.put_message(message(number, number, event_date="never", created_at=None))
    report = load(now=lambda: LATER)
    assert report.rejected == 1
    assert report.noted >= 5
    for number in range(1, len(names) + 1):
        odd.put_prospect({**full_prospect(number), "updated_at": at(9)})
        odd.put_message(message(number, number))
    report = load(now=lambda: LATER)
    assert (report.open_rejected_records, report.open_rejected_fields) == (0, 0)
    assert rows("select 1 from loader.rejected_records") == []
    healed = rows("select count(*) from prospects where first_name is not null")
    assert healed == [{"count": len(names)}]


def test_messages(odd: OddAccount, load: Load, rows: Rows) -> None:
    """A bad field of a message costs neither the message nor its neighbors."""
    odd.put_prospect(prospect(1, campaigns=[listing(71, at(0))]))
    number = 0
    for template in (message(1, 1), reply(1, 1)):
        for path in paths(template):
            for value in NONSENSE.values():
                number += 1
                record = broken({**template, "id": number}, path, value)
                odd.messages.setdefault(1, []).append(record)
    report = load(now=lambda: LATER)
    assert report.outcome == "complete"
    whole = rows(
        "select count(*) from loader.rejected_records "
        "where resource = 'messages' and field is null"
    )
    assert whole == [{"count": report.rejected}]
    assert report.messages_read == report.messages_stored + report.rejected
    assert report.rejected > 0
    good = rows("select count(distinct engagement_id) from touch_engagements")
    assert good[0]["count"] > number / 2


def test_campaigns(odd: OddAccount, load: Load, rows: Rows) -> None:
    """A campaign is lost only without an id, and the load goes on."""
    template = campaign(1, 1)
    cases = [(p, v) for p in paths(template) for v in NONSENSE.values() if p != ("id",)]
    odd.campaigns.clear()
    for number, (path, value) in enumerate(cases, 1):
        record = campaign(number, 10_000 + number)
        odd.campaigns.append(broken(record, path, value))
    without_id = [MISSING, None, "x", -1, 2**31, [], {}]
    odd.campaigns.extend(broken(template, ("id",), value) for value in without_id)
    odd.campaigns.extend(["no record", None, 3])
    odd.put_prospect(prospect(1))
    report = load(now=lambda: LATER)
    assert report.outcome == "complete"
    assert report.rejected == len(without_id) + 3
    assert rows("select count(*) from campaigns") == [{"count": len(cases)}]


@pytest.mark.parametrize("body", [{"data": {"id": 1}}, {"data": 3}, "text", None, {}])
def test_answers_that_are_no_list(body: Any) -> None:
    """An answer that is no list is refused with a sentence."""
    with pytest.raises(BrokenAnswerError, match="not a list"):
        to_page(body, 1, "/prospects")


def test_originals_are_kept_readable(odd: OddAccount, load: Load, rows: Rows) -> None:
    """NUL, half characters and NaN are kept as text that shows them."""
    odd.put_prospect(
        prospect(1, first_name="a\x00b", last_name="a\ud83db", email=float("nan"))
    )
    load(now=lambda: LATER)
    rejects = rows("select field, original from loader.rejected_records order by field")
    assert [tuple(note.values()) for note in rejects] == [
        ("email", "NaN"),
        ("first_name", '"a\\u0000b"'),
        ("last_name", '"a\\ud83db"'),
    ]


def test_names_that_must_be_there_are_shortened(
    odd: OddAccount, load: Load, rows: Rows
) -> None:
    """A user, a source, a campaign keep a name, cut with an ellipsis and noted."""
    odd.campaigns[0] = campaign(71, 710, name="c" * 150)
    odd.put_prospect(
        prospect(
            1,
            assigned_user={"id": 11, "name": "u" * 60 + " " + "v" * 60},
            mortgage={"lead_source": "s" * 150},
        )
    )
    load(now=lambda: LATER)
    user = rows("select first_name, last_name from users")[0]
    assert user["first_name"] == "u" * 49 + "…"
    assert rows("select source_name from lead_sources") == [
        {"source_name": "s" * 99 + "…"}
    ]
    assert rows("select campaign_name from campaigns") == [
        {"campaign_name": "c" * 99 + "…"}
    ]
    fields = rows("select distinct resource from loader.rejected_records order by 1")
    assert [row["resource"] for row in fields] == ["campaigns", "prospects", "users"]


def test_nothing_odd_reaches_postgres_as_an_error(
    odd: OddAccount, load: Load, database: str
) -> None:
    """Loading nonsense twice changes no row the second time."""
    template = full_prospect(1)
    for number, (path, value) in enumerate(
        ((p, v) for p in paths(template) for v in list(NONSENSE.values())[::3]), 1
    ):
        if path != ("id",):
            odd.put_odd(number, broken({**template, "id": number}, path, value))
    load(now=lambda: LATER)
    report = load(now=lambda: LATER)
    assert report.changed == 0
    with psycopg.connect(database) as connection:
        count = connection.execute("select count(*) from prospects").fetchone()
    assert count == (report.prospects_stored,)


def test_a_field_with_a_million_faults_is_noted_a_hundred_times(
    odd: OddAccount, load: Load, rows: Rows
) -> None:
    """Its record costs itself, and no other one waits for its notes."""
    faulty = prospect(
        1,
        opt_outs=",".join(f"word{i}" for i in range(30_000)),
        tags=[[i] for i in range(5_000)],
        campaigns=[{"id": i + 1, "name": [i]} for i in range(5_000)],
    )
    odd.put_prospect(faulty)
    odd.put_prospect(prospect(2))
    assert load(now=lambda: LATER).outcome == "complete"
    noted = rows(
        "select field, count(*), max(reason) filter (where reason like '%not noted') "
        "is not null as is_said from loader.rejected_records group by 1 order by 1"
    )
    assert [tuple(row.values()) for row in noted] == [
        ("name", 100, True),
        ("opt_outs", 100, True),
        ("tags", 100, True),
    ]


def test_thousands_of_records_without_an_id_are_each_rejected(
    odd: OddAccount, load: Load, rows: Rows
) -> None:
    """Rows in are rows stored and whole rejects, however many there are."""
    odd.put_prospect(prospect(1))
    for number in range(20_000):
        odd.messages.setdefault(1, []).append({"id": None, "number": number})
    for day in (1, 2):
        odd.change_prospect(1, updated_at=at(day))
        report = load(now=lambda: LATER, per_page=1000)
        assert report.messages_read - report.messages_stored == 20_000
        assert rows("select count(*) from loader.rejected_records") == [
            {"count": 20_000}
        ]


def test_an_endless_name_of_a_stage_is_not_repeated(
    odd: OddAccount, load: Load, rows: Rows
) -> None:
    """A warning is a line, whatever Bonzo calls a stage."""
    odd.put_prospect(prospect(1, pipeline_stage={"id": 1, "name": "x" * 100_000}))
    report = load(now=lambda: LATER)
    assert "Stages without a mapping" in report.warnings[0]
    assert all(len(warning) < 300 for warning in report.warnings)
