"""Other shapes in which Bonzo accounts send the same records.

Each shape changes an account in place; which records it changes depends on their
ids alone, so the same account gives the same shapes.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from demo import payloads
from demo.account import Account, Record

# Ids of the messages that shapes add; no message of the demo comes near.
_ADDED = 900_000_000
# Added to a step's id once its campaign was saved again.
_EDITED = 50_000


def reshape(account: Account, names: Iterable[str]) -> None:
    """Give an account these shapes. Raises KeyError for one that is not there."""
    for name in names:
        SHAPES[name](account)


def _campaign_keys(account: Account) -> None:
    """Have messages name their campaign instead of its sequence."""
    campaigns = {
        row["sequence"]["id"]: row["id"] for row in account.campaigns if row["sequence"]
    }

    def change(row: Record) -> Record:
        campaign = campaigns.get(row.get("sequence_id"))
        return {**row, "sequence_id": None, "campaign_id": campaign}

    _change_messages(account, change, _is_step)


def _half_steps(account: Account) -> None:
    """Have every ninth campaign message lose its step, as if that was deleted."""
    _change_messages(
        account,
        lambda row: {**row, "event_id": None},
        lambda row: _is_step(row) and row["id"] % 9 == 0,
    )


def _lone_events(account: Account) -> None:
    """Have every tenth campaign message name its step alone."""
    _change_messages(
        account,
        lambda row: {**row, "sequence_id": None, "campaign_id": None},
        lambda row: _is_step(row) and row["id"] % 10 == 0,
    )


def _broadcasts(account: Account) -> None:
    """Write to every fifth prospect at once, a day after its first message."""
    for prospect_id, rows in list(account.messages.items()):
        if rows and prospect_id % 5 == 0:
            row = {
                **_unkeyed(rows[-1], _ADDED + prospect_id, "email"),
                "batch_id": 7001,
                "content": "Our office moves to Lake Street",
            }
            account.put_messages(prospect_id, [*rows, row])


def _shared_messages(account: Account) -> None:
    """List a message of every twentieth prospect with another one, too."""
    for prospect_id in sorted(account.messages):
        rows, other = account.messages[prospect_id], prospect_id + 1
        if rows and prospect_id % 20 == 0 and other in account.messages:
            shared = [*account.messages[other], dict(rows[0])]
            account.put_messages(other, shared)


def _colliding_ids(account: Account) -> None:
    """Give notes and emails ids that other messages have."""
    for prospect_id in sorted(account.messages):
        rows, other = account.messages[prospect_id], prospect_id + 1
        if not rows or other not in account.messages:
            continue
        if prospect_id % 15 == 0:
            note = {
                **_unkeyed(rows[0], rows[0]["id"], "note"),
                "direction": None,
                "status": None,
            }
            account.put_messages(prospect_id, [*rows, note])
        if prospect_id % 25 == 0:
            email = {
                **_unkeyed(rows[0], rows[0]["id"], "email"),
                "prospect_id": other,
                "event_date": _later(rows[0]["event_date"]),
            }
            account.put_messages(other, [*account.messages[other], email])


def _edited_campaigns(account: Account) -> None:
    """Save every campaign again halfway through: its steps get new ids."""
    times = sorted(
        row["event_date"]
        for rows in account.messages.values()
        for row in rows
        if _is_step(row)
    )
    middle = times[len(times) // 2] if times else ""
    # Who was sent the first step before goes on with the old ones.
    begun = {
        (prospect_id, row["sequence_id"])
        for prospect_id, rows in account.messages.items()
        for row in rows
        if _is_step(row) and row["event_date"] < middle
    }
    _change_messages(
        account,
        lambda row: {**row, "event_id": row["event_id"] + _EDITED},
        lambda row: (
            _is_step(row) and (row["prospect_id"], row["sequence_id"]) not in begun
        ),
    )


def _tag_names(account: Account) -> None:
    """Show tags as a list of names."""
    _change_field(account, "tags", lambda tags: [tag["name"] for tag in tags])


def _tag_map(account: Account) -> None:
    """Show tags as an object of names by id; none as an empty list, as PHP does."""
    _change_field(
        account,
        "tags",
        lambda tags: {str(tag["id"]): tag["name"] for tag in tags} or [],
    )


def _php_empties(account: Account) -> None:
    """Put an empty array, an empty object or 0 in place of nothing."""
    empties = {
        "mortgage": [],
        "pipeline": [],
        "pipeline_stage": [],
        "assigned_user": [],
        "assigned_to": 0,
        "custom_status": [],
    }
    for row in list(account.prospects.values()):
        filled = {k: v for k, v in row.items() if v is not None}
        changed = {**row, **{k: v for k, v in empties.items() if k not in filled}}
        if not row["campaigns"]:
            changed["campaigns"] = {}
        account.put_prospect(changed)
    names = ("event_id", "sequence_id", "pipeline_event_id")
    _change_messages(
        account,
        lambda row: {**row, **{name: 0 for name in names if row[name] is None}},
    )


def _php_times(account: Account) -> None:
    """Show times as PHP's objects of date, zone and its type."""
    for row in list(account.prospects.values()):
        names = ("created_at", "updated_at", "stage_assigned_at")
        account.put_prospect({**row, **{n: _php_time(row[n]) for n in names}})


