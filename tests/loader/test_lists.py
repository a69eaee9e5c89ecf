"""Every list is read to its end, however it is paged, or says what is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from demo.account import Account
from demo.faults import Fault
from demo.routes import Options
from demo.server import FakeBonzo
from demo.shapes import SHAPES
from loader.bonzo.client import BonzoClient
from tests.loader.conftest import Load
from tests.loader.records import campaign, listing, message, prospect, when
from tests.quick_settings import quick_settings

Rows = Callable[..., list[dict[str, Any]]]
LATER = when(days=60)
PROSPECTS, MESSAGES, CAMPAIGNS, PIPELINES = 23, 17, 12, 11
PER_PAGE = 5
# The prospect with all the messages.
TALKER = 1
LISTS = {
    "prospects": r"/prospects\?",
    "communication": rf"/prospects/{TALKER}/communication",
    "campaigns": "/campaigns",
    "pipelines": "/pipelines",
}
PATHS = {
    "prospects": "/prospects",
    "communication": f"/prospects/{TALKER}/communication",
    "campaigns": "/campaigns",
    "pipelines": "/pipelines",
}
SIZES = {
    "prospects": PROSPECTS,
    "communication": MESSAGES,
    "campaigns": CAMPAIGNS,
    "pipelines": PIPELINES,
}


@pytest.fixture
def account(server: FakeBonzo) -> Account:
    """Enough of everything for three pages and more of each list."""
    account = server.account
    account.campaigns += [campaign(70 + i, 700 + i) for i in range(CAMPAIGNS)]
    for i in range(PIPELINES):
        stages = [{"id": 900 + i, "name": "Working", "pipeline_id": i + 1}]
        account.pipelines.append({"id": i + 1, "name": f"P{i}", "stages": stages})
    for i in range(1, PROSPECTS + 1):
        account.put_prospect(
            prospect(
                i,
                campaigns=[listing(70)],
                # Known by its id alone, from the last page of the pipelines.
                pipeline_stage={"id": 900 + PIPELINES - 1, "name": None},
            )
        )
    for k in range(MESSAGES):
        account.put_message(message(1000 + k, TALKER, sequence_id=700, event_id=k + 1))
    server.options = Options(messages_per_page=PER_PAGE)
    return account


def check_whole(rows: Rows) -> None:
    """Everything that the account holds is in the database."""
    for table, count in (
        ("prospects", PROSPECTS),
        ("campaigns", CAMPAIGNS),
        ("prospects where qualification_stage_id is not null", PROSPECTS),
        ("touch_engagements where engagement_type = 'Sent'", MESSAGES),
    ):
        found = rows(f"select count(*) as n from {table}")[0]["n"]
        assert found == count, table


@pytest.mark.parametrize("shape", SHAPES)
def test_a_list_in_any_shape_is_read_whole(
    account: Account, server: FakeBonzo, load: Load, rows: Rows, shape: str
) -> None:
    """Numbers, cursors, bare arrays, objects: the same rows, nothing asked in vain."""
    server.options = replace(server.options, shape=shape)
    report = load(per_page=PER_PAGE, now=lambda: LATER)
    # An array of more rows than were asked for is everything there is.
    assert (report.outcome, report.warnings) == ("complete", [])
    check_whole(rows)
    asked = Counter(server.log)
    assert set(asked.values()) == {1}, "a page was asked for twice"
    counts_pages = shape in ("numbered", "flat", "simple", "cursor", "object")
    if counts_pages:
        assert server.requests["prospects"] == -(-PROSPECTS // PER_PAGE)
        assert server.requests["campaigns"] == -(-CAMPAIGNS // PER_PAGE)
        assert server.requests["pipelines"] == -(-PIPELINES // PER_PAGE)
    before = rows("select xmin::text, * from prospects order by prospect_id")
    assert load(per_page=PER_PAGE, now=lambda: LATER).changed == 0
    assert rows("select xmin::text, * from prospects order by prospect_id") == before


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("shape", ["numbered", "flat", "simple", "cursor"])
def test_a_page_that_comes_empty_once_is_read_again(
    account: Account, server: FakeBonzo, shape: str, name: str
) -> None:
    """One bad answer in the middle of any list loses nothing and is no problem."""
    server.options = replace(server.options, shape=shape)

    def empty(body: dict[str, Any]) -> dict[str, Any]:
        return {**body, "data": []}

    fault = Fault("edit", PATHS[name], after=1, edit=empty)
    server.faults.add(fault)
    client = BonzoClient(quick_settings(server, per_page=PER_PAGE))
    whole = client.read_list(PATHS[name])
    assert fault.hits == 1
    assert whole.problems == []
    assert len(whole.items) == SIZES[name]


@pytest.mark.parametrize("name", LISTS)
def test_a_stale_page_is_read_again(
    account: Account, server: FakeBonzo, name: str
) -> None:
    """A page that says it is another one is not taken for the one asked for."""
    server.faults.add(Fault("repeat", PATHS[name] + r".*\bpage=2\b"))
    client = BonzoClient(quick_settings(server, per_page=PER_PAGE))
    whole = client.read_list(PATHS[name])
    assert whole.problems == []
    assert len(whole.items) == SIZES[name]


@pytest.mark.parametrize("name", LISTS)
def test_rows_that_slide_back_are_met(
    account: Account, server: FakeBonzo, name: str
) -> None:
    """What is deleted from a page already read moves others there: read it again."""

    def delete() -> None:
        if name == "prospects":
            for victim in account.newest_first()[:3]:
                account.remove_prospect(victim)
        elif name == "communication":
            for row in list(account.messages_of(TALKER))[:3]:
                account.remove_message(TALKER, row["id"])
        else:
            del getattr(account, name)[:3]

    # Two pages on, so that the read-ahead has not passed it yet.
    server.faults.before(PATHS[name] + r".*\bpage=3\b", delete)
    client = BonzoClient(quick_settings(server, per_page=PER_PAGE))
    whole = client.read_list(PATHS[name])
    assert whole.problems == []
    # Those that went had been met already; none of those that stay is missing.
    assert len(whole.items) == SIZES[name]


@pytest.mark.parametrize("name", LISTS)
def test_a_total_that_is_too_large_is_said(
    account: Account, server: FakeBonzo, name: str
) -> None:
    """Bonzo says more than can be found: the sentence has both numbers."""
    more = SIZES[name] + 2

    def claim(body: dict[str, Any]) -> dict[str, Any]:
        body["meta"]["total"] = more
        return body

    server.faults.add(Fault("edit", PATHS[name], times=None, edit=claim))
    client = BonzoClient(quick_settings(server, per_page=PER_PAGE))
    whole = client.read_list(PATHS[name])
    assert whole.problems[-1] == (
        f"Bonzo says {more}, {SIZES[name]} different ones were found"
    )
    assert len(whole.items) == SIZES[name]


@pytest.mark.parametrize("name", LISTS)
def test_a_total_that_is_too_small_ends_nothing(
    account: Account, server: FakeBonzo, name: str
) -> None:
    """Pages are read as long as there are some, whatever the total says."""

    def claim(body: dict[str, Any]) -> dict[str, Any]:
        body["meta"].update(total=3, last_page=1)
        return body

    server.faults.add(Fault("edit", PATHS[name], times=None, edit=claim))
    client = BonzoClient(quick_settings(server, per_page=PER_PAGE))
    assert len(client.read_list(PATHS[name]).items) >= PER_PAGE


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("shape", ["bare", "simple", "cursor"])
def test_a_service_that_ignores_the_page_is_asked_once_in_vain(
    account: Account, server: FakeBonzo, shape: str, name: str
) -> None:
    """The same page again ends the reading, with a sentence where more was promised."""
    rows = [{"id": i} for i in range(1, PER_PAGE + 1)]
    link = f"{server.url}{PATHS[name]}?"
    bodies = {
        "bare": lambda number: rows,
        "simple": lambda number: {
            "data": rows,
            "links": {"next": f"{link}page={number + 1}"},
        },
        "cursor": lambda number: {
            "data": rows,
            "links": {"next": f"{link}cursor=c{number}"},
        },
    }
    asked = iter(range(1, 1000))
    server.faults.add(
        Fault(
            "edit",
            PATHS[name],
            times=None,
            edit=lambda body: bodies[shape](next(asked)),
        )
    )
    client = BonzoClient(quick_settings(server, per_page=PER_PAGE))
    whole = client.read_list(PATHS[name])
    # An array alone is whole: only its length made it look like a page.
    expected = [] if shape == "bare" else ["page 2 repeats the page before"]
    assert whole.problems == expected
    assert len(whole.items) == PER_PAGE
    assert client.sent == 2


@pytest.mark.parametrize("count", [10, 15, 25, 100])
def test_messages_in_one_piece_may_be_as_many_as_a_page_holds(
    server: FakeBonzo, load: Load, rows: Rows, count: int
) -> None:
    """A healthy list of any length is complete, without a warning or a second read."""
    server.account.put_prospect(prospect(1))
    for k in range(count):
        server.account.put_message(message(1000 + k, 1, event_id=k + 1))
    report = load(now=lambda: LATER)
    assert (report.outcome, report.warnings) == ("complete", [])
    sent = "select 1 from touch_engagements where engagement_type = 'Sent'"
    assert len(rows(sent)) == count
    load(now=lambda: LATER)
    assert server.requests["communication"] == 0


def test_cursors_that_lead_in_a_circle_end(account: Account, server: FakeBonzo) -> None:
    """Two pages that point at each other are read once each."""
    pages = {"": (1, "b"), "a": (1, "b"), "b": (2, "a")}

    def edit(body: dict[str, Any]) -> dict[str, Any]:
        cursor = server.log[-1].rpartition("cursor=")[2] if server.log[1:] else ""
        number, following = pages.get(cursor[:1], pages[""])
        rows = [{"id": 10 * number + i} for i in range(3)]
        link = f"{server.url}/campaigns?cursor={following}"
        return {"data": rows, "links": {"next": link}}

    server.faults.add(Fault("edit", "/campaigns", times=None, edit=edit))
    client = BonzoClient(quick_settings(server))
    whole = client.read_list("/campaigns")
    assert len(whole.items) == 6
    assert len(whole.problems) == 1
    assert client.sent <= 4


def test_a_next_page_at_another_host_is_not_asked(
    account: Account, server: FakeBonzo, load: Load
) -> None:
    """The token stays where it was given for, and the run says what it did not read."""
    with FakeBonzo(account, token=server.token) as other:
        server.options = replace(server.options, shape="cursor")

        def elsewhere(body: dict[str, Any]) -> dict[str, Any]:
            body["links"]["next"] = f"{other.url}/prospects?cursor=MDAy"
            return body

        server.faults.add(Fault("edit", r"/prospects\?", times=None, edit=elsewhere))
        report = load(per_page=PER_PAGE, now=lambda: LATER)
        assert (other.log, other.authorizations) == ([], set())
    assert report.outcome == "partial"
    assert any("another host (127.0.0.1)" in text for text in report.warnings)


@pytest.mark.parametrize("spelling", ["http://{}", "relative", "query"])
def test_a_link_may_be_spelled_in_other_ways(
    account: Account, server: FakeBonzo, spelling: str
) -> None:
    """A link with the path alone, or the query alone, leads to the same page."""
    server.options = replace(server.options, shape="cursor")

    def respell(body: dict[str, Any]) -> dict[str, Any]:
        link = body["links"]["next"]
        if link and spelling == "relative":
            body["links"]["next"] = link.removeprefix(server.address)
        elif link and spelling == "query":
            body["links"]["next"] = "?" + link.partition("?")[2]
        return body

    server.faults.add(Fault("edit", "/campaigns", times=None, edit=respell))
    client = BonzoClient(quick_settings(server, per_page=PER_PAGE))
    whole = client.read_list("/campaigns")
    assert (len(whole.items), whole.problems) == (CAMPAIGNS, [])


@pytest.mark.parametrize("link", ["http://[::1", "http://h:x/?cursor=1", 5, True, [1]])
def test_a_link_that_cannot_be_read_is_no_traceback(
    account: Account, server: FakeBonzo, link: object
) -> None:
    """The numbers of the pages do."""

    def spoil(body: dict[str, Any]) -> dict[str, Any]:
        body["links"]["next"] = link if body["links"]["next"] else None
        return body

    server.faults.add(Fault("edit", "/campaigns", times=None, edit=spoil))
    client = BonzoClient(quick_settings(server, per_page=PER_PAGE))
    assert len(client.read_list("/campaigns").items) == CAMPAIGNS


# --- what a load makes of it -------------------------------------------------


def test_an_account_without_prospects_is_complete(
    server: FakeBonzo, load: Load
) -> None:
    """`last_page: 0` and `total: 0` are an empty list, not a broken one."""

    def laravel(body: dict[str, Any]) -> dict[str, Any]:
        body["meta"].update(last_page=0, total=0)
        return body

    server.faults.add(
        Fault("edit", r"/prospects\?|/campaigns", times=None, edit=laravel)
    )
    report = load()
    assert (report.outcome, report.prospects_read, report.warnings) == (
        "complete",
        0,
        [],
    )
    assert server.requests == {"campaigns": 1, "prospects": 1}


def test_prospects_that_shifted_out_of_sight_make_the_run_partial(
    server: FakeBonzo, load: Load
) -> None:
    """Pages [1, 2], [2, 3], [4] of a total of 5: one is missing, and said to be."""
    for i in range(1, 6):
        server.account.put_prospect(prospect(i))
    shown = {1: [1, 2], 2: [2, 3], 3: [4]}

    def shift(body: dict[str, Any]) -> dict[str, Any]:
        ids = shown[body["meta"]["current_page"]]
        return {**body, "data": [server.account.prospects[i] for i in ids]}

    server.faults.add(Fault("edit", r"/prospects\?", times=None, edit=shift))
    report = load(per_page=2)
    assert report.outcome == "partial"
    assert report.prospects_stored == 4
    assert "Bonzo says 5, 4 different ones were found" in " ".join(report.warnings)
    server.faults.clear()
    report = load(per_page=2)
    assert (report.outcome, report.prospects_stored) == ("complete", 5)


def test_a_total_that_counts_more_is_partial(server: FakeBonzo, load: Load) -> None:
    """280 are told of, 250 can be reached: partial, however often one reads."""
    for i in range(1, 26):
        server.account.put_prospect(prospect(i))

    def claim(body: dict[str, Any]) -> dict[str, Any]:
        body["meta"]["total"] = 28
        return body

    server.faults.add(Fault("edit", r"/prospects\?", times=None, edit=claim))
    report = load(per_page=10)
    assert (report.outcome, report.prospects_stored) == ("partial", 25)
    assert "Bonzo says 28, 25 different ones were found" in " ".join(report.warnings)


def test_a_row_twice_in_one_page_is_no_missing_row(
    server: FakeBonzo, load: Load
) -> None:
    """A join that doubles a prospect doubles it in the total, too: complete."""
    for i in range(1, 5):
        server.account.put_prospect(prospect(i))

    def double(body: dict[str, Any]) -> dict[str, Any]:
        body["data"].append(body["data"][0])
        body["meta"]["total"] += 1
        return body

    server.faults.add(Fault("edit", r"/prospects\?", times=None, edit=double))
    report = load()
    assert (report.outcome, report.prospects_stored) == ("complete", 4)


def test_rows_without_an_id_are_no_missing_rows(server: FakeBonzo, load: Load) -> None:
    """They are rejected one by one, and the list is complete."""
    server.account.put_prospect(prospect(1))

    def add(body: dict[str, Any]) -> dict[str, Any]:
        body["data"] += [None, None, {"id": "x"}]
        body["meta"]["total"] += 3
        return body

    server.faults.add(Fault("edit", r"/prospects\?", times=None, edit=add))
    assert load().outcome == "complete"


def test_a_growing_list_is_complete(server: FakeBonzo, load: Load) -> None:
    """A prospect that comes in with every request is for the next run."""
    for i in range(1, 21):
        server.account.put_prospect(prospect(i))
    fresh = iter(range(1000, 2000))

    def create() -> None:
        number = next(fresh)
        server.account.put_prospect(
            prospect(number, created_at=f"2026-09-01T00:00:{number - 1000:02}.000000Z")
        )
        server.faults.before(r"/prospects\?", create)

    server.faults.before(r"/prospects\?", create)
    report = load(per_page=5)
    assert report.outcome == "complete"
    assert report.prospects_stored >= 20


MISSING = "Bonzo says 17, {} different ones were found"


def test_messages_that_could_not_all_be_had_are_read_again(
    account: Account, server: FakeBonzo, load: Load, rows: Rows
) -> None:
    """What can be had is stored, the rest is named, and the next run fetches it."""

    def empty(body: dict[str, Any]) -> dict[str, Any]:
        return {**body, "data": []}

    path = LISTS["communication"] + r".*\bpage=2\b"
    server.faults.add(Fault("edit", path, times=None, edit=empty))
    report = load(now=lambda: LATER)
    assert report.outcome == "complete"
    said = MISSING.format(MESSAGES - PER_PAGE)
    assert said in " ".join(report.warnings)
    sent = "select 1 from touch_engagements where engagement_type = 'Sent'"
    assert len(rows(sent)) == MESSAGES - PER_PAGE
    noted = rows("select prospect_id, reason from loader.rejected_records")
    assert [row["prospect_id"] for row in noted] == [TALKER]
    assert said in noted[0]["reason"]
    server.faults.clear()
    report = load(now=lambda: LATER)
    assert server.requests["communication"] == -(-MESSAGES // PER_PAGE)
    assert len(rows(sent)) == MESSAGES
    assert rows("select 1 from loader.rejected_records") == []
    load(now=lambda: LATER)
    assert server.requests["communication"] == 0


def test_enrollments_outlive_messages_that_could_not_be_had(
    account: Account, server: FakeBonzo, load: Load, rows: Rows
) -> None:
    """A campaign of the past, known by its messages, does not go with their page."""
    for k in range(MESSAGES):
        at = f"2026-01-{k + 1:02}T10:00:00.000000Z"
        changed = message(
            1000 + k,
            TALKER,
            sequence_id=700 if k < 12 else 701,
            event_id=k + 1,
            event_date=at,
            send_at=at,
            created_at=at,
        )
        account.put_message(changed)
    query = (
        "select campaign_id from prospect_campaign_assignments "
        f"where prospect_id = {TALKER} order by 1"
    )
    load(now=lambda: LATER)
    before = rows(query)
    assert len(before) >= 2
    last = LISTS["communication"] + r".*\bpage=[234]\b"
    server.faults.add(Fault("edit", last, times=None, edit=lambda b: {**b, "data": []}))
    account.change_prospect(TALKER, updated_at="2026-11-01T00:00:00.000000Z")
    load(now=lambda: LATER)
    assert {str(row) for row in before} <= {str(row) for row in rows(query)}
    server.faults.clear()
    load(now=lambda: LATER)
    assert rows(query) == before


def test_campaigns_that_were_not_listed_in_full_are_kept(
    account: Account, server: FakeBonzo, load: Load, rows: Rows
) -> None:
    """A list cut short is a warning; what earlier loads know stands."""
    load(now=lambda: LATER)
    before = rows("select * from campaigns order by 1")
    sequences = rows("select * from loader.sequences order by 1")

    def cut(body: dict[str, Any]) -> dict[str, Any]:
        return {**body, "data": body["data"][:2]}

    server.faults.add(Fault("edit", "/campaigns", times=None, edit=cut))
    report = load(now=lambda: LATER)
    assert report.outcome == "complete"
    text = f"Bonzo says {CAMPAIGNS}, 2 different ones were found"
    assert text in " ".join(report.warnings)
    assert rows("select * from campaigns order by 1") == before
    assert rows("select * from loader.sequences order by 1") == sequences


def test_pipelines_that_were_not_listed_in_full_are_a_warning(
    account: Account, server: FakeBonzo, load: Load
) -> None:
    """The load goes on, and says that stages may be missing."""

    def cut(body: dict[str, Any]) -> dict[str, Any]:
        return {**body, "data": body["data"][:2]}

    server.faults.add(Fault("edit", "/pipelines", times=None, edit=cut))
    report = load(now=lambda: LATER)
    assert report.outcome == "complete"
    text = f"Bonzo says {PIPELINES}, 2 different ones were found"
    assert text in " ".join(report.warnings)


@pytest.mark.parametrize("name", ["campaigns", "pipelines"])
@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422, 500, 503])
def test_a_side_list_that_is_refused_costs_a_warning(
    account: Account, server: FakeBonzo, load: Load, name: str, status: int
) -> None:
    """Prospects and messages are loaded without it."""
    server.faults.add(Fault("refused", f"/{name}", status=status, times=None))
    report = load(now=lambda: LATER)
    assert (report.outcome, report.prospects_stored) == ("complete", PROSPECTS)
    assert report.message_lists_read == PROSPECTS
    assert any(name in text for text in report.warnings)


@pytest.mark.parametrize("kind", ["slow", "drop", "not_json", "endless", "slow_body"])
@pytest.mark.parametrize("name", ["campaigns", "pipelines"])
def test_a_side_list_that_never_comes_costs_a_warning(
    account: Account, server: FakeBonzo, load: Load, name: str, kind: str
) -> None:
    """Whatever is wrong with it after the retries."""
    server.faults.add(Fault(kind, f"/{name}", seconds=1.0, times=None))
    report = load(now=lambda: LATER, timeout=0.4, retries=1)
    assert (report.outcome, report.prospects_stored) == ("complete", PROSPECTS)
    assert any(name in text for text in report.warnings)


@pytest.mark.parametrize("status", [400, 402, 403, 404, 405, 409, 410, 418, 422, 451])
def test_one_prospects_refusal_costs_that_prospects_messages(
    account: Account, server: FakeBonzo, load: Load, rows: Rows, status: int
) -> None:
    """The rest is loaded, the run is complete, and the next one asks again."""
    path = LISTS["communication"]
    fault = server.faults.add(Fault("refused", path, status=status, times=None))
    report = load(now=lambda: LATER)
    assert (report.outcome, report.prospects_stored) == ("complete", PROSPECTS)
    assert (fault.hits, report.message_lists_read) == (1, PROSPECTS - 1)
    assert any("next run" in text for text in report.warnings)
    server.faults.clear()
    report = load(now=lambda: LATER)
    assert report.message_lists_read == 1
    assert len(rows(f"select 1 from touch_engagements where prospect_id={TALKER}")) > 0


@pytest.mark.parametrize("kind", ["redirect", "slow_body"])
def test_one_prospect_that_cannot_be_had_costs_that_prospect(
    account: Account, server: FakeBonzo, load: Load, kind: str
) -> None:
    """A redirect into nowhere, an answer that never ends: about one, so for one."""
    server.faults.add(
        Fault(
            kind,
            LISTS["communication"],
            times=None,
            seconds=1.0,
            location="http://elsewhere.example/",
        )
    )
    report = load(now=lambda: LATER, timeout=0.4, retries=1)
    assert (report.outcome, report.message_lists_read) == ("complete", PROSPECTS - 1)


def test_many_prospects_without_an_answer_end_the_run(
    account: Account, server: FakeBonzo, load: Load
) -> None:
    """Ten in a row are the service, not the prospects."""
    server.faults.add(Fault("bad_gateway", "/communication", times=None))
    with pytest.raises(Exception, match="No usable answer"):
        load(now=lambda: LATER, retries=0)


@pytest.mark.parametrize("status", [404, 410])
def test_gone_means_gone(
    account: Account, server: FakeBonzo, load: Load, status: int
) -> None:
    """410 about a prospect that is in no list says what 404 says."""
    load(now=lambda: LATER)
    account.remove_prospect(5)
    server.faults.add(Fault("refused", "/prospects/5$", status=status, times=None))
    report = load(now=lambda: LATER)
    assert (report.outcome, report.deleted) == ("complete", [5])


@pytest.mark.parametrize("status", [400, 401, 403, 409, 422])
def test_a_refusal_about_an_unlisted_prospect_is_no_deletion(
    account: Account, server: FakeBonzo, load: Load, status: int
) -> None:
    """It is kept, and the run is complete."""
    load(now=lambda: LATER)
    account.remove_prospect(5)
    server.faults.add(Fault("refused", "/prospects/5$", status=status, times=None))
    report = load(now=lambda: LATER)
    assert (report.outcome, report.deleted) == ("complete", [])
