"""The demo account holds a year of a believable mortgage team."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, datetime, timedelta, timezone

import pytest

from demo.account import Account
from demo.business_hours import local
from demo.demo_account import DemoYear, demo_account, demo_year
from demo.demo_company import BAD_BUY, CAMPAIGNS, OFFICERS
from tests.demo.conftest import EVENING, TODAY

Rows = list[dict]


def when(text: str) -> datetime:
    """Return an instant of the wire."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def outgoing(account: Account) -> Rows:
    """Return the messages that campaigns have sent."""
    return [
        row
        for rows in account.messages.values()
        for row in rows
        if row["direction"] == "outgoing" and row["sequence_id"]
    ]


def source_of(row: dict) -> str | None:
    """Return the lead source where the service shows it, best first."""
    mortgage = row["mortgage"] or {}
    for name in (mortgage.get("lead_source"), row.get("custom_source"), row["source"]):
        if name and name not in ("app", "webhook", "api"):
            return name.strip()
    return None


def test_is_the_same_for_the_same_day() -> None:
    """Two accounts of one day are equal, byte for byte; another seed differs."""
    one, two = (demo_account(TODAY, prospects=60) for _ in range(2))
    assert json.dumps(one.prospects) == json.dumps(two.prospects)
    assert json.dumps(one.messages) == json.dumps(two.messages)
    other = demo_account(TODAY, prospects=60, seed="another")
    assert json.dumps(one.prospects) != json.dumps(other.prospects)


def test_spans_a_year_of_3000_prospects(year: DemoYear, account: Account) -> None:
    """3,000 leads arrive within 365 days, the last of them on the day itself."""
    assert len(year.timelines) == 3000
    created = [when(row["created_at"]) for row in account.prospects.values()]
    assert min(created) > EVENING - timedelta(days=366)
    assert max(created) > EVENING - timedelta(days=1)


def test_holds_nothing_of_the_future(account: Account) -> None:
    """No record is younger than the instant that the account shows."""
    for row in account.prospects.values():
        assert when(row["updated_at"]) <= EVENING
        assert when(row["created_at"]) <= when(row["updated_at"])
    for rows in account.messages.values():
        assert all(when(row["event_date"]) <= EVENING for row in rows)


def test_earlier_instants_are_the_past_of_later_ones(year: DemoYear) -> None:
    """A message, once listed, keeps its id, time and text; only states move."""
    early = year.account(EVENING - timedelta(days=90))
    late = year.account(EVENING)
    assert set(early.prospects) < set(late.prospects)
    for prospect_id, rows in early.messages.items():
        listed = {row["id"]: row for row in late.messages[prospect_id]}
        for row in rows:
            same = listed[row["id"]]
            assert {**row, "status": None} == {**same, "status": None}


def test_stages_move(year: DemoYear) -> None:
    """Over the year prospects are seen in many stages, some going back."""
    seen: dict[int, list[str]] = {}
    account, shown = Account(), None
    for days in range(360, -1, -20):
        at = EVENING - timedelta(days=days)
        year.advance(account, shown, at, messages=False)
        shown = at
        for prospect_id, row in account.prospects.items():
            stage = (row["pipeline_stage"] or {}).get("name")
            if stage and seen.setdefault(prospect_id, [""])[-1] != stage:
                seen[prospect_id].append(stage)
    assert sum(len(stages) > 3 for stages in seen.values()) > 300
    revived = [s for s in seen.values() if "Re-Marketing" in s and s[-1] == "Working"]
    assert revived


def test_has_the_officers_in_two_teams(account: Account) -> None:
    """Eight officers own leads; one of them has left and still owns some."""
    owners = Counter(str(row["assigned_to"]) for row in account.prospects.values())
    assert all(owners[str(officer.user_id)] > 20 for officer in OFFICERS)
    assert owners["None"] > 20
    assert len(OFFICERS) == 8
    assert len({officer.team for officer in OFFICERS}) == 2
    (left,) = [officer for officer in OFFICERS if officer.left_days_ago]
    assert owners[str(left.user_id)] > 20


