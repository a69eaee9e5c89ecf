"""An account in motion: a clock, and how things are done to it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from random import Random
from typing import Any

from demo import payloads
from demo.account import Account
from tests.fake_bonzo.expected_history import Enrollment, Truth
from tests.schema import STAGES

UNKNOWN_STAGE = "Waiting Room"
_STAGE_IDS = {name: 401 + n for n, name in enumerate((*STAGES, UNKNOWN_STAGE))}
_START = datetime(2026, 1, 5, 15, tzinfo=timezone.utc)
SOURCES = ("Vendor A", "Vendor B", "vendor b ", "app", None)
# Campaign id, sequence id, stops on a reply; one has no sequence to be seen.
_CAMPAIGNS = ((71, 571, True), (72, 572, False), (73, 573, True), (74, None, False))
_HIDDEN_SEQUENCE = 574
KINDS = ("sms", "email", "sms", "call")
# What a message goes through, hours between the states.
_FATES: tuple[tuple[tuple[float, str | None], ...], ...] = (
    ((0, "delivered"),),
    ((0, "sent"), (5, "delivered")),
    ((0, "sent"), (3, "delivered"), (44, "opened")),
    ((0, "sent"), (30, "delivered")),
    ((0, "queued"), (2, "sent"), (4, "delivered")),
    ((0, "scheduled"), (6, "cancelled")),
    ((0, "sent"), (1, "bounced")),
    ((0, None),),
    ((0, "carrier_delayed"),),
    ((0, "delivered"), (1, "not_delivered")),
)


class World:
    """The account, its past, and its clock `now`, which only goes on."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.now = _START
        # Campaigns whose messages name them instead of their sequence.
        self.keyed_by_campaign = {n for n, *_ in _CAMPAIGNS if self.rng.random() < 0.4}
        self.truth = Truth()
        self.prospect_ids = iter(range(1000, 100_000))
        self._message_ids = iter(range(50_000, 10_000_000))
        self._states: list[tuple[datetime, int, int, str | None]] = []
        self.users = {
            number: {"name": f"User Number{number}", "email": f"u{number}@team.example"}
            for number in (21, 22, 23)
        }
        self.users[24] = {"name": "Intake", "email": None}
        self.account = Account(campaigns=_campaigns(), pipelines=[_pipeline()])

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

    def undated(self) -> list[int]:
        """Return the prospects whose stage shows no time of entry."""
        rows = self.account.prospects.items()
        return [key for key, row in rows if row["stage_assigned_at"] is None]

    def random_prospect_id(self) -> int:
        """Return the id of a prospect that is there."""
        return self.rng.choice(sorted(self.account.prospects))

    def change(self, prospect_id: int, **fields: Any) -> None:
        """Set fields of a prospect; `updated_at` moves along."""
        stamp = payloads.stamp(self.now)
        self.account.change_prospect(prospect_id, updated_at=stamp, **fields)

    def contact(self, number: int) -> dict[str, Any]:
        """Return names and ways to reach a prospect, some of them missing."""
        rng = self.rng
        return {
            "first_name": rng.choice(("Ada", "Bo", "Çağla", None)),
            "last_name": rng.choice(("Example", "O'Neil", None)),
            "email": rng.choice((f"p{number}@mail.example", None)),
            "phone": rng.choice((f"+1202555{number % 10000:04d}", "unknown", None)),
        }

    def user(self, user_id: int) -> dict[str, Any]:
        """Return a team member as prospects show it."""
        shown = self.users[user_id]
        return payloads.user(user_id, shown["name"], shown["email"])

    def owner(self) -> dict[str, Any]:
        """Return the fields of a random owner, or of none."""
        user_id = self.rng.choice((21, 22, 23, 24, None))
        user = None if user_id is None else self.user(user_id)
        return {"assigned_to": user_id, "assigned_user": user}

    def put_into(self, prospect_id: int, stage: str) -> None:
        """Move a prospect to a stage; now and then Bonzo hides the time."""
        dated = self.rng.random() < 0.93
        known = stage if stage != UNKNOWN_STAGE else None
        self.truth.move(prospect_id, known, self.now if dated else None)
        shown = {"id": _STAGE_IDS[stage], "name": stage, "pipeline_id": 2501}
        self.change(
            prospect_id,
            pipeline={"id": 2501, "name": "Main"},
            pipeline_stage=shown,
            stage_assigned_at=payloads.stamp(self.now) if dated else None,
        )

    def remove(self, prospect_id: int, survivor: int | None) -> None:
        """Take a prospect away, or merge it into the survivor."""
        self.truth.removed[prospect_id] = survivor
        self.truth.leave(prospect_id)
        self.account.remove_prospect(prospect_id, merged_into=survivor)
        self._states = [
            (at, survivor if owner == prospect_id else owner, message, status)
            for at, owner, message, status in self._states
            if owner != prospect_id or survivor is not None
        ]

    def say(
        self, prospect_id: int, enrollment: Enrollment | None, **fields: Any
    ) -> None:
        """Send a message that goes through the states of a random fate."""
        fate = self.rng.choice(_FATES)
        message_id = self.add_message(prospect_id, status=fate[0][1], **fields)
        for hours, status in fate[1:]:
            at = self.now + timedelta(hours=hours)
            self._states.append((at, prospect_id, message_id, status))
        left = {status for _, status in fate} - {"queued", "scheduled", "cancelled"}
        if enrollment is not None and left:
            enrollment.sent.append(self.now)

    def add_message(self, prospect_id: int, **fields: Any) -> int:
        """Add a message as of now and return its id."""
        message_id = next(self._message_ids)
        stamp = payloads.stamp(self.now)
        self.account.put_message(
            payloads.message(message_id, prospect_id, stamp, **fields)
        )
        self.change(prospect_id, last_contact=stamp)
        return message_id

    def _settle(self, prospect_id: int, message_id: int, status: str | None) -> None:
        for row in self.account.messages.get(prospect_id, []):
            if row["id"] == message_id:
                self.account.put_message({**row, "status": status})
                return


def sequence(campaign_id: int) -> int:
    """Return the sequence that a campaign sends its messages in."""
    known = {number: sequence for number, sequence, _ in _CAMPAIGNS}
    return known[campaign_id] or _HIDDEN_SEQUENCE


def _campaigns() -> list[dict[str, Any]]:
    stamp = payloads.stamp(_START)
    return [
        payloads.campaign(number, f"Campaign {number}", stamp, sequence, stops)
        for number, sequence, stops in _CAMPAIGNS
    ]


def _pipeline() -> dict[str, Any]:
    stages = [(stage_id, name) for name, stage_id in _STAGE_IDS.items()]
    return payloads.pipeline(2501, "Main", stages)
