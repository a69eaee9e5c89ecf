"""A lead while its year is being told: who owns it, what is said to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from demo.business_hours import after, at_work, awake, lognormal, sending_window
from demo.demo_company import Campaign, Officer, Source, Step
from demo.timeline import Timeline

_FAILED = ("not_delivered", "undelivered", "error", "failed", "blocked")
_ANSWERS = (
    "Yes, please call me",
    "What rate could I get?",
    "How much would I need to put down?",
    "Can we talk tonight?",
    "Thanks for reaching out!",
    "We are still looking at houses",
    "Not right now, maybe next month",
)


@dataclass
class Lead:
    """A prospect with its life so far and what the year needs to know."""

    rng: Random
    life: Timeline
    source: Source
    officer: Officer | None
    year_start: datetime
    left_at: datetime | None = None
    new_owner: Officer | None = None
    heir_at: datetime | None = None
    bad_phone: bool = False
    contact_at: datetime | None = None
    opted_out_at: datetime | None = None
    # Since when the borrower has been pre-approved and looks for a house.
    looking_since: datetime | None = None
    stage: str | None = None
    stage_at: datetime | None = None
    enrolled: list[tuple[Campaign, datetime]] = field(default_factory=list)

    def owner(self, at: datetime) -> Officer | None:
        """Return who works the lead at an instant; nobody once the owner left."""
        if self.heir_at is not None and at >= self.heir_at:
            return self.new_owner
        if self.left_at is not None and at >= self.left_at:
            return None
        return self.officer

    # --- stages -----------------------------------------------------------

    def enter(self, at: datetime, stage: str) -> datetime:
        """Move the lead to a stage, not before it entered the last one."""
        if self.stage_at is not None:
            at = max(at, self.stage_at + timedelta(minutes=1))
        self.life.enter(at, stage, dated=self.rng.random() > 0.01)
        self.stage, self.stage_at = stage, at
        return at

    # --- what people write ------------------------------------------------

    def receive(
        self, at: datetime, text: str | None = None, email: bool = False
    ) -> None:
        """Let the borrower write something."""
        if self.contact_at is None or at < self.contact_at:
            self.contact_at = at
        self.life.message(
            at,
            [(at, None if email else "delivered")],
            type="email" if email else "sms",
            direction="incoming",
            content=text or self.rng.choice(_ANSWERS),
            subject="Re: your quote" if email else None,
        )

    def call(self, at: datetime, answered: bool) -> bool:
        """Let the owner call; False if nobody was there to do it."""
        officer = self.owner(at)
        if officer is None or self.opted_out_at is not None:
            return False
        if answered and (self.contact_at is None or at < self.contact_at):
            self.contact_at = at
        status = "answered" if answered else "unanswered"
        self._say(at, officer, [(at, status)], type="call")
        return True

    def write(self, at: datetime) -> bool:
        """Let the owner write a message by hand; False if nobody was there."""
        officer = self.owner(at)
        if officer is None or self.opted_out_at is not None:
            return False
        email = self.rng.random() < 0.2
        self._say(
            at,
            officer,
            self._delivery_statuses(at, "email" if email else "sms", 0.5),
            type="email" if email else "sms",
            content="Happy to help. When can we talk?",
            subject="Your question" if email else None,
            source="direct",
        )
        return True

    def note(self, at: datetime, text: str) -> None:
        """Let the owner keep a note, which is not sent to anyone."""
        officer = self.owner(at)
        if officer is not None:
            self._say(at, officer, [(at, None)], type="note", content=text)

    def _say(self, at: datetime, officer: Officer, fate: list, **fields: Any) -> None:
        self.life.message(
            at,
            fate,
            direction="outgoing",
            user_id=officer.user_id,
            user_name=officer.name,
            **fields,
        )

    # --- what campaigns send ----------------------------------------------

    def send(self, at: datetime, campaign: Campaign, step: Step) -> bool:
        """Send a campaign's step; simulate whether it was delivered."""
        fate = self._delivery_statuses(at, step.channel, campaign.open_share)
        voicemail = step.channel == "voicemail"
        first = self.life.fields.get("first_name") or "there"
        owner = self.owner(at) or self.officer
        text = step.text.format(first=first, officer=owner.name if owner else "we")
        self.life.message(
            at,
            fate,
            type="call" if voicemail else step.channel,
            direction="outgoing",
            content=None if voicemail else text,
            subject=text if step.channel == "email" else None,
            user_id=owner.user_id if owner else None,
            user_name=owner.name if owner else None,
            sequence_id=campaign.sequence_id,
            event_id=step.event_id,
            audio_path="drops/hello.mp3" if voicemail else None,
        )
        return fate[-1][1] in ("delivered", "opened")

    def _delivery_statuses(
        self, at: datetime, channel: str, opens: float
    ) -> list[tuple[datetime, str | None]]:
        """Return the states that a message goes through."""
        rng = self.rng
        failing = {"email": 0.035, "sms": 0.030, "voicemail": 0.028}[channel]
        if self.bad_phone and channel != "email":
            failing = 0.97
        settled = after(at, seconds=rng.uniform(2, 90))
        if rng.random() < failing:
            word = "bounced" if channel == "email" else rng.choice(_FAILED)
            return [(at, "sent"), (settled, word)]
        if rng.random() < 0.008:
            return [(at, rng.choice(("sent", "sent", None, "carrier_delayed")))]
        states = [(at, "sent"), (settled, "delivered")]
        if channel == "email" and rng.random() < opens:
            seen = after(settled, minutes=lognormal(rng, 95, 1.5))
            states.append((seen, "opened"))
        return states

    def run(
        self, campaign: Campaign, start: datetime, answers: float, stops: float
    ) -> datetime:
        """Play a campaign from `start` and return when its last message left.

        `answers` and `stops` are the chances that the borrower ever answers,
        and that the answer is STOP. A reply ends the campaign where the
        campaign says so, an opt-out always does.
        """
        rng = self.rng
        start = (
            max(start, after(self.enrolled[-1][1], hours=1))
            if (self.enrolled)
            else start
        )
        self.enrolled.append((campaign, start))
        self.life.enroll(start, campaign, dated=rng.random() > 0.03)
        chosen = self._step_to_answer(campaign) if rng.random() < answers else None
        stop = rng.random() < stops
        replied: datetime | None = None
        last = start
        for number, step in enumerate(campaign.steps):
            due = after(start, minutes=step.offset + _queue(rng))
            at = sending_window(due, rng, campaign.every_day)
            ends = self._ends(campaign, start, replied)
            if ends is not None and ends <= at:
                break
            if number and rng.random() < 0.03:
                continue
            at = max(at, after(last, minutes=1))
            delivered = self.send(at, campaign, step)
            last = at
            if chosen is None or number < chosen or replied is not None:
                continue
            if delivered:
                replied = self._answer(at, step, stop)
        if rng.random() < 0.92:
            self.life.leave(after(last, hours=rng.uniform(26, 70)), campaign)
        return last

    def _ends(
        self, campaign: Campaign, start: datetime, replied: datetime | None
    ) -> datetime | None:
        """Return when the campaign stops by itself, as far as is known."""
        if self.opted_out_at is not None:
            return self.opted_out_at
        if not campaign.stop_on_response:
            return None
        if replied is None and self.contact_at and self.contact_at >= start:
            return self.contact_at
        return replied

    def _step_to_answer(self, campaign: Campaign) -> int:
        weights = [step.reply for step in campaign.steps]
        return self.rng.choices(range(len(weights)), weights)[0]

    def _answer(self, at: datetime, step: Step, stop: bool) -> datetime:
        rng = self.rng
        if stop:
            when = after(at, minutes=lognormal(rng, 12, 1.2))
            self.opt_out(when)
            return when
        when = awake(after(at, minutes=lognormal(rng, 38, 1.5)), rng)
        self.receive(when, email=step.channel == "email")
        return when

    def opt_out(self, at: datetime) -> None:
        """Let the borrower revoke consent, mostly by a word that counts."""
        words = ("STOP", "Stop", "stop.", "UNSUBSCRIBE", "Remove me", "Opt out")
        text = self.rng.choice(words)
        if self.rng.random() < 0.06:
            text = "please do not text me again"
        self.receive(at, text)
        self.opted_out_at = at
        fields: dict[str, Any] = {"opt_outs": ["sms"], "campaigns": []}
        if self.rng.random() < 0.4:
            fields["opt_outs"] = ["all"]
            fields["do_not_call"] = True
        self.life.change(after(at, seconds=5), **fields)

    def follow_up(
        self, at: datetime, until: datetime, pace_days: float, answers: float = 0.3
    ) -> None:
        """Let the owner stay in touch between two instants.

        Each attempt is answered with the chance `answers`.
        """
        rng = self.rng
        while self.opted_out_at is None:
            owner = self.owner(at)
            pace = pace_days / (owner.diligence**2 if owner else 1.0)
            at = after(at, days=lognormal(rng, pace, 0.6))
            if owner is None or at >= until:
                return
            when = at_work(at, owner, rng)
            if when >= until:
                return
            answered = rng.random() < answers
            if rng.random() < 0.45:
                self.call(when, answered)
            elif self.write(when) and answered:
                back = awake(after(when, minutes=lognormal(rng, 50, 1.4)), rng)
                if back < until:
                    self.receive(back)


def _queue(rng: Random) -> float:
    """Return how many minutes a message waits in the service's queue."""
    luck = rng.random()
    if luck < 0.86:
        return rng.uniform(0.6, 4.5)
    if luck < 0.95:
        return rng.uniform(6, 55)
    return rng.uniform(60, 320)
