"""Events, enrollments and messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.rill.reference.clock import Clock
from tests.rill.reference.leads import Lead

EVENT_TYPES = ("Sent", "Delivered", "Opened", "Clicked", "Responded")
NO_CAMPAIGN = "No campaign"
NO_CHANNEL = "No channel"


@dataclass(frozen=True)
class Touch:
    """A step of a campaign; `delay` in minutes after the step before."""

    touch_id: str
    campaign_id: str | None
    campaign: str
    order: int
    channel: str
    delay: int

    @property
    def label(self) -> str:
        """Order and channel, for an axis."""
        return f"{self.order} · {self.channel}"


@dataclass
class Enrollment:
    """A prospect's assignment to a campaign."""

    assignment_id: str
    lead: Lead
    campaign_id: str | None
    campaign: str
    assigned_at: datetime
    completed_at: datetime | None
    status: str | None
    messages: list[Message] = field(default_factory=list)

    @property
    def opted_out_at(self) -> datetime | None:
        """When the borrower opted out of it."""
        return self.completed_at if self.status == "Opted Out" else None

    @property
    def events(self) -> list[Event]:
        """Events of its messages."""
        return [event for message in self.messages for event in message.events]


@dataclass
class Event:
    """One distinct thing that happened.

    With a touch it is a campaign event. Without one it is loose where it names a
    campaign of its own: an automation whose step nobody knows. Else it is manual.
    """

    kind: str
    time: datetime
    touch: Touch | None
    loose_campaign: str | None = None
    enrollment: Enrollment | None = None

    @property
    def is_loose(self) -> bool:
        """Whether an automation without a known step did it."""
        return self.loose_campaign is not None

    @property
    def is_manual(self) -> bool:
        """Whether a person did it."""
        return self.touch is None and not self.is_loose

    @property
    def campaign(self) -> str:
        """Name of the touch's campaign, or of a loose event's own."""
        if self.touch:
            return self.touch.campaign
        return self.loose_campaign or NO_CAMPAIGN


@dataclass
class Message:
    """All events of one prospect, touch and enrollment."""

    lead: Lead
    touch: Touch
    enrollment: Enrollment | None
    events: list[Event] = field(default_factory=list)
    ended_by_opt_out: bool = False

    def first(self, kind: str) -> datetime | None:
        """Time of its first event of a kind."""
        times = [event.time for event in self.events if event.kind == kind]
        return min(times, default=None)

    def has(self, *kinds: str) -> bool:
        """Whether it has an event of one of the kinds."""
        return any(event.kind in kinds for event in self.events)

    @property
    def sent_at(self) -> datetime:
        """Its first Sent, else its first event."""
        return self.first("Sent") or min(event.time for event in self.events)

    @property
    def sent_times(self) -> list[datetime]:
        """Times of all its Sent events."""
        return [event.time for event in self.events if event.kind == "Sent"]

    @property
    def is_delivered(self) -> bool:
        """Delivered, if only by implication."""
        return self.has("Delivered", "Opened", "Clicked", "Responded")

    def human_events(self, machine_seconds: int) -> list[Event]:
        """Its events without opens and clicks too soon after delivery."""
        delivered_at = self.first("Delivered")
        if delivered_at is None:
            return self.events
        limit = timedelta(seconds=machine_seconds)
        return [
            event
            for event in self.events
            if event.kind not in ("Opened", "Clicked")
            or not timedelta(0) < event.time - delivered_at <= limit
        ]


def read_touches(tables: dict) -> dict[str, Touch]:
    """Touches by id."""
    names = {row["campaign_id"]: row["campaign_name"] for row in tables["campaigns"]}
    return {
        row["touch_id"]: Touch(
            touch_id=row["touch_id"],
            campaign_id=row["campaign_id"],
            campaign=names.get(row["campaign_id"], NO_CAMPAIGN),
            order=row["touch_order"],
            channel=row["touch_type"],
            delay=row["scheduled_delay"],
        )
        for row in tables["touches"]
    }


