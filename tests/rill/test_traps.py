"""The usual ways to get a number wrong, one test each, on the ten golden leads.

Traps that need a scenario of their own are in test_more_traps.py. Not testable:
a lead's past moving with a change of owner (no history of owners is stored).
"""

from __future__ import annotations

import pytest

from launcher.duckdb.engine import DuckDBEngine
from tests.rill.rows import by, hours, minutes, total

Moments = dict[str, DuckDBEngine]


@pytest.fixture
def march(ten_leads: Moments) -> DuckDBEngine:
    """The ten leads on 31 March."""
    return ten_leads["march"]


def test_x1_loans_do_not_fan_out(march: DuckDBEngine) -> None:
    """Loans of leads with several messages count once: 400+300+200+500 thousand.

    Joined to messages, lead 2 alone would add its 300 thousand again.
    """
    assert total(march, "loans", "volume") == 1_400_000
    assert sum(by(march, "loans", "volume", "loan_officer").values()) == 1_400_000


def test_x2_opens_count_messages_not_events(march: DuckDBEngine) -> None:
    """Three of three delivered mails were opened, not 4 open events over 3."""
    assert total(march, "messages", "open_rate_raw") == 3 / 3
    assert total(march, "messages", "open_rate_filtered") == pytest.approx(2 / 3)


def test_x3_whoever_clicks_has_opened(march: DuckDBEngine) -> None:
    """Click-to-open is 3 / 3 and 2 / 2, not 3 clickers over 2 openers."""
    assert total(march, "messages", "click_to_open_rate_raw") == 1
    assert total(march, "messages", "click_to_open_rate_filtered") == 1


def test_x4_never_touched_leads_stay_in_the_base(march: DuckDBEngine) -> None:
    """4 of 10 within five minutes, not of 7; the median of all is 15 minutes.

    Minutes: 1, 3, 4, 5, 10, 20, 180 and three never; (10 + 20) / 2.
    """
    assert total(march, "leads", "touched_within_5m_share") == 4 / 10
    assert total(march, "leads", "speed_to_first_touch_median_all") == minutes(15)
    assert total(march, "leads", "speed_to_first_touch_median") == minutes(5)


def test_x5_later_steps_are_measured_on_those_still_there(march: DuckDBEngine) -> None:
    """Hazards are 3/7, 1/3, 0/1, together 1 - 4/7 x 2/3 x 1 = 61.9 %."""
    hazards = by(march, "messages", "message_response_rate", "touch_order")
    assert hazards == pytest.approx({"1": 3 / 7, "2": 1 / 3, "3": 0})
    silent = 1.0
    for hazard in hazards.values():
        silent *= 1 - hazard
    assert 1 - silent == pytest.approx(0.619, abs=0.0005)


def test_x7_funnel_is_not_the_current_stage(march: DuckDBEngine) -> None:
    """Between 4 and 5 leads came to Pre-Approved; 3 stand at or after it now."""
    kinds = ("reached_5_low", "reached_5", "reached_5_high")
    assert [total(march, "leads", kind) for kind in kinds] == [3, 4, 5]


def test_x8_ltv_uses_the_same_loans_above_and_below(march: DuckDBEngine) -> None:
    """(80 + 93.75 + 80) / 3 = 84.58 %, weighted 1,001,250 / 1,200,000 = 83.44 %.

    With the 200 thousand of the loan without a value it would be 96.9 %.
    """
    assert total(march, "loans", "ltv_mean") == pytest.approx(2.5375 / 3)
    assert total(march, "loans", "ltv_weighted") == pytest.approx(0.834375)


def test_x9_unknown_rates_are_no_zero_rates(march: DuckDBEngine) -> None:
    """(2.6 + 2.1 + 3.0) / 1.2 million = 6.417 %, not 7.7 / 1.4 = 5.5 %."""
    assert total(march, "loans", "wac") == pytest.approx(7.7 / 1.2)


def test_x10_officers_without_leads_count(march: DuckDBEngine) -> None:
    """Loads 3, 3, 0: deviation root 2 over mean 2 = 0.7071, not a perfect 0."""
    assert total(march, "loan_officers", "workload_cv") == pytest.approx(0.5**0.5)
    loads = by(march, "loan_officers", "open_workload", "loan_officer")
    assert loads == {"Ann Archer": 3, "Ben Brook": 3, "Cat Cole": 0, "Dan Dale": 0}


def test_x11_unknown_flags_are_in_the_base(march: DuckDBEngine) -> None:
    """1 of 10 is on do not call and 1 of 10 unknown, not 1 of 9."""
    assert total(march, "leads", "dnc_share") == 1 / 10
    assert total(march, "leads", "dnc_unknown_share") == 1 / 10


def test_x17_daily_stock_is_averaged_over_days(march: DuckDBEngine) -> None:
    """205 lead-days over 30 days are 6.83 open leads; stages add up to that."""
    average = total(march, "pipeline_days", "avg_daily_open")
    assert average == pytest.approx(205 / 30)
    stages = by(march, "pipeline_days", "avg_daily_open", "stage")
    assert sum(stages.values()) == pytest.approx(average)


def test_x18_spend_is_allocated_once(march: DuckDBEngine) -> None:
    """1,800 - 300 back = 1,200 on the leads of A + 300 of C, which has none."""
    months = "lead_source_months"
    assert total(march, months, "spend") == 1800
    assert total(march, months, "net_spend") == 1500
    assert total(march, months, "allocated_spend") == 1200
    assert total(march, months, "unallocated_spend") == 300
    assert total(march, "leads", "allocated_cost") == 1200
    by_officer = by(march, "leads", "allocated_cost", "loan_officer")
    assert sum(by_officer.values()) == 1200


def test_x22_completed_is_no_success(march: DuckDBEngine) -> None:
    """4 of 5 ended ones are Completed, the opt-out is in the base; 1 of 4 unheard."""
    assert total(march, "enrollments", "completion_rate") == 4 / 5
    assert total(march, "enrollments", "completed_unanswered_share") == 1 / 4


def test_x24_replies_credit_the_hour_of_sending(march: DuckDBEngine) -> None:
    """Lead 2 answered at 13:03 a mail of 11:00; no message belongs to 13 o'clock.

    Sent at 11: the mail of 2, its first text and the second text of 9; two of
    the two delivered ones and the implied one were answered: 2 / 3.
    """
    rates = by(march, "messages", "message_response_rate", "sent_hour")
    assert "13" not in rates
    assert rates["11"] == pytest.approx(2 / 3)
    assert by(march, "replies", "replies", "reply_hour")["13"] == 1


def test_x26_a_stop_is_no_interest(march: DuckDBEngine) -> None:
    """4 of 6 reached prospects wrote something, 3 of 6 something but STOP."""
    view = "enrollments"
    assert total(march, view, "prospect_response_rate") == pytest.approx(4 / 6)
    assert total(march, view, "net_prospect_response_rate") == pytest.approx(3 / 6)


def test_x27_response_time_names_its_basis(march: DuckDBEngine) -> None:
    """Per prospect 794.5 minutes, per enrollment 57: 9 answered its second run.

    Prospects 10, 29, 1,560, 20,190; enrollments 10, 29, 85, 1,560 minutes.
    """
    per_prospect = total(march, "leads", "lead_response_time_median")
    per_run = total(march, "enrollments", "enrollment_response_time_median")
    assert (per_prospect, per_run) == (minutes(794.5), minutes(57))
    assert per_prospect > hours(13)
