"""What becomes of a lead, from its arrival to a closing or to Re-Marketing."""

from __future__ import annotations

from datetime import datetime
from random import Random

from demo.business_hours import after, at_work, awake, lognormal, sending_window
from demo.demo_company import (
    APPLICATION,
    AUTOMATION_EVENT_ID,
    COUNTDOWN,
    OPENER,
    ORDER,
    OTHER_PIPELINE,
    OTHER_STAGE,
    RATE_WATCH,
    REVIVAL,
    WELCOME,
)
from demo.lead import Lead
from demo.loan_events import (
    apply_for_loan,
    fund,
    lock_rate,
    postpone,
    withdraw,
)

# Chance to reach a stage from the one before, and the median days it takes.
_PATH = (
    ("Pre-Qual", 0.52, 2.5),
    ("Pre-Approved", 0.59, 6.0),
    ("Hot PAL", 0.71, 8.0),
    ("O/I PAL", 0.70, 11.0),
    ("SPA/REFI", 0.88, 6.0),
)


def simulate(lead: Lead) -> None:
    """Write the whole life of a lead that has just arrived."""
    rng, created = lead.rng, lead.life.created_at
    lead.enter(after(created, seconds=rng.uniform(1, 20)), "Staging")
    if (lead.officer is None and rng.random() < 0.5) or rng.random() < 0.02:
        _overlooked(lead)
        return
    answers = min(0.9, lead.source.contact * _pace(lead))
    referred = lead.source.name == "Referral Partners"
    opener = WELCOME if referred else OPENER
    by_hand = rng.random() < (0.66 if referred else 0.36)
    _first_calls(lead, answers if by_hand else 0.0)
    start = after(created, seconds=rng.uniform(2, 40))
    chance = 0.0 if by_hand else answers * 1.04
    last = lead.run(opener, start, chance, stops=0.075)
    _sending(lead, created)
    if lead.opted_out_at is not None:
        _opted_out(lead)
    elif lead.contact_at is not None:
        qualify(lead, lead.contact_at, 1.0)
    else:
        _nurture(lead, last)
    _enter_do_not_call(lead)
    if lead.looking_since is not None:
        # No house is found, and the pre-approval ages.
        lead.life.freeze(after(lead.looking_since, days=12))


def _enter_do_not_call(lead: Lead) -> None:
    """Let some who were reached ask for no more calls, and write all the same.

    Nobody answers, and nobody clears them out of the pipeline.
    """
    # Luck of its own: the rest of the year stays as it is.
    rng = Random(f"do not call:{lead.life.prospect_id}")
    if lead.contact_at is None or rng.random() > 0.02:
        return
    at = after(lead.contact_at, hours=rng.uniform(1, 30))
    lead.life.freeze(at)
    lead.life.change(at, do_not_call=True)
    lead.receive(after(at, hours=rng.uniform(1, 90)), "Who else has my number?")


def _pace(lead: Lead) -> float:
    """Return how an officer's speed changes the chance of an answer."""
    if lead.officer is None:
        return 0.8
    hours = lead.officer.first_touch_hours
    return 1.08 if hours < 1.5 else 1.0 if hours < 6 else 0.88


def _overlooked(lead: Lead) -> None:
    """Nobody and nothing ever reaches out; half are cleared away in time."""
    if lead.rng.random() < 0.5:
        when = after(lead.life.created_at, days=lead.rng.uniform(20, 60))
        lead.enter(when, "Re-Marketing")


def _sending(lead: Lead, created: datetime) -> None:
    """Move a lead on when its first message has left, as the pipeline does."""
    moved = after(created, minutes=lead.rng.uniform(5, 240))
    if lead.contact_at is None or moved < lead.contact_at:
        lead.enter(moved, "Sending")


def _first_calls(lead: Lead, answers: float) -> None:
    """Make the owner's first attempts; the borrower may answer one of them."""
    rng, officer = lead.rng, lead.officer
    if officer is None or rng.random() > officer.diligence:
        return
    at = after(
        lead.life.created_at, hours=lognormal(rng, officer.first_touch_hours, 1.1)
    )
    attempts = 1 + int(rng.random() * 4 * officer.diligence**2)
    lucky = rng.randrange(attempts) if rng.random() < answers else None
    for attempt in range(attempts):
        at = at_work(at, officer, rng)
        hit = attempt == lucky
        if rng.random() < 0.65:
            lead.call(at, hit)
        elif lead.write(at) and hit:
            lead.receive(awake(after(at, minutes=lognormal(rng, 35, 1.4)), rng))
        if hit:
            return
        at = after(at, hours=lognormal(rng, 20 if attempt == 0 else 44, 0.5))


