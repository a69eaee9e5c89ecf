"""Which prospects are there, and what hangs on each of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction

from tests.rill.reference.clock import Clock
from tests.rill.reference.details import Details
from tests.rill.reference.people import (
    NO_OFFICER,
    NO_SOURCE,
    NO_STAGE,
    NO_TEAM,
    Officer,
    Stage,
    folded,
)


@dataclass
class Loan:
    """A loan with its dates; days after as_of are empty but `closing_plan`."""

    loan_id: int
    amount: Fraction | None
    value: Fraction | None
    loan_type: str
    raw_rate: Fraction | None
    status: str
    created_at: datetime
    applied_on: date | None
    locked_on: date | None
    closed_on: date | None
    closing_plan: date | None

    @property
    def is_closed(self) -> bool:
        """Whether its status says Closed."""
        return self.status == "Closed"

    @property
    def has_rate(self) -> bool:
        """Whether the rate is one above 0 and up to 25 percent."""
        return self.raw_rate is not None and 0 < self.raw_rate <= 25

    @property
    def has_implausible_rate(self) -> bool:
        """Whether the rate looks like a fraction: 0.06875 for 6.875 percent."""
        return self.has_rate and self.raw_rate < Fraction(1, 2)

    @property
    def rate(self) -> Fraction | None:
        """The rate in percent, unless it cannot be one."""
        return (
            self.raw_rate if self.has_rate and not self.has_implausible_rate else None
        )

    @property
    def ltv(self) -> Fraction | None:
        """Amount over value, unless unknown or above 200 %."""
        ltv = self.raw_ltv
        return None if ltv is None or ltv > 2 else ltv

    @property
    def raw_ltv(self) -> Fraction | None:
        """Amount over value, however large."""
        if self.amount is None or self.value is None or self.value <= 0:
            return None
        return self.amount / self.value


@dataclass
class Stay:
    """A row of the stage history."""

    stage: Stage | None
    stage_id: int
    entered_at: datetime
    first_seen_at: datetime | None

    @property
    def order(self) -> int | None:
        """The stage's order; None if disqualified."""
        return self.stage.order if self.stage else None


@dataclass
class Lead:
    """A prospect that is there."""

    prospect_id: int
    first_name: str | None
    last_name: str | None
    email: str
    phone: str
    created_at: datetime
    created_local: datetime
    stage: Stage | None
    stage_entered_at: datetime | None
    stage_exited_at: datetime | None
    source_id: int | None
    lead_source: str
    owner: Officer | None
    do_not_call: bool | None
    is_duplicate: bool = False
    loans: list[Loan] = field(default_factory=list)
    stays: list[Stay] = field(default_factory=list)
    enrollments: list = field(default_factory=list)
    events: list = field(default_factory=list)
    messages: list = field(default_factory=list)
    details: Details = field(default_factory=Details)
    tags: list[str] = field(default_factory=list)
    allocated_cost: Fraction | None = None
    is_paid_for: bool = False
    expected_conversion: Fraction | None = None

    @property
    def order(self) -> int | None:
        """Order of the current stage; None if disqualified or none."""
        return self.stage.order if self.stage else None

    @property
    def created_month(self) -> date:
        """First day of the company month in which the lead came."""
        return self.created_local.date().replace(day=1)

    @property
    def is_disqualified(self) -> bool:
        """Whether the current stage is a disqualified one."""
        return self.stage is not None and self.stage.is_disqualified

    @property
    def do_not_call_label(self) -> str:
        """yes, no or unknown."""
        return {True: "yes", False: "no", None: "unknown"}[self.do_not_call]

    def dimensions(self) -> dict:
        """The labels that every view carries."""
        return {
            "stage": self.stage.name if self.stage else NO_STAGE,
            "stage_group": self.stage.group if self.stage else "none",
            **self.people_dimensions(),
        }

    def detail_dimensions(self) -> dict:
        """State, credit band and loan purpose."""
        return {
            "state": self.details.state_label,
            "credit_band": self.details.credit_band,
            "loan_purpose": self.details.purpose_label,
        }

    def people_dimensions(self) -> dict:
        """Source, officer and team."""
        return {
            "lead_source": self.lead_source,
            "loan_officer": self.owner.label if self.owner else NO_OFFICER,
            "team": self.owner.team if self.owner else NO_TEAM,
        }


