"""Records as Bonzo sends them, each with sensible values to start from."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

BASE = datetime(2026, 3, 2, 15, 0, tzinfo=timezone.utc)


def at(days: float = 0, minutes: float = 0) -> str:
    """An instant after BASE as Bonzo spells it."""
    moment = BASE + timedelta(days=days, minutes=minutes)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def when(days: float = 0, minutes: float = 0) -> datetime:
    """The same instant as a value."""
    return BASE + timedelta(days=days, minutes=minutes)


def prospect(prospect_id: int, **changes: Any) -> dict[str, Any]:
    """A prospect of officer 11 from source Vendor, in no campaign."""
    return {
        "id": prospect_id,
        "first_name": "Ada",
        "last_name": f"Example {prospect_id}",
        "email": f"ada{prospect_id}@example.com",
        "phone": f"+1202555{prospect_id % 10000:04d}",
        "source": "webhook",
        "assigned_to": 11,
        "assigned_user": {"id": 11, "name": "Lee Sample", "email": "lee@example.com"},
        "do_not_call": False,
        "opt_outs": [],
        "last_contact": None,
        "last_conversation": None,
        "campaigns": [],
        "pipeline": {"id": 1, "name": "Main"},
        "pipeline_stage": {"id": 5, "name": "Working", "pipeline_id": 1},
        "stage_assigned_at": at(1),
        "mortgage": {"lead_source": "Vendor"},
        "created_at": at(),
        "updated_at": at(1),
        **changes,
    }


def message(message_id: int, prospect_id: int, **changes: Any) -> dict[str, Any]:
    """A text message that the campaign with sequence 710 sent at BASE."""
    return {
        "id": message_id,
        "prospect_id": prospect_id,
        "type": "sms",
        "direction": "outgoing",
        "status": "delivered",
        "content": "Hi Ada",
        "sequence_id": 710,
        "event_id": 1,
        "pipeline_event_id": None,
        "event_date": at(),
        "created_at": at(),
        **changes,
    }


def manual(message_id: int, prospect_id: int, **changes: Any) -> dict[str, Any]:
    """A text message that a person sent."""
    own = {"sequence_id": None, "event_id": None}
    return message(message_id, prospect_id, **{**own, **changes})


def reply(message_id: int, prospect_id: int, **changes: Any) -> dict[str, Any]:
    """A text message from the prospect."""
    own = {"direction": "incoming", "status": None, "content": "Yes please"}
    return manual(message_id, prospect_id, **{**own, **changes})


def campaign(campaign_id: int, sequence: int | None, **changes: Any) -> dict[str, Any]:
    """An entry of the campaign list."""
    stops = changes.pop("stop_on_response", False)
    inner = {"id": sequence, "campaign_id": campaign_id, "stop_on_response": stops}
    return {
        "id": campaign_id,
        "name": f"Campaign number {campaign_id}",
        "created_at": at(-100),
        "updated_at": at(-90),
        "sequence": inner if sequence is not None else None,
        **changes,
    }


def listing(campaign_id: int, start: str | None = None) -> dict[str, Any]:
    """A campaign as a prospect shows it."""
    return {
        "id": campaign_id,
        "name": f"Campaign number {campaign_id}",
        "sequence_start": start,
    }
