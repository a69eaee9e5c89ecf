"""A prospect's record as rows: the prospect, its user, its loan, its stage."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import phonenumbers

from loader.mapping.loans import LoanContext, to_loan
from loader.mapping.mapping_config import MappingConfig
from loader.mapping.parsers import (
    InvalidValueError,
    normalize_name,
    shorten,
    to_id,
    to_text,
)
from loader.mapping.record_reader import Reader, Rejects
from loader.mapping.stages import Stage, StageRegistry
from loader.mapping.users import User, to_user


@dataclass(frozen=True)
class CampaignMembership:
    """A campaign that the prospect is in now; `start` is None where unknown."""

    key: str
    name: str
    start: datetime | None


@dataclass
class Prospect:
    """Everything that one prospect's record says.

    `row` lacks the two ids that only the database knows: those of the lead
    source (`source` is its name) and, for a stage without an entry time, the
    entry time.
    """

    prospect_id: int
    row: dict[str, Any]
    source: str | None
    user: User | None
    stage: Stage | None
    stage_entered_at: datetime | None
    memberships: list[CampaignMembership]
    opted_out: bool
    fingerprint: str
    loan: dict[str, Any] | None
    loan_dates: dict[str, Any] | None
    unmapped_stage: str | None = None


@dataclass
class Mapper:
    """Maps prospects with one set of rules on one day."""

    rules: MappingConfig
    stages: StageRegistry
    today: date
    # Stage names by id (as text), for records that carry the id alone.
    stage_names: dict[str, str] = field(default_factory=dict)

    def map(self, record: object, rejects: Rejects) -> Prospect | None:
        """One record; None, with a note, where it has no usable id."""
        prospect_id = require_id(record, "prospects", rejects)
        if prospect_id is None:
            return None
        reader = Reader(
            "prospects", prospect_id, record, rejects, prospect_id, self.rules.zone
        )
        stage, entered_at, unmapped = self._stage(reader)
        user = to_user(reader, self.rules)
        memberships = self._listings(reader)
        row = self._row(reader, stage, user)
        loan = self._loan(reader, row, stage)
        return Prospect(
            prospect_id=prospect_id,
            row=row,
            source=self._source(reader),
            user=user,
            stage=stage,
            stage_entered_at=entered_at,
            memberships=memberships,
            opted_out=_any_opt_out(record.get("opt_outs")),
            fingerprint=fingerprint(record),
            loan=loan[0] if loan else None,
            loan_dates=loan[1] if loan else None,
            unmapped_stage=unmapped,
        )

    def _row(
        self, reader: Reader, stage: Stage | None, user: User | None
    ) -> dict[str, Any]:
        return {
            "prospect_id": reader.id,
            "first_name": reader.text("first_name", 50),
            "last_name": reader.text("last_name", 50),
            "email": _contact(reader, "email", 100),
            "phone": _phone(reader),
            "qualification_stage_id": stage.stage_id if stage else None,
            "assigned_to": user.user_id if user else None,
            "created_at": reader.instant("created_at"),
            "updated_at": reader.instant("updated_at"),
            # A filled one would take the lead out of the pipeline.
            "stage_exited_at": None,
            "do_not_call": reader.flag("do_not_call"),
        }

    def _loan(
        self, reader: Reader, row: dict[str, Any], stage: Stage | None
    ) -> tuple[dict[str, Any], dict[str, Any]] | None:
        mortgage = Reader(
            "loans",
            reader.id,
            reader.part("mortgage"),
            reader.rejects,
            reader.prospect_id,
            self.rules.zone,
        )
        situation = LoanContext(reader.record, stage, self.today)
        times = row["created_at"], row["updated_at"]
        return to_loan(mortgage, self.rules, situation, *times)

    def _stage(
        self, reader: Reader
    ) -> tuple[Stage | None, datetime | None, str | None]:
        """The stage, when it was entered, and a name that has no mapping."""
        name = self._stage_name(reader)
        if name is None:
            return None, None, None
        stage = self.stages.find(name)
        if stage is None:
            reader.note(
                "pipeline_stage",
                f"no stage is mapped to {shorten(name, 80)!r}: add it to bonzo.yaml",
                name,
            )
            return None, None, name
        return stage, reader.instant("stage_assigned_at"), None

    def _stage_name(self, reader: Reader) -> str | None:
        pipeline = reader.part("pipeline")
        shown = reader.record.get("pipeline_stage") or pipeline.get("stage")
        if shown is None:
            return None
        inner = Reader(
            "prospects", reader.id, {"pipeline_stage": shown}, reader.rejects, reader.id
        ).part("pipeline_stage")
        if not self._is_chosen(pipeline, inner):
            return None
        if inner.get("name") is None:
            return self.stage_names.get(str(inner.get("id")))
        try:
            return to_text(inner["name"])
        except InvalidValueError as error:
            reader.note("pipeline_stage", str(error), inner["name"])
            return None

    def _is_chosen(self, pipeline: dict[str, Any], stage: dict[str, Any]) -> bool:
        if self.rules.pipelines is None:
            return True
        shown = (pipeline.get("id"), pipeline.get("name"), stage.get("pipeline_id"))
        return any(
            normalize_name(str(v)) in self.rules.pipelines
            for v in shown
            if v is not None
        )

    def _source(self, reader: Reader) -> str | None:
        """The first filled candidate that is not just a technical word."""
        for path in self.rules.source_fields:
            outer, _, inner = path.rpartition(".")
            within = reader.record.get(outer) if outer else reader.record
            if not isinstance(within, dict):
                continue
            place = Reader("prospects", reader.id, within, reader.rejects, reader.id)
            name = place.name(inner, 100)
            if name and normalize_name(name) not in self.rules.technical_words:
                return " ".join(name.split())
        return None

    def _listings(self, reader: Reader) -> list[CampaignMembership]:
        found: dict[str, CampaignMembership] = {}
        for entry in reader.list("campaigns"):
            if not isinstance(entry, dict):
                reader.note("campaigns", "an entry is not a record", entry)
                continue
            inner = Reader(
                "prospects",
                reader.id,
                entry,
                reader.rejects,
                reader.id,
                self.rules.zone,
            )
            try:
                key = to_id(entry.get("id"))
            except InvalidValueError as error:
                reader.note("campaigns", f"campaign id {error}", entry)
                continue
            if key is not None:
                name = inner.name("name", 100) or f"Campaign {key}"
                start = inner.instant("sequence_start")
                found[str(key)] = CampaignMembership(str(key), name, start)
        return list(found.values())


def require_id(record: object, resource: str, rejects: Rejects) -> int | None:
    """The record's own id; None, with a note on the whole record, without one."""
    if not isinstance(record, dict):
        Reader(resource, None, {}, rejects).note(None, "not a record", record)
        return None
    try:
        found = to_id(record.get("id"))
    except InvalidValueError as error:
        reason = f"id {error}"
    else:
        reason = "no id"
        if found is not None:
            return found
    Reader(resource, record.get("id"), record, rejects).note(None, reason, record)
    return None


