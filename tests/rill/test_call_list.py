"""Whom to call, why, and in which order."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rill.conftest import Execute
from tests.rill.rows import (
    HOT_PAL,
    PRE_APPROVED,
    WORKING,
    at,
    by,
    campaign,
    enrollment,
    event,
    identity,
    lead,
    total,
)

Tables = dict[str, list[dict[str, Any]]]
AS_OF = "2026-03-31T00:00:00Z"
REPLY, NEW, SILENT = (
    "1: reply unanswered",
    "2: new, no person yet",
    "3: pre-approved and silent",
)
STALE, NOTHING, DO_NOT_CALL = "4: stale", "5: nothing due", "6: do not call"


def open_lead(number: int, created: str, stage: int, **columns: Any) -> dict[str, Any]:
    """A lead that entered its stage when it came."""
    return lead(
        number,
        created,
        qualification_stage_id=stage,
        stage_entered_at=at(created),
        **columns,
    )


def test_reasons_and_ranks(execute: Execute) -> None:
    """Nine leads in all six groups, each decided by one fact.

    1 wrote on the 20th, 2 on the 25th, nobody answered: 2, 1. 3 came on the 30th,
    4 on the 29th, nobody wrote to them: 3, 4. 5 and 6 are pre-approved and silent
    since the 10th, the Hot PAL first: 6, 5. 7 is stale, 8 came on the 30th and was
    called, 9 must not be called.
    """
    tables = {
        "prospects": [
            open_lead(1, "2026-03-01", WORKING),
            open_lead(2, "2026-03-01", WORKING),
            open_lead(3, "2026-03-30", WORKING),
            open_lead(4, "2026-03-29", WORKING),
            open_lead(5, "2026-03-10", PRE_APPROVED),
            open_lead(6, "2026-03-10", HOT_PAL),
            open_lead(7, "2026-03-01", WORKING),
            open_lead(8, "2026-03-30", WORKING),
            open_lead(9, "2026-03-30", WORKING, do_not_call=True),
        ],
        "touch_engagements": [
            event(1, "Responded", "2026-03-20"),
            event(2, "Responded", "2026-03-25"),
            event(8, "Sent", "2026-03-30 10:00"),
            event(9, "Responded", "2026-03-30 10:00"),
        ],
    }
    emulation = execute(tables, {"open_pipeline"}, as_of=AS_OF)
    assert by(emulation, "open_pipeline", "open_leads", "why_now") == {
        REPLY: 2,
        NEW: 2,
        SILENT: 2,
        STALE: 1,
        NOTHING: 1,
        DO_NOT_CALL: 1,
    }
    ranks = by(emulation, "open_pipeline", "call_rank", "prospect_id")
    assert sorted(ranks, key=ranks.get) == list("213465789")
    assert sorted(ranks.values()) == list(range(1, 10))
    assert total(emulation, "open_pipeline", "calls_due") == 7
    assert total(emulation, "open_pipeline", "do_not_call_open_leads") == 1


@pytest.mark.parametrize(
    ("opted_out_at", "replied_at", "why"),
    [
        ("2026-03-10", "2026-03-10", DO_NOT_CALL),
        ("2026-03-10", "2026-03-09", DO_NOT_CALL),
        ("2026-03-10", "2026-03-10 00:00:01", REPLY),
        ("2026-03-10", None, DO_NOT_CALL),
        (None, "2026-03-20", DO_NOT_CALL),
        # An end after as_of is read as empty.
        ("2026-04-10", "2026-03-20", DO_NOT_CALL),
    ],
)
def test_stop_and_after(
    execute: Execute, opted_out_at: str | None, replied_at: str | None, why: str
) -> None:
    """Who said STOP is not called, who wrote again after it is."""
    tables = {
        "prospects": [open_lead(1, "2026-03-01", WORKING)],
        "campaigns": [campaign("A")],
        "prospect_campaign_assignments": [
            enrollment("run", 1, "A", "2026-03-02", opted_out_at, "Opted Out")
        ],
        "touch_engagements": [event(1, "Responded", replied_at)] if replied_at else [],
    }
    emulation = execute(tables, {"open_pipeline"}, as_of=AS_OF)
    assert by(emulation, "open_pipeline", "open_leads", "why_now") == {why: 1}


@pytest.mark.parametrize(
    ("as_of", "why"),
    [("2026-03-04T00:00:00Z", NOTHING), ("2026-03-03T23:59:59Z", NEW)],
)
def test_new_for_72_hours(execute: Execute, as_of: str, why: str) -> None:
    """A lead is new for less than 72 hours; what a campaign sends is no person."""
    loose = {**event(1, "Sent", "2026-03-01 00:01"), "campaign_id": identity("A")}
    tables = {
        "prospects": [open_lead(1, "2026-03-01", WORKING)],
        "campaigns": [campaign("A")],
        "touch_engagements": [loose],
    }
    emulation = execute(tables, {"open_pipeline"}, as_of=as_of)
    assert by(emulation, "open_pipeline", "open_leads", "why_now") == {why: 1}


@pytest.mark.parametrize(
    ("as_of", "why"),
    [("2026-03-13T00:00:00Z", NOTHING), ("2026-03-13T00:00:01Z", SILENT)],
)
def test_silent_after_three_days(execute: Execute, as_of: str, why: str) -> None:
    """Three days after the last activity is not yet longer than three days."""
    tables = {
        "prospects": [open_lead(1, "2026-03-01", PRE_APPROVED)],
        "touch_engagements": [event(1, "Sent", "2026-03-10")],
    }
    emulation = execute(tables, {"open_pipeline"}, as_of=as_of)
    assert by(emulation, "open_pipeline", "open_leads", "why_now") == {why: 1}


def test_an_automated_step_answers_nobody(execute: Execute) -> None:
    """1 got the next step after its reply, 2 a person's answer: 1 still waits."""
    loose = {**event(1, "Sent", "2026-03-11"), "campaign_id": identity("A")}
    tables = {
        "prospects": [open_lead(n, "2026-03-01", WORKING) for n in (1, 2)],
        "campaigns": [campaign("A")],
        "touch_engagements": [
            event(1, "Responded", "2026-03-10"),
            loose,
            event(2, "Responded", "2026-03-10"),
            event(2, "Sent", "2026-03-11"),
        ],
    }
    emulation = execute(tables, {"open_pipeline"}, as_of=AS_OF)
    awaiting = by(emulation, "open_pipeline", "awaiting_reply_leads", "prospect_id")
    assert awaiting == {"1": 1, "2": 0}


def test_slices_by_tag_overlap(execute: Execute) -> None:
    """A lead with five tags stands in five slices and in every total once."""
    tags = ("Hot", "VA loan", "Zillow", "first-time buyer", "Ünited")
    tables = {
        "prospects": [open_lead(n, "2026-03-30", WORKING) for n in (1, 2)],
        "prospect_tags": [{"prospect_id": 1, "tag": tag} for tag in tags],
    }
    emulation = execute(tables, {"open_pipeline", "leads"}, as_of=AS_OF)
    for view, measure in (("leads", "new_leads"), ("open_pipeline", "open_leads")):
        assert total(emulation, view, measure) == 2
        assert by(emulation, view, measure, "stage") == {"Working": 2}
        slices = by(emulation, view, measure, "tag")
        assert slices == {**dict.fromkeys(tags, 1), "No tag": 1}
