"""To which enrollment events belong, and what lies exactly on a limit."""

from __future__ import annotations

from typing import Any

from tests.rill.conftest import Execute
from tests.rill.rows import (
    PRE_QUAL,
    RE_MARKETING,
    WORKING,
    by,
    campaign,
    enrollment,
    event,
    hours,
    lead,
    minutes,
    stay,
    total,
    touch,
)

AS_OF = "2026-03-31T00:00:00Z"


def one_campaign(**tables: Any) -> dict[str, list[dict]]:
    """Leads 1 and 2 of 1 March and a campaign of two e-mails, a day apart."""
    return {
        "prospects": [lead(1, "2026-03-01"), lead(2, "2026-03-01")],
        "campaigns": [campaign("A")],
        "touches": [
            touch("hello", "A", 1, "Email"),
            touch("again", "A", 2, "Email", delay=24 * 60),
        ],
        **tables,
    }


def test_a_late_answer_stays_with_what_it_answers(execute: Execute) -> None:
    """Sent in the first run, answered in the second: the first was answered.

    "again" was never sent, so its Opened on the 12th goes by its own time. Both
    runs have a delivered message, one of two has the reply, 11 days after Sent.
    """
    emulation = execute(
        one_campaign(
            prospect_campaign_assignments=[
                enrollment("first", 1, "A", "2026-03-01"),
                enrollment("second", 1, "A", "2026-03-10"),
            ],
            touch_engagements=[
                event(1, "Sent", "2026-03-01", "hello"),
                event(1, "Responded", "2026-03-12", "hello"),
                event(1, "Opened", "2026-03-12", "again"),
            ],
        ),
        as_of=AS_OF,
    )
    assert total(emulation, "messages", "messages_sent") == 2
    assert total(emulation, "enrollments", "enrollment_response_rate") == 1 / 2
    response = total(emulation, "enrollments", "enrollment_response_time_median")
    assert response == hours(11 * 24)
    assert total(emulation, "enrollments", "answered_by_touch_1") == 1


def test_an_answer_to_an_orphan_is_one(execute: Execute) -> None:
    """A reply to a send before the enrollment does not count for the enrollment."""
    emulation = execute(
        one_campaign(
            prospect_campaign_assignments=[enrollment("run", 1, "A", "2026-03-02")],
            touch_engagements=[
                event(1, "Sent", "2026-03-01", "hello"),
                event(1, "Responded", "2026-03-03", "hello"),
            ],
        ),
        as_of=AS_OF,
    )
    assert total(emulation, "messages", "messages_sent") == 1
    assert total(emulation, "messages", "message_response_rate") == 1
    assert total(emulation, "enrollments", "enrollment_response_rate") is None
    assert (
        by(emulation, "data_trust", "failing_rows", "check_name")["orphan_event"] == 2
    )


def test_machines_open_within_seconds(execute: Execute) -> None:
    """Opened 5 s after delivery is a machine; 6 s after, or at once, is not.

    At once means that the CRM gave no time of its own. Of three mails that
    arrived three were opened, two by people.
    """
    opened = {"hello": "10:00:05", "again": "10:00:06", "third": "10:00:00"}
    tables = one_campaign(
        touch_engagements=[
            row
            for step, time in opened.items()
            for row in (
                event(1, "Delivered", "2026-03-02 10:00", step),
                event(1, "Opened", f"2026-03-02 {time}", step),
            )
        ]
    )
    tables["touches"].append(touch("third", "A", 3, "Email"))
    emulation = execute(tables, as_of=AS_OF)
    assert total(emulation, "messages", "open_rate_raw") == 1
    assert total(emulation, "messages", "open_rate_filtered") == 2 / 3