def _entities(account: Account) -> None:
    """Show the first letter of names as an entity, and every sign that HTML has."""
    for row in list(account.prospects.values()):
        names = ("first_name", "last_name", "city")
        escaped = {
            n: f"&#{ord(row[n][0])};{html.escape(row[n][1:])}" for n in names if row[n]
        }
        account.put_prospect({**row, **escaped})


def _opt_out_texts(account: Account) -> None:
    """Show opt-outs as JSON in a text."""
    _change_field(account, "opt_outs", lambda words: json.dumps(words or []))


SHAPES: dict[str, Callable[[Account], None]] = {
    "campaign-keys": _campaign_keys,
    "half-steps": _half_steps,
    "lone-events": _lone_events,
    "broadcasts": _broadcasts,
    "shared-messages": _shared_messages,
    "colliding-ids": _colliding_ids,
    "edited-campaigns": _edited_campaigns,
    "tag-names": _tag_names,
    "tag-map": _tag_map,
    "php-empties": _php_empties,
    "php-times": _php_times,
    "entities": _entities,
    "opt-out-texts": _opt_out_texts,
}


def _is_step(row: Record) -> bool:
    """Tell whether a message is a campaign's, with its whole step."""
    return bool(row.get("event_id") and row.get("sequence_id"))


def _change_messages(
    account: Account,
    change: Callable[[Record], Record],
    applies: Callable[[Record], bool] = lambda row: True,
) -> None:
    for prospect_id, rows in list(account.messages.items()):
        account.put_messages(
            prospect_id, [change(row) if applies(row) else row for row in rows]
        )


def _change_field(account: Account, name: str, change: Callable[[Any], Any]) -> None:
    for row in list(account.prospects.values()):
        account.put_prospect({**row, name: change(row[name])})


def _unkeyed(row: Record, message_id: int, kind: str) -> Record:
    """Return a sent message like another one, without anything that names a step."""
    return {
        **row,
        "id": message_id,
        "type": kind,
        "direction": "outgoing",
        "status": "delivered",
        "sequence_id": None,
        "event_id": None,
        "pipeline_event_id": None,
        "audio_path": None,
    }


def _later(text: str) -> str:
    """Return an instant of the wire a second later."""
    at = datetime.fromisoformat(text.replace("Z", "+00:00")) + timedelta(seconds=1)
    return payloads.stamp(at)


def _php_time(text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    return {
        "date": text.replace("T", " ").removesuffix("Z"),
        "timezone_type": 3,
        "timezone": "UTC",
    }