def test_has_six_sources_and_leads_without_one(account: Account) -> None:
    """Every source is there, said in three ways, and some leads name none."""
    sources = Counter(source_of(row) for row in account.prospects.values())
    assert len(sources) == 7
    assert all(count > 50 for count in sources.values())
    assert sources[None] > 50


def test_has_six_campaigns_on_three_channels(account: Account) -> None:
    """Six campaigns of 2 to 6 steps send SMS, e-mail and voicemail."""
    assert len(CAMPAIGNS) == 6
    assert all(2 <= len(campaign.steps) <= 6 for campaign in CAMPAIGNS)
    sent = outgoing(account)
    steps = {row["event_id"] for row in sent}
    assert steps == {step.event_id for c in CAMPAIGNS for step in c.steps}
    assert {row["type"] for row in sent} == {"sms", "email", "call"}
    assert all(row["audio_path"] for row in sent if row["type"] == "call")


def test_enrolls_again(account: Account) -> None:
    """Some prospects run through a campaign's first step twice."""
    first = {campaign.steps[0].event_id for campaign in CAMPAIGNS}
    runs = Counter(
        (row["prospect_id"], row["event_id"])
        for row in outgoing(account)
        if row["event_id"] in first
    )
    assert sum(count > 1 for count in runs.values()) > 50


def test_has_every_kind_of_message(account: Account) -> None:
    """Manual messages, calls, notes and automation stand beside campaigns."""
    rows = [row for rows in account.messages.values() for row in rows]
    assert any(row["pipeline_event_id"] for row in rows)
    assert any(row["type"] == "note" for row in rows)
    assert {"answered", "unanswered"} <= {row["status"] for row in rows}
    manual = [r for r in rows if r["source"] == "direct" and not r["sequence_id"]]
    assert len(manual) > 1000
    assert None in {row["status"] for row in rows}


@pytest.mark.parametrize(
    ("states", "types", "low", "high"),
    [
        (("delivered", "opened"), ("sms", "email", "call"), 0.92, 0.97),
        (("opened",), ("email",), 0.30, 0.45),
    ],
)
def test_delivers_and_opens_as_usual(
    account: Account, states: tuple, types: tuple, low: float, high: float
) -> None:
    """92 to 97 % of campaign messages arrive, 30 to 45 % of e-mails are opened."""
    sent = [row for row in outgoing(account) if row["type"] in types]
    share = sum(row["status"] in states for row in sent) / len(sent)
    assert low <= share <= high


def answered_within(account: Account, days: int) -> dict[str | None, float]:
    """Return the share of aged leads by source that answer within `days`."""
    leads, hits = Counter(), Counter()
    for row in account.prospects.values():
        created = when(row["created_at"])
        if EVENING - created < timedelta(days=days):
            continue
        leads[source_of(row)] += 1
        hits[source_of(row)] += any(
            (heard["direction"] == "incoming" or heard["status"] == "answered")
            and when(heard["event_date"]) - created <= timedelta(days=days)
            for heard in account.messages[row["id"]]
        )
    return {name: hits[name] / count for name, count in leads.items()}


def test_contacts_a_third_to_half_of_each_source(account: Account) -> None:
    """35 to 55 % of a source's leads are reached, the bad buy among the least."""
    shares = answered_within(account, 14)
    del shares[None]
    assert all(0.33 <= share <= 0.58 for share in shares.values())
    assert shares[BAD_BUY] < sum(shares.values()) / len(shares)


def test_opts_some_out(account: Account) -> None:
    """One to four in a hundred leads revoke consent, mostly by a word."""
    out = [row for row in account.prospects.values() if row["opt_outs"]]
    assert 0.01 <= len(out) / len(account.prospects) <= 0.05
    words = [
        message["content"].lower().strip(".")
        for row in out
        for message in account.messages[row["id"]]
        if message["direction"] == "incoming"
    ]
    assert {"stop", "remove me"} <= set(words)


