"""Map what a prospect's record says about the borrower: details and tags."""

from __future__ import annotations

from typing import Any

from loader import nested_json
from loader.mapping.parsers import (
    InvalidValueError,
    clean,
    fold_blanks,
    fold_case,
    is_empty,
    shorten,
    to_score,
    unescape,
)
from loader.mapping.record_reader import Reader
from loader.mapping.times import to_zone_name
from loader.mapping.us_states import to_state

LONGEST_TAG = 100


def to_details(prospect: Reader, mortgage: Reader) -> dict[str, Any]:
    """Return the prospect's row of prospect_details."""
    # Noted with the prospect, whose row they are in.
    mortgage = prospect.within(mortgage.record)
    return {
        "prospect_id": prospect.id,
        "city": prospect.text("city"),
        "state": prospect.read("state", to_state),
        "property_state": mortgage.read("property_state", to_state),
        "time_zone": prospect.read("timezone", to_zone_name),
        "credit_score": mortgage.read("credit_score", to_score),
        "loan_purpose": mortgage.text("loan_purpose"),
        "loan_program": mortgage.text("loan_program"),
    }


def to_tags(prospect: Reader) -> list[str] | None:
    """Return the tags that the record shows, or None where it shows nothing.

    Accepts a list of records or of texts, and an object of names by id. A name
    comes once, in the first of its spellings.
    """
    value = _from_json(prospect.record.get("tags"))
    if value is None:
        return None
    entries = _entries(value)
    if entries is None:
        prospect.note("tags", "not a list of tags", value)
        return None
    tags: dict[str, str] = {}
    for entry in entries:
        tag = _tag_name(prospect, entry)
        if tag:
            tags.setdefault(fold_case(tag), tag)
    return list(tags.values())


def _from_json(value: object) -> Any:
    if isinstance(value, str) and value.strip()[:1] in ("[", "{"):
        try:
            return nested_json.parse(value)
        except ValueError:
            return value
    return value


def _entries(value: Any) -> list[Any] | None:
    if is_empty(value) or value in (0, "0"):
        return []
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        # A single tag's own record, rather than names by id.
        return [value] if "name" in value else list(value.values())
    return None


def _tag_name(prospect: Reader, entry: object) -> str | None:
    name = entry.get("name") if isinstance(entry, dict) else entry
    if is_empty(name):
        return None
    if isinstance(name, int) and not isinstance(name, bool):
        name = str(name)
    if not isinstance(name, str):
        prospect.note("tags", str(InvalidValueError("a tag is not a text")), entry)
        return None
    full = fold_blanks(unescape(name))
    storable = fold_blanks(clean(full))
    tag = shorten(storable, LONGEST_TAG)
    if tag != storable:
        prospect.note("tags", f"shortened to fit {LONGEST_TAG} characters", name)
    elif tag != full:
        prospect.note("tags", "characters that cannot be stored left out", name)
    return tag or None
