"""Random histories of an account, for testing that loads converge.

A history changes an account step by step, as people, campaigns and the service
do, and keeps the list of what happened. The same seed gives the same history.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from random import Random
from typing import Any

from loader.standin import wire
from loader.standin.account import Account
from loader.standin.truth import Enrollment, Truth

STAGES = (
    "Staging",
    "Sending",
    "Working",
    "Pre-Qual",
    "Pre-Approved",
    "Hot PAL",
    "O/I PAL",
    "SPA/REFI",
    "Re-Marketing",
)
UNKNOWN_STAGE = "Waiting Room"
_STAGE_IDS = {name: 401 + n for n, name in enumerate((*STAGES, UNKNOWN_STAGE))}
_START = datetime(2026, 1, 5, 15, tzinfo=timezone.utc)
_SOURCES = ("Vendor A", "Vendor B", "vendor b ", "app", None)
# Campaign id, sequence id, stops on a reply; one has no sequence to be seen.
_CAMPAIGNS = ((71, 571, True), (72, 572, False), (73, 573, True), (74, None, False))
_HIDDEN_SEQUENCE = 574
_KINDS = ("sms", "email", "sms", "call")
# What a message goes through, hours between the states.
_FATES: tuple[tuple[tuple[float, str | None], ...], ...] = (
    ((0, "delivered"),),
    ((0, "sent"), (5, "delivered")),
    ((0, "sent"), (3, "delivered"), (20, "opened")),
    ((0, "queued"), (2, "sent"), (4, "delivered")),
    ((0, "scheduled"), (6, "cancelled")),
    ((0, "sent"), (1, "bounced")),
    ((0, None),),
    ((0, "carrier_delayed"),),
    ((0, "delivered"), (1, "not_delivered")),
)


class History:
    """An account whose past is known. `now` is its clock; it only goes on."""

    def __init__(self, seed: int, prospects: int = 10) -> None:
        self.rng = Random(seed)
        self.now = _START
        self.truth = Truth()
        self._prospect_ids = iter(range(1000, 100_000))
        self._message_ids = iter(range(50_000, 10_000_000))
        self._states: list[tuple[datetime, int, int, str | None]] = []
        self._users = {
            number: {"name": f"User Number{number}", "email": f"u{number}@team.example"}
            for number in (21, 22, 23)
        }
        self._users[24] = {"name": "Intake", "email": None}
        self.account = Account(campaigns=_campaigns(), pipelines=[_pipeline()])
        for _ in range(prospects):
            self.create()

    def play(self, steps: int) -> None:
        """Let that many things happen."""
        for _ in range(steps):
            self.step()

    def step(self) -> None:
        """Let some time pass and one thing happen."""
        self.wait(hours=self.rng.choice((0.02, 0.2, 1, 3, 9, 20)))
        actions, weights = zip(*self._actions(), strict=True)
        self.rng.choices(actions, weights)[0]()

    def wait(self, **delta: float) -> None:
        """Let time pass; messages settle meanwhile, unannounced."""
        self.now += timedelta(**delta)
        due = [state for state in self._states if state[0] <= self.now]
        self._states = [state for state in self._states if state[0] > self.now]
        for _, prospect_id, message_id, status in sorted(due, key=lambda s: s[0]):
            self._settle(prospect_id, message_id, status)

    def clock(self) -> datetime:
        """Return the time, a little later at each call, as clocks do."""
        self.now += timedelta(milliseconds=1)
        return self.now

    def observe(self) -> None:
        """Note that a complete load has just seen everything."""
        self.truth.observe(set(self.account.prospects))

    def _actions(self) -> list[tuple[Any, float]]:
        return [
            (self.create, 5),
            (self.edit, 7),
            (self.reassign, 4),
            (self.edit_user, 2),
            (self.move, 12),
            (self.enroll, 9),
            (self.leave, 3),
            (self.send, 22),
            (self.write, 7),
            (self.hear, 10),
            (self.opt_out, 2),
            (self.lend, 8),
            (self.delete, 2),
            (self.merge, 2),
            (self.rename_campaign, 1),
        ]

    # --- prospects --------------------------------------------------------

    def create(self) -> None:
        """A new prospect appears, in a stage or in none."""
        prospect_id = next(self._prospect_ids)
        stamp = wire.stamp(self.now)
        record = wire.prospect(prospect_id, stamp, **self._contact(prospect_id))
        record["source"] = self.rng.choice(_SOURCES)
        record.update(self._owner())
        self.account.put_prospect(record)
        if self.rng.random() < 0.9:
            self._enter(prospect_id, self.rng.choice(STAGES[:3]))

    def edit(self) -> None:
        """Somebody corrects a prospect's record."""
        prospect_id = self._any()
        fields = self._contact(prospect_id)
        fields["do_not_call"] = self.rng.choice((True, False, None))
        name = self.rng.choice(sorted(fields))
        self._change(prospect_id, **{name: fields[name]})

    def reassign(self) -> None:
        """A prospect gets another owner, or none."""
        self._change(self._any(), **self._owner())

    def edit_user(self) -> None:
        """A team member's name or address changes, or two swap addresses."""
        one, other = self.rng.sample((21, 22, 23), 2)
        first, second = self._users[one], self._users[other]
        if self.rng.random() < 0.3:
            first["email"], second["email"] = second["email"], first["email"]
        else:
            first["name"] = f"User Renamed{self.rng.randrange(99)}"
        for record in list(self.account.prospects.values()):
            if record["assigned_to"] in (one, other):
                shown = self._user(record["assigned_to"])
                self.account.change_prospect(record["id"], assigned_user=shown)

    def move(self) -> None:
        """A prospect moves to another stage; rarely to an unknown one, or out."""
        prospect_id, luck = self._any(), self.rng.random()
        if luck < 0.06:
            self._change(
                prospect_id,
                pipeline=None,
                pipeline_stage=None,
                stage_assigned_at=None,
            )
        elif luck < 0.12:
            self._enter(prospect_id, UNKNOWN_STAGE)
        else:
            self._enter(prospect_id, self.rng.choice(STAGES))

    def delete(self) -> None:
        """A prospect is deleted."""
        if len(self.account.prospects) > 5:
            self._remove(self._any(), None)

    def merge(self) -> None:
        """A prospect is merged into another one, which gets its messages."""
        if len(self.account.prospects) > 6:
            gone, survivor = self.rng.sample(sorted(self.account.prospects), 2)
            self._remove(gone, survivor)
            self.truth.mixed.add(survivor)
            self._change(survivor)

    def lend(self) -> None:
        """A loan's fields are filled, changed, or emptied."""
        rng, day = self.rng, self.now.date()
        fields = {
            "loan_amount": rng.choice(("350000", "$410,000", "275000.50", None)),
            "property_value": rng.choice(("500000", "1", None)),
            "loan_type": rng.choice(("Purchase", "Refinance", None)),
            "interest_rate": rng.choice(("6.625", "7.1%", None)),
            "application_date": rng.choice((wire.stamp(self.now), None)),
            "rate_is_locked": rng.choice((0, 1, "Yes", None)),
            "rate_lock_date": rng.choice((f"{day}", None)),
            "close_date": rng.choice(
                (f"{day - timedelta(days=3)}", f"{day + timedelta(days=9)}", None)
            ),
        }
        if rng.random() < 0.15:
            fields = dict.fromkeys(fields, None)
        prospect_id = self._any()
        self._change(prospect_id, mortgage={"prospect_id": prospect_id, **fields})

    # --- campaigns and messages -------------------------------------------

    def enroll(self) -> None:
        """A prospect enters a campaign, which replaces the one before."""
        prospect_id = self._any()
        campaign = self.rng.choice(self.account.campaigns)
        before = self.truth.last(prospect_id, campaign["id"])
        if before and self.now - max([before.begun, *before.sent]) < timedelta(days=8):
            return
        dated = self.rng.random() < 0.85
        self.truth.enroll(prospect_id, campaign["id"], self.now, dated)
        entry = {
            "id": campaign["id"],
            "name": campaign["name"],
            "sequence_start": wire.stamp(self.now) if dated else None,
        }
        self._change(prospect_id, campaigns=[entry])

    def leave(self) -> None:
        """A prospect is taken out of its campaign."""
        prospect_id = self._any()
        self.truth.leave(prospect_id)
        self._change(prospect_id, campaigns=[])

    def send(self) -> None:
        """A campaign sends its next step to somebody."""
        running = [e for e in self.truth.enrollments if e.listed]
        running = [e for e in running if e.prospect_id in self.account.prospects]
        if not running:
            return
        enrollment = self.rng.choice(running)
        self.wait(minutes=1)
        step = len(enrollment.sent)
        if step >= len(_KINDS):
            return
        kind = _KINDS[step]
        self._say(
            enrollment.prospect_id,
            enrollment,
            type=kind,
            sequence_id=_sequence(enrollment.campaign_id),
            event_id=enrollment.campaign_id * 100 + step,
            audio_path="drop.mp3" if kind == "call" else None,
        )

    def write(self) -> None:
        """A person, or the pipeline's automation, writes to a prospect."""
        automatic = self.rng.random() < 0.25
        kind = self.rng.choice(("sms", "email", "call", "note"))
        if kind in ("call", "note") and not automatic:
            status = self.rng.choice(("answered", "unanswered"))
            self._message(self._any(), type=kind, status=status)
            return
        self._say(
            self._any(),
            None,
            type="email",
            pipeline_event_id=9001 if automatic else None,
        )

    def hear(self, text: str | None = None) -> int:
        """A prospect answers; the id says who."""
        prospect_id = self._any()
        text = text or self.rng.choice(("Yes", "Call me", "Who is this?", ""))
        self._message(
            prospect_id, direction="incoming", status="delivered", content=text
        )
        self.account.change_prospect(
            prospect_id, last_conversation=wire.stamp(self.now)
        )
        return prospect_id

    def opt_out(self) -> None:
        """A prospect revokes consent by a word that counts."""
        prospect_id = self.hear(self.rng.choice(("STOP", "Remove me!", "unsubscribe")))
        self._change(prospect_id, opt_outs=["sms"])

    def rename_campaign(self) -> None:
        """A campaign gets another name, in its list and where it is listed."""
        campaign = self.rng.choice(self.account.campaigns)
        campaign["name"] = f"Campaign {self.rng.randrange(1000)}"
        for record in list(self.account.prospects.values()):
            for entry in record["campaigns"]:
                if entry["id"] == campaign["id"]:
                    entry = {**entry, "name": campaign["name"]}
                    self.account.change_prospect(record["id"], campaigns=[entry])

    # --- how things are done ----------------------------------------------

    def _any(self) -> int:
        return self.rng.choice(sorted(self.account.prospects))

    def _change(self, prospect_id: int, **fields: Any) -> None:
        stamp = wire.stamp(self.now)
        self.account.change_prospect(prospect_id, updated_at=stamp, **fields)

    def _contact(self, number: int) -> dict[str, Any]:
        rng = self.rng
        return {
            "first_name": rng.choice(("Ada", "Bo", "Çağla", None)),
            "last_name": rng.choice(("Example", "O'Neil", None)),
            "email": rng.choice((f"p{number}@mail.example", None)),
            "phone": rng.choice((f"+1202555{number % 10000:04d}", "unknown", None)),
        }

    def _user(self, user_id: int) -> dict[str, Any]:
        shown = self._users[user_id]
        return wire.user(user_id, shown["name"], shown["email"])

    def _owner(self) -> dict[str, Any]:
        user_id = self.rng.choice((21, 22, 23, 24, None))
        user = None if user_id is None else self._user(user_id)
        return {"assigned_to": user_id, "assigned_user": user}

    def _enter(self, prospect_id: int, stage: str) -> None:
        dated = self.rng.random() < 0.93
        if stage != UNKNOWN_STAGE:
            self.truth.move(prospect_id, stage, self.now if dated else None)
        shown = {"id": _STAGE_IDS[stage], "name": stage, "pipeline_id": 2501}
        self._change(
            prospect_id,
            pipeline={"id": 2501, "name": "Main"},
            pipeline_stage=shown,
            stage_assigned_at=wire.stamp(self.now) if dated else None,
        )

    def _remove(self, prospect_id: int, survivor: int | None) -> None:
        self.truth.removed[prospect_id] = survivor
        self.truth.leave(prospect_id)
        self.account.remove_prospect(prospect_id, merged_into=survivor)
        self._states = [
            (at, survivor if owner == prospect_id else owner, message, status)
            for at, owner, message, status in self._states
            if owner != prospect_id or survivor is not None
        ]

    def _say(
        self, prospect_id: int, enrollment: Enrollment | None, **fields: Any
    ) -> None:
        """Send a message that goes through the states of a random fate."""
        fate = self.rng.choice(_FATES)
        message_id = self._message(prospect_id, status=fate[0][1], **fields)
        for hours, status in fate[1:]:
            at = self.now + timedelta(hours=hours)
            self._states.append((at, prospect_id, message_id, status))
        left = {status for _, status in fate} - {"queued", "scheduled", "cancelled"}
        if enrollment is not None and left:
            enrollment.sent.append(self.now)

    def _message(self, prospect_id: int, **fields: Any) -> int:
        message_id = next(self._message_ids)
        stamp = wire.stamp(self.now)
        self.account.put_message(wire.message(message_id, prospect_id, stamp, **fields))
        self._change(prospect_id, last_contact=stamp)
        return message_id

    def _settle(self, prospect_id: int, message_id: int, status: str | None) -> None:
        for row in self.account.messages.get(prospect_id, []):
            if row["id"] == message_id:
                self.account.put_message({**row, "status": status})
                return


def _sequence(campaign_id: int) -> int:
    known = {number: sequence for number, sequence, _ in _CAMPAIGNS}
    return known[campaign_id] or _HIDDEN_SEQUENCE


def _campaigns() -> list[dict[str, Any]]:
    stamp = wire.stamp(_START)
    return [
        wire.campaign(number, f"Campaign {number}", stamp, sequence, stops)
        for number, sequence, stops in _CAMPAIGNS
    ]


def _pipeline() -> dict[str, Any]:
    stages = [(stage_id, name) for name, stage_id in _STAGE_IDS.items()]
    return wire.pipeline(2501, "Main", stages)
