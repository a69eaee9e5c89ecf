"""Stable ids: the same thing in Bonzo has the same UUID in every database."""

from __future__ import annotations

from datetime import datetime, timezone
from functools import lru_cache
from uuid import UUID, uuid5

# Never change it: every id in every loaded database comes from it.
NAMESPACE = UUID("6f1d2a52-3c0e-5b52-9a8e-0b0a5f0c1d77")

# Keys of campaigns that stand for automations outside of Bonzo's campaigns.
PIPELINE = "pipeline"
BROADCAST = "broadcast"
UNKNOWN_AUTOMATION = "unknown"


def instant(at: datetime) -> str:
    """Spell an instant as every id does: UTC, six digits, Z."""
    utc = at.astimezone(timezone.utc).replace(tzinfo=None)
    return utc.isoformat(timespec="microseconds") + "Z"


def user_uuid(user_id: int) -> UUID:
    """Return the UUID of a team member."""
    return uuid5(NAMESPACE, f"user:{user_id}")


@lru_cache(maxsize=4096)
def campaign_uuid(key: str) -> UUID:
    """Return the UUID of a campaign; its key is Bonzo's id or one of the above."""
    return uuid5(NAMESPACE, f"campaign:{key}")


def sequence_key(sequence_id: int) -> str:
    """Return the key of the campaign made up for a sequence that nothing explains."""
    return f"sequence:{sequence_id}"


@lru_cache(maxsize=4096)
def touch_uuid(sequence: int | str, event_id: int) -> UUID:
    """Return the UUID of a step: its sequence (or "pipeline") and its event.

    A negative sequence is the campaign that takes a sequence's place.
    """
    if isinstance(sequence, int) and sequence < 0:
        sequence = f"campaign-{-sequence}"
    return uuid5(NAMESPACE, f"touch:{sequence}:{event_id}")


def enrollment_uuid(prospect_id: int, campaign_key: str, start: datetime) -> UUID:
    """Return the UUID of one enrollment."""
    return uuid5(NAMESPACE, f"enrollment:{prospect_id}:{campaign_key}:{instant(start)}")


@lru_cache(maxsize=8192)
def engagement_uuid(message_id: int, engagement_type: str) -> UUID:
    """Return the UUID of what one message did."""
    return uuid5(NAMESPACE, f"message:{message_id}:{engagement_type}")