def read_activity(
    tables: dict, clock: Clock, leads: dict[int, Lead], touches: dict[str, Touch]
) -> None:
    """Give each lead its enrollments, events and messages."""
    read_enrollments(tables, clock, leads)
    read_events(tables, clock, leads, touches)
    for lead in leads.values():
        for event in lead.events:
            event.enrollment = enrollment_of(event, lead)
        build_messages(lead)
        for enrollment in lead.enrollments:
            mark_ended_message(enrollment)


def read_enrollments(tables: dict, clock: Clock, leads: dict[int, Lead]) -> None:
    """Assignments that have begun."""
    names = {row["campaign_id"]: row["campaign_name"] for row in tables["campaigns"]}
    for row in tables["prospect_campaign_assignments"]:
        lead = leads.get(row["prospect_id"])
        if lead is not None and clock.has_come(row["assigned_at"]):
            lead.enrollments.append(
                Enrollment(
                    assignment_id=row["assignment_id"],
                    lead=lead,
                    campaign_id=row["campaign_id"],
                    campaign=names.get(row["campaign_id"], NO_CAMPAIGN),
                    assigned_at=row["assigned_at"],
                    completed_at=clock.past(row["completed_at"]),
                    status=row["status"],
                )
            )


def read_events(
    tables: dict, clock: Clock, leads: dict[int, Lead], touches: dict[str, Touch]
) -> None:
    """Distinct events of the five kinds.

    What a row with a touch says about its campaign does not matter. Without one a
    person and an automation at the same moment are two.
    """
    names = {row["campaign_id"]: row["campaign_name"] for row in tables["campaigns"]}
    distinct = {
        (
            row["prospect_id"],
            row["touch_id"],
            row["campaign_id"] if row["touch_id"] is None else None,
            row["engagement_type"],
            time,
        )
        for row in tables["touch_engagements"]
        if row["engagement_type"] in EVENT_TYPES
        and row["prospect_id"] in leads
        and clock.has_come(time := row["engagement_time"])
    }
    for prospect_id, touch_id, campaign_id, kind, time in distinct:
        loose_campaign = campaign_id and names.get(campaign_id, NO_CAMPAIGN)
        leads[prospect_id].events.append(
            Event(kind, time, touches.get(touch_id), loose_campaign)
        )
    for lead in leads.values():
        lead.events.sort(key=lambda event: event.time)


def enrollment_of(event: Event, lead: Lead) -> Enrollment | None:
    """The enrollment that a campaign event belongs to; None is an orphan."""
    if event.touch is None:
        return None
    if event.kind != "Sent":
        sent = [
            other
            for other in lead.events
            if other.kind == "Sent"
            and other.touch == event.touch
            and other.time <= event.time
        ]
        if sent:
            latest = max(sent, key=lambda other: other.time)
            return running_enrollment(latest, lead)
    return running_enrollment(event, lead)


def running_enrollment(event: Event, lead: Lead) -> Enrollment | None:
    """The latest enrollment in the event's campaign begun by then."""
    begun = [
        enrollment
        for enrollment in lead.enrollments
        if event.touch.campaign_id is not None
        and enrollment.campaign_id == event.touch.campaign_id
        and enrollment.assigned_at <= event.time
    ]
    return max(begun, key=lambda e: (e.assigned_at, e.assignment_id), default=None)


def build_messages(lead: Lead) -> None:
    """Collect a lead's campaign events into messages."""
    messages: dict[tuple, Message] = {}
    for event in lead.events:
        if event.touch is None:
            continue
        enrollment = event.enrollment
        key = (event.touch.touch_id, enrollment and enrollment.assignment_id)
        if key not in messages:
            messages[key] = Message(lead, event.touch, enrollment)
            if enrollment:
                enrollment.messages.append(messages[key])
        messages[key].events.append(event)
    lead.messages = list(messages.values())


def mark_ended_message(enrollment: Enrollment) -> None:
    """Flag the last message before the enrollment's opt-out."""
    if enrollment.opted_out_at is None:
        return
    before = [m for m in enrollment.messages if m.sent_at <= enrollment.opted_out_at]
    if before:
        last = max(before, key=lambda m: (m.sent_at, m.touch.order, m.touch.touch_id))
        last.ended_by_opt_out = True
