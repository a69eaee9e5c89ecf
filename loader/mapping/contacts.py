"""Map how to reach a prospect: its email address and its phone."""

from __future__ import annotations

import re

import phonenumbers

from loader.mapping.parsers import is_empty
from loader.mapping.record_reader import Reader

# Most numbers come so, and need no look into the tables.
_IS_E164 = re.compile(r"\+1\d{10}", re.ASCII)


def contact(reader: Reader, kind: str, limit: int) -> str | None:
    """Return the field itself, else the first contact entry of that kind."""
    value = reader.text(kind, limit)
    if value is not None or not is_empty(reader.record.get(kind)):
        return value
    for entry in reader.list("contact_information"):
        if isinstance(entry, dict) and entry.get("type") == kind:
            content = reader.within({kind: entry.get("content")}).text(kind, limit)
            if content:
                return content
    return None


def phone(reader: Reader) -> str | None:
    """Return the number as E.164 where it parses, else as typed if it fits."""
    typed = contact(reader, "phone", 1000)
    if typed is None:
        return None
    formatted = _e164(typed)
    if formatted is None and len(typed) > 20:
        reader.note("phone", "longer than 20 characters", typed)
        return None
    return formatted or typed


def _e164(typed: str) -> str | None:
    if _IS_E164.fullmatch(typed):
        return typed
    try:
        number = phonenumbers.parse(typed, "US")
    except phonenumbers.NumberParseException:
        return None
    # A number without its area code parses, but belongs to nobody in E.164.
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
