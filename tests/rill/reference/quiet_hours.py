"""Messages that reach a borrower at night, by the borrower's own clock."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.rill.reference.events import Message
    from tests.rill.reference.settings import Settings

# An e-mail wakes nobody.
RINGING_CHANNELS = ("SMS", "Voicemail")


def is_text_or_call(message: Message) -> bool:
    """Say whether quiet hours matter to a message's channel."""
    return message.touch.channel in RINGING_CHANNELS


def local_hour(message: Message) -> str:
    """Give the hour of the first Sent where the borrower lives: 00 to 23."""
    sent_at, zone = message.first("Sent"), message.lead.details.zone
    if sent_at is None or zone is None:
        return "unknown"
    return f"{sent_at.astimezone(zone):%H}"


def is_outside_hours(message: Message, sent_at: datetime, settings: Settings) -> bool:
    """Say whether one Sent of a message came in the quiet hours."""
    zone = message.lead.details.zone
    if zone is None or not is_text_or_call(message):
        return False
    hour = sent_at.astimezone(zone).hour
    return hour >= settings.quiet_from or hour < settings.quiet_until
