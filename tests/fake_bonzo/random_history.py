"""Random histories of an account, for testing that loads converge.

A history changes an account step by step, as people, campaigns and the service
do, and keeps the list of what happened. The same seed gives the same history.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from demo import payloads
from tests.fake_bonzo.random_account import (
    KINDS,
    SOURCES,
    UNKNOWN_STAGE,
    World,
    sequence,
)
from tests.schema import STAGES


class History(World):
    """Prospects, people and campaigns that do things at random."""

    def __init__(self, seed: int, prospects: int = 10) -> None:
        super().__init__(seed)
        for _ in range(prospects):
            self.create()

    def play(self, steps: int) -> None:
        """Let that many things happen."""
        for _ in range(steps):
            self.step()

    def step(self) -> None:
        """Let some time pass and one thing happen."""
        self.wait(hours=self.rng.choice((0.02, 0.2, 1, 3, 9)))
        actions, weights = zip(*self._actions(), strict=True)
        self.rng.choices(actions, weights)[0]()

    def _actions(self) -> list[tuple[Any, float]]:
        return [
            (self.create, 5),
            (self.edit, 7),
            (self.reassign, 4),
            (self.edit_user, 2),
            (self.move, 12),
            (self.enroll, 9),
            (self.leave, 3),
            (self.send, 26),
            (self.write, 12),
            (self.automate, 5),
            (self.share, 2),
            (self.describe, 5),
            (self.receive, 10),
            (self.opt_out, 2),
            (self.edit_loan, 8),
            (self.delete, 2),
            (self.merge, 2),
            (self.rename_campaign, 1),
        ]

    # --- prospects --------------------------------------------------------

    def create(self) -> None:
        """A new prospect appears, in a stage or in none."""
        prospect_id = next(self.prospect_ids)
        stamp = payloads.stamp(self.now)
        record = payloads.prospect(prospect_id, stamp, **self.contact(prospect_id))
        record["source"] = self.rng.choice(SOURCES)
        record.update(self.owner())
        self.account.put_prospect(record)
        if self.rng.random() < 0.9:
            self.put_into(prospect_id, self.rng.choice(STAGES[:3]))

    def edit(self) -> None:
        """Somebody corrects a prospect's record."""
        prospect_id = self.random_prospect_id()
        fields = self.contact(prospect_id)
        fields["do_not_call"] = self.rng.choice((True, False, None))
        name = self.rng.choice(sorted(fields))
        self.change(prospect_id, **{name: fields[name]})

    def reassign(self) -> None:
        """A prospect gets another owner, or none."""
        self.change(self.random_prospect_id(), **self.owner())

    def edit_user(self) -> None:
        """A team member's name or address changes, or two swap addresses."""
        one, other = self.rng.sample((21, 22, 23), 2)
        first, second = self.users[one], self.users[other]
        if self.rng.random() < 0.3:
            first["email"], second["email"] = second["email"], first["email"]
        else:
            first["name"] = f"User Renamed{self.rng.randrange(99)}"
        for record in list(self.account.prospects.values()):
            if record["assigned_to"] in (one, other):
                shown = self.user(record["assigned_to"])
                self.account.change_prospect(record["id"], assigned_user=shown)

    def move(self) -> None:
        """A prospect moves to another stage; rarely to an unknown one, or out."""
        prospect_id, luck = self.random_prospect_id(), self.rng.random()
        if luck < 0.06:
            self.truth.move(prospect_id, None, None)
            self.change(
                prospect_id,
                pipeline=None,
                pipeline_stage=None,
                stage_assigned_at=None,
            )
        elif luck < 0.12:
            self.put_into(prospect_id, UNKNOWN_STAGE)
        else:
            self.put_into(prospect_id, self.rng.choice(STAGES))

    def delete(self) -> None:
        """A prospect is deleted."""
        if len(self.account.prospects) > 5:
            self.remove(self.random_prospect_id(), None)

    def merge(self) -> None:
        """A prospect is merged into another one, which gets its messages."""
        if len(self.account.prospects) > 6:
            gone, survivor = self.rng.sample(sorted(self.account.prospects), 2)
            self.remove(gone, survivor)
            self.truth.mixed.add(survivor)
            self.change(survivor)

    def edit_loan(self) -> None:
        """A loan's fields are filled, changed, or emptied."""
        rng, day = self.rng, self.now.date()
        fields = {
            "loan_amount": rng.choice(("350000", "$410,000", "275000.50", None)),
            "property_value": rng.choice(("500000", "1", None)),
            "loan_type": rng.choice(("Purchase", "Refinance", None)),
            "credit_score": rng.choice(("0801", 640, "none", 0, None)),
            "property_state": rng.choice(("TX", "N/A", None)),
            "interest_rate": rng.choice(("6.625", "7.1%", None)),
            "application_date": rng.choice((payloads.stamp(self.now), None)),
            "rate_is_locked": rng.choice((0, 1, "Yes", None)),
            "rate_lock_date": rng.choice((f"{day}", None)),
            "close_date": rng.choice(
                (f"{day - timedelta(days=3)}", f"{day + timedelta(days=9)}", None)
            ),
        }
        if rng.random() < 0.15:
            fields = dict.fromkeys(fields, None)
        prospect_id = self.random_prospect_id()
        self.change(prospect_id, mortgage={"prospect_id": prospect_id, **fields})

    # --- campaigns and messages -------------------------------------------

    def enroll(self) -> None:
        """A prospect enters a campaign, which replaces the one before."""
        prospect_id = self.random_prospect_id()
        # Seldom the last one, whose sequence nobody shows.
        campaign = self.rng.choices(self.account.campaigns, (5, 5, 5, 1))[0]
        before = self.truth.last(prospect_id, campaign["id"])
        if before and self.now - max([before.begun, *before.sent]) < timedelta(days=8):
            return
        dated = self.rng.random() < 0.85
        self.truth.enroll(prospect_id, campaign["id"], self.now, dated)
        entry = {
            "id": campaign["id"],
            "name": campaign["name"],
            "sequence_start": payloads.stamp(self.now) if dated else None,
        }
        self.change(prospect_id, campaigns=[entry])

    def leave(self) -> None:
        """A prospect is taken out of its campaign."""
        prospect_id = self.random_prospect_id()
        self.truth.leave(prospect_id)
        self.change(prospect_id, campaigns=[])

    def send(self) -> None:
        """A campaign sends its next step to somebody."""
        running = [e for e in self.truth.enrollments if e.listed]
        running = [e for e in running if e.prospect_id in self.account.prospects]
        if not running:
            return
        enrollment = self.rng.choice(running)
        self.wait(minutes=1)
        step = len(enrollment.sent)
        if step >= len(KINDS):
            return
        kind = KINDS[step]
        self.say(
            enrollment.prospect_id,
            enrollment,
            type=kind,
            **self.key(enrollment.campaign_id),
            event_id=enrollment.campaign_id * 100 + step,
            audio_path="drop.mp3" if kind == "call" else None,
        )

    def key(self, campaign_id: int) -> dict[str, int]:
        """Return what messages of a campaign name it by; it stays so."""
        if campaign_id in self.keyed_by_campaign:
            return {"campaign_id": campaign_id}
        return {"sequence_id": sequence(campaign_id)}

    def automate(self) -> None:
        """Automation writes without a whole step: its event, sequence or batch."""
        campaign = self.rng.choice(self.account.campaigns)
        fields = self.rng.choice(
            (
                {**self.key(campaign["id"]), "event_id": 0},
                {"sequence_id": 599},
                {"event_id": 88_000 + self.rng.randrange(3)},
                {"sequence_id": "", "event_id": 88_000},
                # Now and then an event of which nothing was known shows its sequence.
                {"sequence_id": 588, "event_id": 88_000 + self.rng.randrange(3)},
                {"batch_id": 7000 + self.rng.randrange(2)},
            )
        )
        prospect_id = self.random_prospect_id()
        self.truth.mixed.add(prospect_id)
        self.say(prospect_id, None, type="email", **fields)

    def share(self) -> None:
        """A person's message shows in the list of another prospect, too."""
        one, other = self.rng.sample(sorted(self.account.prospects), 2)
        message_id = self.add_message(one, type="email")
        copy = next(r for r in self.account.messages[one] if r["id"] == message_id)
        self.account.put_messages(
            other, [*self.account.messages.get(other, []), dict(copy)]
        )
        self.change(other, last_contact=copy["created_at"])

    def describe(self) -> None:
        """A prospect's place, time zone or tags are changed."""
        rng = self.rng
        names = rng.sample(("VIP", "vip", "Past client", "A&amp;B", " Two  words "), 2)
        fields = {
            "city": rng.choice(("Chicago", " Austin ", None)),
            "state": rng.choice(("IL", "texas", "Ontario", None)),
            "timezone": rng.choice(("America/Chicago", "Central", None)),
            "tags": rng.choice(
                ([], names, [{"id": 1, "name": names[0]}], {"7": names[1]})
            ),
        }
        name = rng.choice(sorted(fields))
        self.change(self.random_prospect_id(), **{name: fields[name]})

    def write(self) -> None:
        """A person, or the pipeline's automation, writes to a prospect."""
        automatic = self.rng.random() < 0.25
        kind = self.rng.choice(("sms", "email", "call", "note"))
        if kind in ("call", "note") and not automatic:
            status = self.rng.choice(("answered", "unanswered"))
            self.add_message(self.random_prospect_id(), type=kind, status=status)
            return
        self.say(
            self.random_prospect_id(),
            None,
            type="email",
            pipeline_event_id=9001 if automatic else None,
        )

    def receive(self, text: str | None = None) -> int:
        """A prospect answers; the id says who."""
        prospect_id = self.random_prospect_id()
        text = text or self.rng.choice(("Yes", "Call me", "Who is this?", ""))
        self.add_message(
            prospect_id, direction="incoming", status="delivered", content=text
        )
        self.account.change_prospect(
            prospect_id, last_conversation=payloads.stamp(self.now)
        )
        return prospect_id

    def opt_out(self) -> None:
        """A prospect revokes consent by a word that counts."""
        prospect_id = self.receive(
            self.rng.choice(("STOP", "Remove me!", "unsubscribe"))
        )
        self.change(prospect_id, opt_outs=["sms"])

    def rename_campaign(self) -> None:
        """A campaign gets another name, in its list and where it is listed."""
        campaign = self.rng.choice(self.account.campaigns)
        campaign["name"] = f"Campaign {self.rng.randrange(1000)}"
        for record in list(self.account.prospects.values()):
            for entry in record["campaigns"]:
                if entry["id"] == campaign["id"]:
                    entry = {**entry, "name": campaign["name"]}
                    self.account.change_prospect(record["id"], campaigns=[entry])