def fingerprint(record: dict[str, Any]) -> str:
    """A hash of what changes when something happens between us and a prospect."""
    stage = record.get("pipeline_stage")
    campaigns = record.get("campaigns")
    parts = (
        record.get("updated_at"),
        record.get("last_contact"),
        record.get("last_conversation"),
        stage.get("id") if isinstance(stage, dict) else stage,
        record.get("stage_assigned_at"),
        [
            (c.get("id"), c.get("sequence_start")) if isinstance(c, dict) else c
            for c in (campaigns if isinstance(campaigns, list) else [campaigns])
        ],
        record.get("opt_outs"),
    )
    text = ascii(parts).encode()
    return hashlib.blake2b(text, digest_size=12).hexdigest()


def _any_opt_out(value: object) -> bool:
    if isinstance(value, list):
        return any(bool(entry) for entry in value)
    if isinstance(value, dict):
        return any(bool(entry) for entry in value.values())
    return isinstance(value, str) and bool(value.strip())


def _contact(reader: Reader, kind: str, limit: int) -> str | None:
    """The field itself, else the first contact entry of that kind."""
    value = reader.text(kind, limit)
    if value is not None or reader.record.get(kind):
        return value
    for entry in reader.list("contact_information"):
        if isinstance(entry, dict) and entry.get("type") == kind:
            inner = {kind: entry.get("content")}
            found = Reader(
                "prospects", reader.id, inner, reader.rejects, reader.id
            ).text(kind, limit)
            if found:
                return found
    return None


def _phone(reader: Reader) -> str | None:
    """E.164 where the number parses, else as typed if it fits."""
    typed = _contact(reader, "phone", 1000)
    if typed is None:
        return None
    formatted = _e164(typed)
    if formatted is None and len(typed) > 20:
        reader.note("phone", "longer than 20 characters", typed)
        return None
    return formatted or typed


def _e164(typed: str) -> str | None:
    if len(typed) == 12 and typed.startswith("+1") and typed[1:].isdecimal():
        return typed if typed.isascii() else None
    try:
        number = phonenumbers.parse(typed, "US")
    except phonenumbers.NumberParseException:
        return None
    # A number without its area code parses, but belongs to nobody in E.164.
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