def _converse(lead: Lead, at: datetime) -> tuple[datetime, bool]:
    """Answer a borrower who wrote at `at`; return the end, and if anybody did."""
    rng, anybody = lead.rng, False
    for _ in range(5):
        owner = lead.owner(at)
        if owner is None or rng.random() > owner.diligence + 0.02:
            break
        reply = at_work(
            after(at, hours=lognormal(rng, owner.answer_hours, 1.0)), owner, rng
        )
        if rng.random() < 0.35:
            done = lead.call(reply, answered=rng.random() < 0.55)
        else:
            done = lead.write(reply)
        anybody = anybody or done
        at = reply
        if rng.random() > 0.55:
            break
        at = awake(after(reply, minutes=lognormal(rng, 40, 1.4)), rng)
        lead.receive(at)
    if rng.random() < 0.3:
        lead.note(after(at, minutes=3), "Wants numbers &amp; a callback &#34;soon&#34;")
    return at, anybody


def qualify(lead: Lead, at: datetime, warmth: float) -> None:
    """Walk a lead that answered through the funnel, as far as it gets.

    `warmth` multiplies the chance of the first two steps.
    """
    rng = lead.rng
    lead.enter(after(at, hours=lognormal(rng, 0.6)), "Working")
    at, answered = _converse(lead, at)
    owner = lead.owner(at)
    pull = lead.source.quality * warmth * (owner.skill if owner else 0.5)
    pull *= 1.0 if answered else 0.4
    for number, (stage, chance, days) in enumerate(_PATH):
        odds = chance * pull if number < 2 else chance * pull**0.15
        when = after(max(at, lead.stage_at), days=lognormal(rng, days, 0.7))
        owner = lead.owner(when)
        if owner is None or rng.random() > min(odds, 0.93):
            _stall(lead, at)
            return
        when = at_work(when, owner, rng)
        lead.follow_up(at, when, 4.0)
        at = lead.enter(when, stage)
        _on_stage(lead, stage, at)
    _close(lead, at)


def _on_stage(lead: Lead, stage: str, at: datetime) -> None:
    """Start what a stage sets off: campaigns, automation, papers."""
    rng = lead.rng
    if stage == "Pre-Qual" and rng.random() < 0.7:
        lead.run(APPLICATION, after(at, minutes=2), answers=0.22, stops=0.03)
    elif stage == "Pre-Approved":
        if Random(f"looking:{lead.life.prospect_id}").random() < 0.07:
            lead.looking_since = lead.looking_since or at
        else:
            apply_for_loan(lead, at)
        lead.life.message(
            after(at, minutes=1),
            [(after(at, minutes=1), "delivered")],
            type="email",
            direction="outgoing",
            content="Congratulations on your pre-approval",
            subject="You are pre-approved",
            pipeline_event_id=AUTOMATION_EVENT_ID,
        )
    elif stage == "SPA/REFI":
        lock_rate(lead, at)
        lead.run(COUNTDOWN, after(at, minutes=10), answers=0.16, stops=0.0)


def _close(lead: Lead, at: datetime) -> None:
    """Fund the loan, or lose it late."""
    rng = lead.rng
    closing = after(at, days=rng.uniform(17, 28))
    slow = Random(f"slow:{lead.life.prospect_id}")
    if slow.random() < 0.5:
        # Underwriting drags on, up to the end of the lock and past it.
        closing = after(at, days=slow.uniform(29, 44))
        postpone(lead, after(at, days=26), closing)
    lead.follow_up(at, closing, 5.0)
    if rng.random() < 0.9:
        fund(lead, closing)
        if rng.random() < 0.06:
            pipeline, stage = OTHER_PIPELINE, OTHER_STAGE
            lead.life.change(
                after(closing, days=20),
                pipeline={"id": pipeline[0], "name": pipeline[1]},
                pipeline_stage={
                    "id": stage[0],
                    "name": stage[1],
                    "pipeline_id": pipeline[0],
                },
            )
        return
    withdraw(lead, closing)
    lead.enter(after(closing, hours=2), "Re-Marketing")


