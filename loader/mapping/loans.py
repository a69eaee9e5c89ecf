"""The mortgage part of a prospect: a loan and its dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from loader.mapping.mapping_config import MappingConfig, StatusRule
from loader.mapping.parsers import (
    LARGEST_RATE,
    InvalidValueError,
    is_set,
    normalize_name,
    to_instant,
)
from loader.mapping.record_reader import Reader
from loader.mapping.stages import Stage

# A loan exists while any of these is filled: vendors send the rest with a lead.
LOAN_FIELDS = (
    "loan_amount",
    "new_loan_amount",
    "application_date",
    "rate_lock_date",
    "close_date",
)


@dataclass(frozen=True)
class LoanContext:
    """What decides a loan's status besides its own fields."""

    prospect: dict[str, Any]
    stage: Stage | None
    today: date


def to_loan(
    reader: Reader,
    rules: MappingConfig,
    situation: LoanContext,
    created_at: datetime | None,
    updated_at: datetime | None,
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Rows of loans and loan_dates, or None if there is no loan.

    `reader` reads the mortgage record; the times are the prospect's.
    """
    if not any(is_set(reader.record.get(name)) for name in LOAN_FIELDS):
        return None
    loan_id = reader.id
    dates = {
        "loan_id": loan_id,
        "applied_on": reader.day("application_date"),
        "rate_locked_on": reader.day("rate_lock_date"),
        "closed_on": reader.day("close_date"),
    }
    loan = {
        "loan_id": loan_id,
        "prospect_id": loan_id,
        "loan_amount": _first(reader, "loan_amount", "new_loan_amount"),
        "property_value": _first(reader, "property_value", "purchase_price"),
        "loan_type": _loan_type(reader, rules),
        "interest_rate": reader.amount("interest_rate", LARGEST_RATE),
        "status": _status(reader, rules, situation, dates),
        "created_at": _applied_at(reader, dates["applied_on"]) or created_at,
        "updated_at": updated_at,
    }
    return loan, dates


def _applied_at(reader: Reader, applied_on: date | None) -> datetime | None:
    """The application's instant; where only its day can be read, its midnight."""
    try:
        return to_instant(reader.record.get("application_date"), reader.zone)
    except InvalidValueError:
        # The loan's dates have noted the field if it holds no day either.
        return applied_on and datetime.combine(applied_on, time(), reader.zone)


def _first(reader: Reader, *names: str) -> Any:
    for name in names:
        amount = reader.amount(name)
        if amount is not None:
            return amount
    return None


def _loan_type(reader: Reader, rules: MappingConfig) -> str | None:
    for name in rules.loan_type:
        if is_set(reader.record.get(name)):
            return reader.text(name, 50)
    return None


def _status(
    reader: Reader, rules: MappingConfig, situation: LoanContext, dates: dict[str, Any]
) -> str | None:
    closed_on, locked_on = dates["closed_on"], dates["rate_locked_on"]
    stage = situation.stage
    is_locked = reader.flag("rate_is_locked") or (
        locked_on is not None and locked_on <= situation.today
    )
    holds = {
        "close_date_passed": closed_on is not None and closed_on < situation.today,
        "stage_not_disqualified": stage is None or not stage.is_disqualified,
        "rate_locked": is_locked,
    }
    for rule in rules.loan_status:
        if _applies(rule, holds, reader.record, situation):
            return rule.status
    return None


def _applies(
    rule: StatusRule,
    holds: dict[str, bool],
    mortgage: dict[str, Any],
    situation: LoanContext,
) -> bool:
    if not all(holds[name] for name in rule.conditions):
        return False
    return all(
        normalize_name(_word(name, mortgage, situation)) in words
        for name, words in rule.words
    )


def _word(name: str, mortgage: dict[str, Any], situation: LoanContext) -> str:
    if name == "stage":
        return situation.stage.name if situation.stage else ""
    value = mortgage.get(name, situation.prospect.get(name))
    if isinstance(value, dict):
        value = value.get("name")
    return "" if value is None else str(value)
