"""Duplicates, and messages to people who do not want them."""

from __future__ import annotations

from tests.rill.conftest import Execute
from tests.rill.rows import (
    at,
    by,
    campaign,
    enrollment,
    event,
    lead,
    total,
    touch,
)


def test_duplicates_share_a_contact_with_an_earlier_lead(execute: Execute) -> None:
    """2 repeats the e-mail of 1, 4 the phone of 3, 8 the e-mail of 7: 3 of 9.

    Too short a number is none (5, 6), an empty address neither; of two leads of
    one moment the greater id repeats (8); 9 repeats only a lead that is gone.
    """
    contacts = {
        1: {"email": "Ann@X.com "},
        2: {"email": "ann@x.com"},
        3: {"phone": "+1 (312) 555-0101"},
        4: {"phone": "3125550101", "email": ""},
        5: {"phone": "12345", "email": ""},
        6: {"phone": "12345"},
        7: {"email": "bob@x.com"},
        8: {"email": "bob@x.com"},
        9: {"email": "gone@x.com"},
        10: {"email": "gone@x.com"},
    }
    days = {7: 8, 10: 1}
    run = {
        "run_id": 1,
        "started_at": at("2026-03-20 10:00"),
        "finished_at": at("2026-03-20 10:05"),
        "outcome": "complete",
    }
    tables = {
        "prospects": [
            lead(n, f"2026-03-{days.get(n, n):02} 12:00", **columns)
            for n, columns in contacts.items()
        ],
        "sync_runs": [run],
        "sync_prospects": [{"prospect_id": 10, "last_seen_at": at("2026-03-19")}],
    }
    emulation = execute(tables, {"leads"})
    assert total(emulation, "leads", "duplicate_rate") == 3 / 9
    assert by(emulation, "leads", "new_leads", "is_duplicate") == {"yes": 3, "no": 6}


def test_messages_to_do_not_call(execute: Execute) -> None:
    """Two campaign messages to lead 1 count; unknown (2) and manual ones do not."""
    tables = {
        "prospects": [
            lead(1, "2026-03-01", do_not_call=True),
            lead(2, "2026-03-01"),
        ],
        "campaigns": [campaign("A")],
        "touches": [touch("one", "A", 1), touch("two", "A", 2)],
        "touch_engagements": [
            event(1, "Sent", "2026-03-02", "one"),
            event(1, "Sent", "2026-03-03", "two"),
            event(1, "Sent", "2026-03-04"),
            event(2, "Sent", "2026-03-02", "one"),
        ],
    }
    emulation = execute(tables, {"messages"}, as_of="2026-03-10")
    assert total(emulation, "messages", "sent_to_do_not_call") == 2
    assert total(emulation, "messages", "messages_sent") == 3


def test_sent_after_opt_out(execute: Execute) -> None:
    """Later than the opt-out of any enrollment is too late; at that moment is not.

    The reply to an old text, a message without a Sent, was the borrower's.
    """
    tables = {
        "prospects": [lead(1, "2026-03-01")],
        "campaigns": [campaign("A"), campaign("B")],
        "touches": [
            touch("one", "A", 1),
            touch("two", "A", 2),
            touch("other", "B", 1),
            touch("unsent", "B", 2),
        ],
        "prospect_campaign_assignments": [
            enrollment("run", 1, "A", "2026-03-01", "2026-03-05", "Opted Out"),
            enrollment("run B", 1, "B", "2026-03-01"),
        ],
        "touch_engagements": [
            event(1, "Sent", "2026-03-02", "one"),
            event(1, "Sent", "2026-03-05", "two"),
            event(1, "Sent", "2026-03-05 00:00:01", "other"),
            event(1, "Responded", "2026-03-06", "unsent"),
        ],
    }
    emulation = execute(tables, {"messages"}, as_of="2026-03-10T00:00:00Z")
    assert total(emulation, "messages", "sent_after_opt_out") == 1
    # It ended the second message, sent at that very moment.
    assert by(emulation, "messages", "opt_outs", "touch_order") == {"1": 0, "2": 1}
    # Only the answered message is known to be delivered: 1,000 x 1 / 1.
    assert total(emulation, "messages", "opt_outs_per_1000") == 1000