def _stall(lead: Lead, at: datetime) -> None:
    """Let a lead get no further: lost, left lying, or a step back."""
    rng = lead.rng
    luck = rng.random()
    owner = lead.owner(at)
    diligence = owner.diligence if owner else 0.3
    if luck < 0.2 and ORDER.index(lead.stage) > ORDER.index("Working"):
        back = after(lead.stage_at, days=lognormal(rng, 10, 0.6))
        lead.follow_up(at, back, 5.0)
        at = lead.enter(back, ORDER[ORDER.index(lead.stage) - 1])
        if rng.random() < 0.3:
            owner = lead.owner(at)
            forward = after(at, days=lognormal(rng, 9, 0.6))
            if owner is not None:
                at = lead.enter(at_work(forward, owner, rng), "Pre-Approved")
                apply_for_loan(lead, at)
    lost = after(max(at, lead.stage_at), days=lognormal(rng, 15, 0.6))
    if luck > 0.75:
        lost = after(lost, days=rng.uniform(20, 80))
    lead.follow_up(at, lost, 3.5)
    if rng.random() < diligence + 0.02:
        withdraw(lead, lost)
        lead.enter(lost, "Re-Marketing")
        _revive(lead, lost)
    else:
        _clear_out(lead, lost, diligence)


def _clear_out(lead: Lead, at: datetime, diligence: float) -> None:
    """Let those who look for forgotten leads find this one months later."""
    if lead.rng.random() < diligence**2:
        found = after(at, days=lead.rng.uniform(40, 120))
        withdraw(lead, found)
        lead.enter(found, "Re-Marketing")


def _opted_out(lead: Lead) -> None:
    """Clear away a lead that wants no messages; a slip writes to it again."""
    rng = lead.rng
    luck = Random(f"opted out:{lead.life.prospect_id}").random()
    if luck < 0.2:
        # Nobody clears this one away; some of them write again, and wait.
        lead.life.freeze(after(lead.opted_out_at, minutes=1))
        if luck < 0.08:
            again = after(lead.opted_out_at, days=2 + 100 * luck)
            lead.receive(again, "On second thought, what rate could I get?")
        return
    if rng.random() > 0.04:
        lead.life.drop_manual_messages_after(lead.opted_out_at)
    gone = after(lead.opted_out_at, hours=lognormal(rng, 30))
    lead.enter(gone, "Re-Marketing")
    if rng.random() < 0.06:
        slip = after(gone, days=rng.uniform(20, 60))
        lead.life.enroll(slip, REVIVAL)
        lead.send(after(slip, minutes=3), REVIVAL, REVIVAL.steps[0])


def _nurture(lead: Lead, opener_end: datetime) -> None:
    """Keep a silent lead warm, then give up on it, unless it is forgotten."""
    rng, owner = lead.rng, lead.owner(opener_end)
    diligence = owner.diligence if owner else 0.45
    given_up = after(opener_end, days=rng.uniform(6, 26))
    if rng.random() < 0.62:
        given_up = _watch_rates(lead, after(opener_end, days=rng.uniform(3, 12)))
        if given_up is None:
            return
    if rng.random() < 1 - (1 - diligence) * 0.6:
        if rng.random() < 0.015:
            lead.life.change(given_up, do_not_call=True)
        lead.enter(given_up, "Re-Marketing")
        _revive(lead, given_up)
    else:
        _clear_out(lead, given_up, diligence)


def _watch_rates(lead: Lead, start: datetime) -> datetime | None:
    """Send Rate Watch once or twice; None when the lead's year went on."""
    rng = lead.rng
    start = sending_window(start, rng)
    lead.enter(start, "Working")
    for _ in range(2):
        last = lead.run(RATE_WATCH, start, answers=0.13, stops=0.1)
        if lead.contact_at is None:
            lead.follow_up(start, last, 4.0, answers=0.02)
        if _resumed(lead, 0.5):
            return None
        if rng.random() > 0.25:
            break
        start = sending_window(after(last, days=rng.uniform(20, 45)), rng)
    return after(last, days=rng.uniform(2, 14))


def _revive(lead: Lead, at: datetime) -> None:
    """Try again later with those who were given up."""
    rng = lead.rng
    if rng.random() > 0.5 or lead.opted_out_at is not None:
        return
    lead.contact_at = None
    start = sending_window(after(at, days=rng.uniform(20, 60)), rng)
    for _ in range(2):
        last = lead.run(REVIVAL, start, answers=0.15, stops=0.12)
        if _resumed(lead, 0.55) or rng.random() > 0.35:
            return
        start = sending_window(after(last, days=rng.uniform(40, 70)), rng)


def _resumed(lead: Lead, warmth: float) -> bool:
    """Go on with a lead that answered late; simulate whether it did."""
    if lead.opted_out_at is not None:
        _opted_out(lead)
        return True
    if lead.contact_at is None:
        return False
    qualify(lead, lead.contact_at, warmth)
    return True
