"""What really happened in a random history, and what a load could have seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class Move:
    """A prospect entered a stage; `at` is None where Bonzo hides the time.

    `stage` is None for one that the standard does not know, or no stage.
    `seen` says whether a complete load ran while the prospect stood there.
    """

    prospect_id: int
    stage: str | None
    at: datetime | None
    seen: bool = False


@dataclass
class Enrollment:
    """A prospect entered a campaign; `start` is None where Bonzo hides it.

    `sent` are the times of its messages that have left. `seen` says whether a
    complete load ran while the campaign was listed.
    """

    prospect_id: int
    campaign_id: int
    begun: datetime
    start: datetime | None
    sent: list[datetime] = field(default_factory=list)
    listed: bool = True
    seen: bool = False

    @property
    def assigned_at(self) -> datetime | None:
        """What the loader should give as its start, if anything tells it."""
        if self.start is not None and self.seen:
            return self.start
        return min(self.sent, default=None)


@dataclass
class Truth:
    """The list that a history keeps beside the account."""

    moves: list[Move] = field(default_factory=list)
    enrollments: list[Enrollment] = field(default_factory=list)
    # Deleted prospects, and merged ones with their survivor.
    removed: dict[int, int | None] = field(default_factory=dict)
    # Prospects that a complete load has certainly seen.
    seen: set[int] = field(default_factory=set)
    # Prospects whose messages are not all their own.
    mixed: set[int] = field(default_factory=set)

    def move(self, prospect_id: int, stage: str | None, at: datetime | None) -> None:
        """Note a move."""
        self.moves.append(Move(prospect_id, stage, at))

    def enroll(
        self, prospect_id: int, campaign_id: int, begun: datetime, dated: bool
    ) -> Enrollment:
        """Note an enrollment, which ends the one before."""
        self.leave(prospect_id)
        start = begun if dated else None
        found = Enrollment(prospect_id, campaign_id, begun, start)
        self.enrollments.append(found)
        return found

    def leave(self, prospect_id: int) -> None:
        """Note that a prospect is in no campaign any more."""
        for enrollment in self.enrollments:
            if enrollment.prospect_id == prospect_id:
                enrollment.listed = False

    def current(self, prospect_id: int) -> Enrollment | None:
        """Return the enrollment that Bonzo lists for a prospect."""
        for enrollment in self.enrollments:
            if enrollment.prospect_id == prospect_id and enrollment.listed:
                return enrollment
        return None

    def last(self, prospect_id: int, campaign_id: int) -> Enrollment | None:
        """Return a prospect's latest enrollment in a campaign, listed or not."""
        found = [
            enrollment
            for enrollment in self.enrollments
            if (enrollment.prospect_id, enrollment.campaign_id)
            == (prospect_id, campaign_id)
        ]
        return found[-1] if found else None

    def observe(self, present: set[int]) -> None:
        """Note that a complete load has seen the account as it is now."""
        self.seen |= present
        latest = {move.prospect_id: move for move in self.moves}
        for move in latest.values():
            move.seen = move.seen or move.prospect_id in present
        for enrollment in self.enrollments:
            if enrollment.listed and enrollment.prospect_id in present:
                enrollment.seen = True
