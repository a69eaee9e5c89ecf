"""Map a prospect's record to rows: the prospect, its user, its loan, its stage."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from loader.mapping.contacts import contact, phone
from loader.mapping.details import to_details, to_tags
from loader.mapping.lead_sources import to_source
from loader.mapping.loans import LoanContext, to_loan
from loader.mapping.mapping_config import MappingConfig
from loader.mapping.opt_outs import read_opt_outs
from loader.mapping.parsers import (
    InvalidValueError,
    is_empty,
    is_missing,
    normalize_name,
    shorten,
    to_id,
    to_text,
    unescape,
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
class People:
    """Whom a record names beside its prospect: its user, and campaigns."""

    user: User | None
    memberships: list[CampaignMembership]


@dataclass
class Prospect:
    """Everything that one prospect's record says.

    `row` lacks the two ids that only the database knows: those of the lead
    source (`source` is its name) and, for a stage without an entry time, the
    entry time. `details` is its row of prospect_details. `tags` are those shown
    now; None where the record has no such key, which changes nothing.
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
    details: dict[str, Any]
    tags: list[str] | None
    unmapped_stage: str | None = None


@dataclass
class Mapper:
    """Maps prospects with one set of rules on one day."""

    rules: MappingConfig
    stages: StageRegistry
    today: date
    # Stage names by id, for records that carry the id alone.
    stage_names: dict[int, str] = field(default_factory=dict)

    def map(self, record: object, rejects: Rejects) -> Prospect | None:
        """Map one record; None, with a note, where it cannot be used at all.

        That is a record without a usable id, or one nested too deeply to be read.
        """
        prospect_id = require_id(record, "prospects", rejects)
        if prospect_id is None:
            return None
        trial = Rejects()
        reader = Reader(
            "prospects", prospect_id, record, trial, prospect_id, self.rules.zone
        )
        try:
            prospect = self._map(reader)
        except RecursionError:
            trial.items.clear()
            reader.note(None, "nested too deeply", record)
            prospect = None
        rejects.items += trial.items
        return prospect

    def people(self, record: dict[str, Any]) -> People:
        """Return the user and the campaigns of a record that maps without a note."""
        reader = Reader("prospects", None, record, Rejects(), zone=self.rules.zone)
        return People(to_user(reader, self.rules), self._memberships(reader))

    def _map(self, reader: Reader) -> Prospect:
        stage, entered_at, unmapped = self._stage(reader)
        user = to_user(reader, self.rules)
        row = self._row(reader, stage, user)
        mortgage = reader.within(reader.part("mortgage"), "loans")
        situation = LoanContext(reader.record, stage, self.today)
        loan = to_loan(
            mortgage, self.rules, situation, row["created_at"], row["updated_at"]
        )
        tags = to_tags(reader)
        return Prospect(
            prospect_id=row["prospect_id"],
            row=row,
            source=to_source(reader, tags, self.rules),
            user=user,
            stage=stage,
            stage_entered_at=entered_at,
            memberships=self._memberships(reader),
            opted_out=_opted_out(reader),
            fingerprint=fingerprint(reader.record),
            loan=loan[0] if loan else None,
            loan_dates=loan[1] if loan else None,
            details=to_details(reader, mortgage),
            tags=tags,
            unmapped_stage=unmapped,
        )

    def _row(
        self, reader: Reader, stage: Stage | None, user: User | None
    ) -> dict[str, Any]:
        return {
            "prospect_id": reader.id,
            "first_name": reader.text("first_name", 50),
            "last_name": reader.text("last_name", 50),
            "email": contact(reader, "email", 100),
            "phone": phone(reader),
            "qualification_stage_id": stage.stage_id if stage else None,
            "assigned_to": user.user_id if user else None,
            "created_at": reader.instant("created_at"),
            "updated_at": reader.instant("updated_at"),
            # A filled one would take the lead out of the pipeline.
            "stage_exited_at": None,
            "do_not_call": reader.flag("do_not_call"),
        }

    def _stage(
        self, reader: Reader
    ) -> tuple[Stage | None, datetime | None, str | None]:
        """Return the stage, when it was entered, and a name that has no mapping."""
        name = self._stage_name(reader)
        if name is None:
            return None, None, None
        stage = self.stages.find(name)
        if stage is None:
            shown = shorten(name, 80)
            reader.note(
                "pipeline_stage",
                f"no stage is mapped to {shown!r}: add it to bonzo.yaml",
                name,
            )
            return None, None, shown
        return stage, reader.instant("stage_assigned_at"), None

    def _stage_name(self, reader: Reader) -> str | None:
        pipeline = reader.part("pipeline")
        shown = shown_stage(reader.record)
        if is_missing(shown):
            return None
        inner = reader.within({"pipeline_stage": shown}).part("pipeline_stage")
        if not self._is_chosen(pipeline, inner):
            return None
        if is_empty(inner.get("name")):
            return self._name_by_id(inner)
        try:
            return to_text(inner["name"])
        except InvalidValueError as error:
            reader.note("pipeline_stage", str(error), inner["name"])
            return None

    def _name_by_id(self, stage: dict[str, Any]) -> str | None:
        """Return what the list of pipelines calls a stage that shows its id alone."""
        try:
            stage_id = to_id(stage.get("id"))
        except InvalidValueError:
            return None
        return None if stage_id is None else self.stage_names.get(stage_id)

    def _is_chosen(self, pipeline: dict[str, Any], stage: dict[str, Any]) -> bool:
        if self.rules.pipelines is None:
            return True
        shown = (pipeline.get("id"), pipeline.get("name"), stage.get("pipeline_id"))
        return any(
            normalize_name(unescape(_as_name(v))) in self.rules.pipelines
            for v in shown
            if v is not None
        )

    def _memberships(self, reader: Reader) -> list[CampaignMembership]:
        """Return the campaigns shown; one that comes twice keeps both starts."""
        memberships: dict[tuple[str, datetime | None], CampaignMembership] = {}
        for entry in _campaign_entries(reader):
            if not isinstance(entry, dict):
                if not is_empty(entry):
                    reader.note("campaigns", "an entry is not a record", entry)
                continue
            try:
                key = to_id(entry.get("id"))
            except InvalidValueError as error:
                reader.note("campaigns", f"campaign id {error}", entry)
                continue
            if key is None:
                if not is_empty(entry.get("name")):
                    reader.note("campaigns", "a campaign has no id", entry)
            else:
                inner = reader.within(entry)
                name = inner.name("name", 100) or f"Campaign {key}"
                start = inner.instant("sequence_start")
                membership = CampaignMembership(str(key), name, start)
                memberships.setdefault((membership.key, start), membership)
        return list(memberships.values())


