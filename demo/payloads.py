"""The shapes and spellings that Bonzo's API uses on the wire."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any


def stamp(at: datetime | None) -> str | None:
    """Spell an instant as Bonzo does: UTC, six fractional digits and Z."""
    if at is None:
        return None
    return at.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def user(user_id: int, name: str, email: str | None) -> dict[str, Any]:
    """Return a user as it appears inside a prospect."""
    return {
        "id": user_id,
        "name": name,
        "email": email,
        "phone": None,
        "avatar_url": None,
    }


def prospect(prospect_id: int, created_at: str, **fields: Any) -> dict[str, Any]:
    """Return a prospect with every key of the resource; `fields` replace some."""
    shape: dict[str, Any] = {
        "id": prospect_id,
        "external_id": None,
        "business_entity_id": 3301,
        "first_name": None,
        "last_name": None,
        "full_name": None,
        "avatar": None,
        "source": None,
        "email": None,
        "phone": None,
        "phone_type": None,
        "status": "active",
        "address": None,
        "unit_number": None,
        "city": None,
        "state": None,
        "zip": None,
        "birthday": None,
        "timezone": "America/Chicago",
        "assigned_to": None,
        "assigned_user": None,
        "shared_users": [],
        "do_not_call": False,
        "opt_outs": [],
        "last_contact": None,
        "last_conversation": None,
        "last_subject": None,
        "business": {"id": 3301, "external_id": None, "name": "Lake Prairie Lending"},
        "campaigns": [],
        "tags": [],
        "pipeline": None,
        "pipeline_stage": None,
        "stage_assigned_at": None,
        "custom_status": None,
        "custom_sub_status": None,
        "mortgage": None,
        "recruiting": None,
        "insurance": None,
        "custom": [],
        "contact_information": [],
        "tasks_due_today_count": "0",
        "tasks_overdue_count": "0",
        "created_at": created_at,
        "updated_at": created_at,
    }
    shape.update(fields)
    return shape


def loosen(record: dict[str, Any]) -> dict[str, Any]:
    """Return a prospect as loosely typed as the service may send some of them.

    Which ones depends on the id alone.
    """
    number = record["id"]
    if number % 37 == 0 and record["assigned_to"] is not None:
        record["assigned_to"] = str(record["assigned_to"])
    if number % 41 == 0 and record["do_not_call"] is not None:
        record["do_not_call"] = int(record["do_not_call"])
    if number % 43 == 0:
        for name in ("external_id", "recruiting", "insurance", "custom_status"):
            del record[name]
    if number % 47 == 0 and not record["opt_outs"]:
        record["opt_outs"] = None
    return record


def message(
    message_id: int, prospect_id: int, at: str, **fields: Any
) -> dict[str, Any]:
    """Return a message with every key; an outgoing, delivered SMS unless told."""
    shape: dict[str, Any] = {
        "id": message_id,
        "prospect_id": prospect_id,
        "type": "sms",
        "direction": "outgoing",
        "status": "delivered",
        "content": None,
        "subject": None,
        "source": None,
        "user_id": None,
        "user_name": None,
        "avatar_url": None,
        "sequence_id": None,
        "event_id": None,
        "pipeline_event_id": None,
        "event_date": at,
        "send_at": at,
        "error_message": None,
        "error_blurb": None,
        "image_path": None,
        "audio_path": None,
        "created_at": at,
    }
    shape.update(fields)
    return shape


def campaign(
    campaign_id: int,
    name: str,
    created_at: str,
    sequence_id: int | None,
    stop_on_response: bool = True,
) -> dict[str, Any]:
    """Return a campaign; without a sequence id its `sequence` is null."""
    sequence = None
    if sequence_id is not None:
        sequence = {
            "id": sequence_id,
            "name": name,
            "campaign_id": campaign_id,
            "enabled": True,
            "enable_date": None,
            "type": "day_based",
            "prospect_zapier_uuid": None,
            "locked": 0,
            "is_template": False,
            "round_robin": False,
            "stop_on_response": stop_on_response,
            "cutoff_start": "08:00:00",
            "cutoff_stop": "20:00:00",
            "enabled_days": [1, 2, 3, 4, 5, 6],
            "nudge_enabled": 0,
            "replies": {"forward_sms": False},
            "loop": {"delay": None, "campaign_id": None},
            "created_at": created_at,
            "updated_at": created_at,
        }
    return {
        "id": campaign_id,
        "name": name,
        "lead_zapier_uuid": None,
        "prospects_count": "0",
        "created_at": created_at,
        "updated_at": created_at,
        "sequence": sequence,
    }


def pipeline(
    pipeline_id: int, name: str, stages: list[tuple[int, str]]
) -> dict[str, Any]:
    """Return a pipeline; the order of its stages is spelled as a string at times."""
    return {
        "id": pipeline_id,
        "name": name,
        "stages": [
            {
                "id": stage_id,
                "name": stage_name,
                "pipeline_id": pipeline_id,
                "order": str(order) if order % 2 == 0 else order,
                "prospect_count": "0",
            }
            for order, (stage_id, stage_name) in enumerate(stages)
        ],
    }
