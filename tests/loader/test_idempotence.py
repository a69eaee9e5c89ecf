"""Loading twice is loading once, whatever the account holds."""

from __future__ import annotations

from typing import Any

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from demo.account import Account
from demo.server import FakeBonzo
from loader.database.tables import LOADED
from tests.loader.conftest import Load, snapshot
from tests.loader.records import (
    at,
    campaign,
    listing,
    message,
    prospect,
    when,
)

LATER = when(days=60)
DAYS = st.integers(0, 50)
MESSAGES = st.builds(
    lambda day, event, sequence, incoming, status, kind, text: {
        "event_date": at(day),
        "event_id": None if incoming else event,
        "sequence_id": None if incoming or event is None else sequence,
        "direction": "incoming" if incoming else "outgoing",
        "status": status,
        "type": kind,
        "content": text,
    },
    DAYS,
    st.sampled_from([None, 1, 2, 3]),
    st.sampled_from([710, 720, 990]),
    st.booleans(),
    st.sampled_from(["sent", "delivered", "opened", "queued", "odd", None, 5]),
    st.sampled_from(["sms", "email", "call", "note", "fax", None]),
    st.sampled_from(["stop", "yes", "", None]),
)
PROSPECTS = st.builds(
    lambda listed, start, officer, email, stage, mortgage, opted: {
        "campaigns": [listing(listed, start and at(start))] if listed else [],
        "assigned_to": officer,
        "assigned_user": officer
        and {"id": officer, "name": f"Officer {officer}", "email": email},
        "pipeline_stage": stage and {"id": 1, "name": stage},
        "stage_assigned_at": None if stage == "Sending" else at(2),
        "mortgage": mortgage,
        "opt_outs": opted,
    },
    st.sampled_from([None, 71, 72]),
    st.none() | DAYS,
    st.sampled_from([None, 1, 2, 3]),
    st.sampled_from([None, "a@example.com", "B@example.com"]),
    st.sampled_from([None, "Working", "sending", "Sending", "Limbo"]),
    st.sampled_from(
        [None, {"lead_source": "zillow"}, {"lead_source": "Zillow", "loan_amount": "x"}]
    ),
    st.sampled_from([[], ["sms"]]),
)
ACCOUNTS = st.lists(
    st.tuples(PROSPECTS, st.lists(MESSAGES, max_size=6)), min_size=1, max_size=6
)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(ACCOUNTS, st.booleans())
def test_a_second_load_changes_no_row(
    server: FakeBonzo,
    load: Load,
    database: str,
    people: list[tuple[dict[str, Any], list[dict[str, Any]]]],
    may_read_campaigns: bool,
) -> None:
    """Not one row outside schema loader, even when all messages are read again."""
    with psycopg.connect(database) as connection:
        connection.execute(f"truncate {', '.join(LOADED)}")
    server.scopes = ("prospects", "campaigns") if may_read_campaigns else ("prospects",)
    server.account = Account(campaigns=[campaign(71, 710), campaign(72, 720)])
    number = 0
    for prospect_id, (changes, messages) in enumerate(people, 1):
        server.account.put_prospect(prospect(prospect_id, **changes))
        for fields in messages:
            number += 1
            server.account.put_message(message(number, prospect_id, **fields))
    load(now=lambda: LATER, per_page=2)
    before = snapshot(database)
    report = load(now=lambda: LATER, per_page=2, recheck_days=1000)
    assert report.message_lists_read >= len([p for p in people if p[1]]) - sum(
        all(m["type"] == "note" for m in messages) for _, messages in people if messages
    )
    assert snapshot(database) == before


def test_two_campaigns_with_one_sequence(
    server: FakeBonzo, load: Load, database: str
) -> None:
    """The smaller id has it, the other is noted, and nothing moves back and forth."""
    server.account.campaigns += [campaign(72, 710), campaign(71, 710)]
    for number in (1, 2):
        server.account.put_prospect(prospect(number, campaigns=[listing(71, at(-1))]))
        server.account.put_message(message(number, number))
    load(now=lambda: LATER)
    before = snapshot(database)
    report = load(now=lambda: LATER, recheck_days=0)
    assert (report.changed, report.message_lists_read) == (0, 0)
    assert snapshot(database) == before
    with psycopg.connect(database) as connection:
        noted = connection.execute(
            "select id, field, reason from loader.rejected_records"
        ).fetchall()
    assert noted == [("72", "sequence", "belongs to campaign 71")]
