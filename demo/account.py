"""What the fake Bonzo serves: one Bonzo account, held in memory, open to change."""

from __future__ import annotations

import json
import threading
from typing import Any

Record = dict[str, Any]


class Account:
    """Prospects, messages, campaigns and pipelines in wire shape.

    Every change goes through a method, so that the JSON kept per record is
    thrown away with it. Safe to change while the server is answering.
    """

    def __init__(
        self,
        prospects: list[Record] = (),
        messages: dict[int, list[Record]] | None = None,
        campaigns: list[Record] = (),
        pipelines: list[Record] = (),
        tags: list[Record] = (),
    ) -> None:
        self.lock = threading.RLock()
        self.prospects: dict[int, Record] = {row["id"]: row for row in prospects}
        self.messages: dict[int, list[Record]] = messages or {}
        self.campaigns: list[Record] = list(campaigns)
        self.pipelines: list[Record] = list(pipelines)
        self.tags: list[Record] = list(tags)
        self.removed: dict[int, int | None] = {}
        self._order: list[int] | None = None
        self._prospect_json: dict[int, bytes] = {}
        self._message_json: dict[int, bytes] = {}

    # --- changes ----------------------------------------------------------

    def put_prospect(self, record: Record) -> None:
        """Add a prospect, or replace the one with the same id."""
        with self.lock:
            self.prospects[record["id"]] = record
            self.removed.pop(record["id"], None)
            self._forget(record["id"])
            self._order = None

    def change_prospect(self, prospect_id: int, **fields: Any) -> Record:
        """Set fields of a prospect and return it.

        Raises KeyError for an id that is not there.
        """
        with self.lock:
            record = self.prospects[prospect_id]
            record.update(fields)
            self._prospect_json.pop(prospect_id, None)
            if "created_at" in fields:
                self._order = None
            return record

    def remove_prospect(self, prospect_id: int, merged_into: int | None = None) -> None:
        """Delete a prospect, or merge it: its messages then move to the survivor."""
        with self.lock:
            del self.prospects[prospect_id]
            self.removed[prospect_id] = merged_into
            moved = self.messages.pop(prospect_id, [])
            self._forget(prospect_id)
            self._order = None
            if merged_into is not None:
                for record in moved:
                    self._move_message(record, prospect_id, merged_into)

    def _move_message(self, record: Record, source: int, target: int) -> None:
        """Move a merged prospect's message; one of somebody else's keeps its owner."""
        if record["prospect_id"] == source:
            self.put_message({**record, "prospect_id": target})
            return
        rows = self.messages.setdefault(target, [])
        if record["id"] not in {row["id"] for row in rows}:
            rows.append(record)
            self._message_json.pop(target, None)

    def put_message(self, record: Record) -> None:
        """Add a message, or replace the one with the same id."""
        with self.lock:
            rows = self.messages.setdefault(record["prospect_id"], [])
            for place, present in enumerate(rows):
                if present["id"] == record["id"]:
                    rows[place] = record
                    break
            else:
                rows.append(record)
            self._message_json.pop(record["prospect_id"], None)

    def put_messages(self, prospect_id: int, records: list[Record]) -> None:
        """Replace all messages of a prospect."""
        with self.lock:
            self.messages[prospect_id] = records
            self._message_json.pop(prospect_id, None)

    def remove_message(self, prospect_id: int, message_id: int) -> None:
        """Take a message off the list, as the service may."""
        with self.lock:
            rows = self.messages.get(prospect_id, [])
            self.messages[prospect_id] = [r for r in rows if r["id"] != message_id]
            self._message_json.pop(prospect_id, None)

    # --- reads ------------------------------------------------------------

    def newest_first(self) -> list[int]:
        """Return the ids of all prospects in the order of the list endpoint."""
        with self.lock:
            if self._order is None:
                self._order = sorted(
                    self.prospects,
                    key=lambda key: (str(self.prospects[key].get("created_at")), key),
                    reverse=True,
                )
            return self._order

    def prospect_json(self, prospect_id: int) -> bytes:
        """Return one prospect as JSON. Raises KeyError when it is not there."""
        with self.lock:
            found = self._prospect_json.get(prospect_id)
            if found is None:
                found = encode(self.prospects[prospect_id])
                self._prospect_json[prospect_id] = found
            return found

    def messages_of(self, prospect_id: int) -> list[Record]:
        """Return a prospect's messages, newest first."""
        with self.lock:
            return sorted(
                self.messages.get(prospect_id, []),
                key=lambda row: (str(row.get("created_at")), str(row.get("id"))),
                reverse=True,
            )

    def messages_json(self, prospect_id: int) -> bytes:
        """Return a prospect's messages, newest first, as a JSON array."""
        with self.lock:
            found = self._message_json.get(prospect_id)
            if found is None:
                found = encode(self.messages_of(prospect_id))
                self._message_json[prospect_id] = found
            return found

    def _forget(self, prospect_id: int) -> None:
        self._prospect_json.pop(prospect_id, None)
        self._message_json.pop(prospect_id, None)


def encode(value: Any) -> bytes:
    """Return JSON without blanks; lone surrogates travel as escapes."""
    return json.dumps(value, separators=(",", ":")).encode()