def _as_name(value: object) -> str:
    """Return a name or an id as text; 12.0 is the id 12."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)


def _campaign_entries(reader: Reader) -> list[Any]:
    """Return the entries of `campaigns`: a list, or names by id as hooks have it."""
    shown = reader.record.get("campaigns")
    if isinstance(shown, dict) and "id" in shown:
        return [shown]
    if isinstance(shown, dict) and any(isinstance(n, str) for n in shown.values()):
        return [{"id": key, "name": name} for key, name in shown.items()]
    return reader.list("campaigns")


def shown_stage(record: dict[str, Any]) -> object:
    """Return what a record shows as its stage, wherever it has it."""
    pipeline = record.get("pipeline")
    inner = pipeline.get("stage") if isinstance(pipeline, dict) else None
    return record.get("pipeline_stage") or inner


def require_id(record: object, resource: str, rejects: Rejects) -> int | None:
    """Return the record's id; None, with a note on the whole record, without one."""
    if not isinstance(record, dict):
        Reader(resource, None, {}, rejects).note(None, "not a record", record)
        return None
    try:
        record_id = to_id(record.get("id"))
    except InvalidValueError as error:
        reason = f"id {error}"
    else:
        reason = "no id"
        if record_id is not None:
            return record_id
    Reader(resource, record.get("id"), record, rejects).note(None, reason, record)
    return None


def fingerprint(record: dict[str, Any]) -> str:
    """Return a hash of what changes when something happens to a prospect."""
    stage = record.get("pipeline_stage")
    campaigns = record.get("campaigns") or []
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


def _opted_out(reader: Reader) -> bool:
    opt_out = read_opt_outs(reader.record.get("opt_outs"))
    for word in opt_out.unknown:
        reader.note("opt_outs", "neither a channel, nor all, nor yes or no", word)
    return opt_out.opted_out