def test_funds_two_to_six_in_a_hundred(account: Account) -> None:
    """2 to 6 % of aged leads close; the bad buy hardly ever, referrals often."""
    aged, funded = Counter(), Counter()
    for row in account.prospects.values():
        if EVENING - when(row["created_at"]) < timedelta(days=120):
            continue
        closed = (row["mortgage"] or {}).get("close_date")
        aged[source_of(row)] += 1
        funded[source_of(row)] += bool(closed and closed < TODAY.isoformat())
    assert 0.02 <= funded.total() / aged.total() <= 0.06
    rate = {name: funded[name] / aged[name] for name in aged}
    assert rate[BAD_BUY] < 0.015
    assert rate["Referral Partners"] > 3 * rate[BAD_BUY]


def test_plans_closings_and_locks(account: Account) -> None:
    """Some locked loans are yet to close, within the coming weeks."""
    planned = [
        row["mortgage"]
        for row in account.prospects.values()
        if ((row["mortgage"] or {}).get("close_date") or "") > TODAY.isoformat()
    ]
    locked = [loan for loan in planned if loan["rate_lock_date"]]
    assert len(locked) >= 5
    # The others are hopes, typed in early.
    assert len(locked) >= 0.6 * len(planned)


def test_is_as_awkward_as_the_service(account: Account) -> None:
    """Loose types, missing parts and unknown words occur."""
    rows = list(account.prospects.values())
    loans = [row["mortgage"] for row in rows if row["mortgage"]]
    assert any(str(loan.get("loan_amount")).startswith("$") for loan in loans)
    assert any(str(loan.get("interest_rate")).endswith("%") for loan in loans)
    assert any(not any(loan.values()) for loan in loans)
    assert any(row["pipeline"] is None for row in rows)
    assert any(row["email"] is None for row in rows)
    assert any(row["first_name"] is None for row in rows)
    assert {True, False, None} == {row["do_not_call"] for row in rows}
    assert any(type(row["do_not_call"]) is int for row in rows)
    assert any(isinstance(row["assigned_to"], str) for row in rows)
    assert any("insurance" not in row for row in rows)
    users = [row["assigned_user"] for row in rows if row["assigned_user"]]
    assert any(" " not in user["name"] and user["email"] is None for user in users)
    stages = {(row["pipeline_stage"] or {}).get("name") for row in rows}
    assert "Annual Review" in stages
    orders = [stage["order"] for stage in account.pipelines[0]["stages"]]
    assert {type(order) for order in orders} == {int, str}


def test_sells_people_twice(account: Account) -> None:
    """Some leads share a phone with an earlier one, most from the bad buy."""
    phones = Counter(row["phone"] for row in account.prospects.values())
    twice = [r for r in account.prospects.values() if phones[r["phone"]] > 1]
    assert 100 <= len(twice) <= 500
    assert Counter(map(source_of, twice)).most_common(1)[0][0] == BAD_BUY


def test_rests_on_sundays_and_peaks_in_spring() -> None:
    """Sundays are quieter, evenings are not; spring brings more than winter."""
    year = demo_year(date(2026, 11, 24))
    months = Counter(life.created_at.month for life in year.timelines)
    assert months[5] > 1.2 * months[1]
    account = year.account(datetime(2026, 11, 24, tzinfo=timezone.utc))
    days = Counter(
        local(when(row["event_date"])).weekday() for row in outgoing(account)
    )
    assert days[6] < 0.6 * days[1]
    heard = Counter(
        local(when(row["event_date"])).weekday()
        for rows in account.messages.values()
        for row in rows
        if row["direction"] == "incoming"
    )
    assert heard[5] > 0.1 * heard[1]
    assert heard[6] > 0.05 * heard[1]