def test_an_opt_out_ends_the_last_message(execute: Execute) -> None:
    """Of two messages sent at the moment of the opt-out it ends the later step.

    A message one second later came too late, and so did one of another run. A
    person's message is the confirmation for a minute, and then too late as well.
    """
    out = "2026-03-02"
    emulation = execute(
        one_campaign(
            campaigns=[campaign("A"), campaign("B")],
            touches=[
                touch("hello", "A", 1),
                touch("again", "A", 2),
                touch("late", "A", 3),
                touch("other", "B", 1),
            ],
            prospect_campaign_assignments=[
                enrollment("out", 1, "A", "2026-03-01", out, "Opted Out"),
                enrollment("on", 1, "B", "2026-03-01"),
            ],
            touch_engagements=[
                event(1, "Sent", out, "hello"),
                event(1, "Sent", out, "again"),
                event(1, "Sent", f"{out} 00:00:01", "late"),
                event(1, "Sent", "2026-03-05", "other"),
                event(1, "Sent", f"{out} 00:01:00"),
                event(1, "Sent", f"{out} 00:01:01"),
            ],
        ),
        as_of="2026-03-30T00:00:00Z",
    )
    ended = by(emulation, "messages", "opt_outs", "touch_order")
    assert ended == {"1": 0, "2": 1, "3": 0}
    late = by(emulation, "messages", "sent_after_opt_out", "campaign")
    assert late == {"A": 1, "B": 1}
    failing = by(emulation, "data_trust", "failing_rows", "check_name")
    assert failing["message_sent_after_opt_out"] == 2
    assert failing["manual_message_after_opt_out"] == 1


def test_what_the_plan_owed(execute: Execute) -> None:
    """Due on the 2nd: answered then it still counts, ended then it does not.

    Lead 1 answers at the minute "again" falls due and gets it an hour later,
    which is on time. Lead 2's run ends at that minute. Both first steps are due
    at the start: lead 1's an hour and a second late, lead 2's never sent.
    """
    emulation = execute(
        one_campaign(
            prospect_campaign_assignments=[
                enrollment("one", 1, "A", "2026-03-01"),
                enrollment("two", 2, "A", "2026-03-01", "2026-03-02", "Completed"),
            ],
            touch_engagements=[
                event(1, "Sent", "2026-03-01 01:00:01", "hello"),
                event(1, "Responded", "2026-03-02", "hello"),
                event(1, "Sent", "2026-03-02 01:00", "again"),
            ],
        ),
        as_of=AS_OF,
    )
    due = by(emulation, "scheduled_touches", "due_touches", "touch_order")
    assert due == {"1": 2, "2": 1}
    assert total(emulation, "scheduled_touches", "sent_on_time_rate") == 1 / 3
    assert total(emulation, "scheduled_touches", "dropped_rate") == 1 / 3
    lateness = total(emulation, "scheduled_touches", "lateness_median")
    assert lateness == minutes(60) + 500


def test_steps_count_from_their_first_use(execute: Execute) -> None:
    """Due 24 hours before a step's first send is owed, a second earlier is not.

    "hello" is first sent on the 5th; a run that ended without a time ends at its
    last event, so the third owes nothing; "again" was never sent to anybody.
    """
    emulation = execute(
        one_campaign(
            prospect_campaign_assignments=[
                enrollment("owed", 1, "A", "2026-03-04"),
                enrollment("before", 2, "A", "2026-03-03 23:59:59"),
                enrollment("ended", 2, "A", "2026-03-06", None, "Completed"),
            ],
            touch_engagements=[event(1, "Sent", "2026-03-05", "hello")],
        ),
        as_of=AS_OF,
    )
    due = by(emulation, "scheduled_touches", "due_touches", "touch_order")
    assert due == {"1": 1}


def test_advances_after_an_enrollment(execute: Execute) -> None:
    """14 days after the start counts, a second more does not, a fall never.

    Lead 3 was in Re-Marketing, lead 4 in no stage when enrolled: in neither sum.
    """
    start, end = "2026-03-02", "2026-03-16"
    emulation = execute(
        one_campaign(
            prospects=[lead(number, "2026-03-01") for number in range(1, 5)],
            prospect_campaign_assignments=[
                enrollment(f"run {number}", number, "A", start)
                for number in range(1, 5)
            ],
            prospect_stage_history=[
                stay(1, WORKING, start),
                stay(1, PRE_QUAL, end),
                stay(2, WORKING, start),
                stay(2, PRE_QUAL, f"{end} 00:00:01"),
                stay(3, RE_MARKETING, start),
                stay(3, PRE_QUAL, end),
                stay(4, PRE_QUAL, end),
            ],
        ),
        as_of=f"{end}T00:00:01Z",
    )
    name = "advance_after_enrollment_rate_cohort"
    assert total(emulation, "enrollments", name) == 1 / 2