def gone_ids(tables: dict, clock: Clock) -> set[int]:
    """Prospects that the last complete load did not see again."""
    if clock.last_load is None:
        return set()
    return {
        row["prospect_id"]
        for row in tables["sync_prospects"]
        if row["last_seen_at"] is not None
        and row["last_seen_at"] < clock.last_load["started_at"]
    }


def read_leads(
    tables: dict, clock: Clock, stages: dict[int, Stage], officers: dict[int, Officer]
) -> dict[int, Lead]:
    """Prospects that are there, by id, with their loans and stays."""
    gone = gone_ids(tables, clock)
    sources = {s["lead_source_id"]: s["source_name"] for s in tables["lead_sources"]}
    leads = {}
    for row in tables["prospects"]:
        if row["prospect_id"] in gone or not clock.has_come(row["created_at"]):
            continue
        leads[row["prospect_id"]] = Lead(
            prospect_id=row["prospect_id"],
            first_name=row["first_name"],
            last_name=row["last_name"],
            email=folded(row["email"]),
            phone=phone_key(row["phone"]),
            created_at=row["created_at"],
            created_local=clock.local(row["created_at"]),
            stage=stages.get(row["qualification_stage_id"]),
            stage_entered_at=clock.past(row["stage_entered_at"]),
            stage_exited_at=clock.past(row["stage_exited_at"]),
            source_id=row["lead_source_id"],
            lead_source=sources.get(row["lead_source_id"], NO_SOURCE),
            owner=officers.get(row["assigned_to"]),
            do_not_call=row["do_not_call"],
        )
    mark_duplicates(list(leads.values()))
    read_loans(tables, clock, leads)
    read_stays(tables, clock, stages, leads)
    return leads


def phone_key(phone: str | None) -> str:
    """The last ten digits; empty when there are fewer than seven."""
    digits = re.sub("[^0-9]", "", phone or "")
    return digits[-10:] if len(digits) >= 7 else ""


def mark_duplicates(leads: list[Lead]) -> None:
    """Flag each lead that shares a contact with one created before it."""
    seen: set[tuple[str, str]] = set()
    for lead in sorted(leads, key=lambda one: (one.created_at, one.prospect_id)):
        contacts = {("email", lead.email), ("phone", lead.phone)}
        contacts = {contact for contact in contacts if contact[1]}
        lead.is_duplicate = bool(contacts & seen)
        seen |= contacts


def read_loans(tables: dict, clock: Clock, leads: dict[int, Lead]) -> None:
    """Give each lead its loans."""
    dates = {row["loan_id"]: row for row in tables["loan_dates"]}
    for row in tables["loans"]:
        lead = leads.get(row["prospect_id"])
        if lead is None or not clock.has_come(row["created_at"]):
            continue
        own = dates.get(row["loan_id"], {})
        lead.loans.append(
            Loan(
                loan_id=row["loan_id"],
                amount=exact(row["loan_amount"]),
                value=exact(row["property_value"]),
                loan_type=label_of(row["loan_type"]),
                raw_rate=exact(row["interest_rate"]),
                status=label_of(row["status"]),
                created_at=row["created_at"],
                applied_on=clock.past_day(own.get("applied_on")),
                locked_on=clock.past_day(own.get("rate_locked_on")),
                closed_on=clock.past_day(own.get("closed_on")),
                closing_plan=own.get("closed_on"),
            )
        )


def label_of(text: str | None) -> str:
    """The text as it is, unless it says nothing."""
    return text if text and text.strip() else "unknown"


def exact(number: object) -> Fraction | None:
    """A number without rounding."""
    return None if number is None else Fraction(str(number))


def read_stays(
    tables: dict, clock: Clock, stages: dict[int, Stage], leads: dict[int, Lead]
) -> None:
    """Give each lead its stays, in order."""
    for row in tables["prospect_stage_history"]:
        lead = leads.get(row["prospect_id"])
        if lead is not None and clock.has_come(row["entered_at"]):
            lead.stays.append(
                Stay(
                    stage=stages.get(row["stage_id"]),
                    stage_id=row["stage_id"],
                    entered_at=row["entered_at"],
                    first_seen_at=clock.past(row["first_seen_at"]),
                )
            )
    for lead in leads.values():
        lead.stays.sort(
            key=lambda stay: (
                stay.entered_at,
                stay.stage.raw_order if stay.stage else 0,
                stay.stage_id,
            )
        )
