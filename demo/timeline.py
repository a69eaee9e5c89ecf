"""One prospect's year: dated changes and messages, and how they looked when."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from demo import payloads
from demo.demo_company import PIPELINE, STAGES, Campaign

_MORTGAGE = (
    "loan_amount",
    "property_value",
    "loan_type",
    "loan_purpose",
    "interest_rate",
    "lead_source",
    "application_date",
    "close_date",
    "rate_is_locked",
    "rate_lock_date",
    "new_loan_amount",
    "purchase_price",
    "current_step",
    "credit_score",
    "loan_program",
    "property_state",
)


class Timeline:
    """What happened to a prospect, in any order; read as of any instant."""

    def __init__(self, prospect_id: int, created_at: datetime, **fields: Any) -> None:
        self.prospect_id = prospect_id
        self.created_at = created_at
        self.fields = fields
        self._changes: list[tuple[datetime, dict[str, Any]]] = []
        self._messages: list[tuple[datetime, list[tuple[datetime, str | None]], dict]]
        self._messages = []
        self._ready = False
        self._moments: list[datetime] = []

    # --- what happens -----------------------------------------------------

    def change(self, at: datetime, **fields: Any) -> None:
        """Set fields of the prospect at an instant."""
        self._changes.append((at, fields))

    def mortgage(self, at: datetime, **fields: Any) -> None:
        """Set fields of the prospect's mortgage; the others stay."""
        self.change(at, _mortgage=fields)

    def enter(self, at: datetime, stage: str, dated: bool = True) -> None:
        """Move the prospect to a stage; undated moves hide their time."""
        stage_id, name = STAGES[stage]
        self.change(
            at,
            pipeline={"id": PIPELINE[0], "name": PIPELINE[1]},
            pipeline_stage={"id": stage_id, "name": name, "pipeline_id": PIPELINE[0]},
            stage_assigned_at=payloads.stamp(at) if dated else None,
        )

    def enroll(self, at: datetime, campaign: Campaign, dated: bool = True) -> None:
        """Put the prospect into a campaign, which replaces the one before."""
        entry = {
            "id": campaign.campaign_id,
            "name": campaign.name,
            "sequence_start": payloads.stamp(at) if dated else None,
        }
        self.change(at, campaigns=[entry])

    def leave(self, at: datetime, campaign: Campaign) -> None:
        """Take the prospect out of a campaign, unless it has moved on by then."""
        self.change(at, _leave=campaign.campaign_id)

    def message(
        self,
        at: datetime,
        statuses: Iterable[tuple[datetime, str | None]],
        **fields: Any,
    ) -> None:
        """Add a message at an instant, with the states it goes through.

        It is listed from the time of its first state on.
        """
        self._messages.append((at, list(statuses), fields))

    def freeze(self, at: datetime) -> None:
        """Forget everything that happened after an instant."""
        self._changes = [row for row in self._changes if row[0] <= at]
        self._messages = [row for row in self._messages if row[1][0][0] <= at]

    def drop_manual_messages_after(self, at: datetime) -> None:
        """Forget what people would have written by hand after an instant."""
        self._messages = [
            row
            for row in self._messages
            if row[0] <= at or row[2]["direction"] != "outgoing"
        ]

    def last_stage(self, at: datetime) -> str | None:
        """Return the name of the stage held at an instant, as Bonzo spells it."""
        stage = None
        for when, fields in sorted(self._changes, key=lambda row: row[0]):
            if when <= at and "pipeline_stage" in fields:
                stage = fields["pipeline_stage"]["name"]
        return stage

    def has_loan_dates(self) -> bool:
        """Tell whether an application, lock or closing was ever entered."""
        return any(
            "application_date" in fields.get("_mortgage", {})
            or "rate_lock_date" in fields.get("_mortgage", {})
            for _, fields in self._changes
        )

    # --- how it looked ----------------------------------------------------

    def record(self, at: datetime) -> dict[str, Any] | None:
        """Return the prospect as the service shows it at an instant, if at all."""
        if self.created_at > at:
            return None
        self._sort()
        created = payloads.stamp(self.created_at)
        row = payloads.prospect(self.prospect_id, created, **self.fields)
        updated = self.created_at
        for when, fields in self._changes:
            if when > at:
                break
            updated = max(updated, when)
            self._apply(row, fields)
        for when, _, fields in self._messages:
            if when > at:
                break
            heard = fields["direction"] == "incoming"
            row["last_conversation" if heard else "last_contact"] = payloads.stamp(when)
            if fields.get("subject"):
                row["last_subject"] = fields["subject"]
            updated = max(updated, when)
        row["updated_at"] = payloads.stamp(updated)
        return payloads.loosen(row)

    def messages(self, at: datetime, first_id: int) -> list[dict[str, Any]]:
        """Return the messages listed at an instant; ids count from `first_id`."""
        self._sort()
        rows = []
        for number, (when, statuses, fields) in enumerate(self._messages):
            seen = [state for since, state in statuses if since <= at]
            if not seen:
                continue
            written = payloads.stamp(min(when, statuses[0][0]) - timedelta(seconds=2))
            rows.append(
                payloads.message(
                    first_id + number,
                    self.prospect_id,
                    payloads.stamp(when),
                    status=seen[-1],
                    **{"created_at": written, **fields},
                )
            )
        return rows

    def happened(self, since: datetime, until: datetime) -> bool:
        """Tell whether the prospect looks different at the second instant."""
        self._sort()
        return bisect_right(self._moments, since) < bisect_right(self._moments, until)

    def _sort(self) -> None:
        if not self._ready:
            self._changes.sort(key=lambda row: row[0])
            self._messages.sort(key=lambda row: row[0])
            moments = [self.created_at, *(at for at, _ in self._changes)]
            for at, statuses, _ in self._messages:
                moments += [at, *(since for since, _ in statuses)]
            self._moments = sorted(moments)
            self._ready = True

    def _apply(self, row: dict[str, Any], fields: dict[str, Any]) -> None:
        for name, value in fields.items():
            if name == "_mortgage":
                before = row["mortgage"] or dict.fromkeys(_MORTGAGE)
                row["mortgage"] = {
                    **before,
                    "prospect_id": self.prospect_id,
                    **value,
                }
            elif name == "_leave":
                listed = row["campaigns"]
                if listed and listed[0]["id"] == value:
                    row["campaigns"] = []
            else:
                row[name] = value
