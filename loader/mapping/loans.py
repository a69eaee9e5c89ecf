"""Map the mortgage part of a prospect to a loan and its dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from loader.mapping.mapping_config import MappingConfig, StatusRule
from loader.mapping.parsers import (
    NOTHING,
    InvalidValueError,
    is_empty,
    is_missing,
    normalize_name,
    to_amount,
    unescape,
)
from loader.mapping.record_reader import Reader
from loader.mapping.stages import Stage
from loader.mapping.times import EmptyDateError, to_day, to_instant

# A loan exists while any of these is filled: vendors send the rest with a lead.
LOAN_FIELDS = (
    "loan_amount",
    "new_loan_amount",
    "application_date",
    "rate_lock_date",
    "close_date",
)
# Those that mean one thing before their day and another after it.
DAY_FIELDS = ("rate_lock_date", "close_date")


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
    """Return rows of loans and loan_dates, or None if there is no loan.

    `reader` reads the mortgage record; the times are the prospect's.
    """
    loan_id = reader.id
    amount = _first_amount(reader, "loan_amount", "new_loan_amount")
    dates = {
        "loan_id": loan_id,
        "applied_on": reader.day("application_date"),
        "rate_locked_on": reader.day("rate_lock_date"),
        "closed_on": reader.day("close_date"),
    }
    if not any(_is_filled(reader, name) for name in LOAN_FIELDS):
        return None
    loan = {
        "loan_id": loan_id,
        "prospect_id": loan_id,
        "loan_amount": amount,
        "property_value": _first_amount(reader, "property_value", "purchase_price"),
        "loan_type": _loan_type(reader, rules),
        "interest_rate": reader.rate("interest_rate"),
        "status": _status(reader, rules, situation, dates),
        "created_at": _applied_at(reader, dates["applied_on"]) or created_at,
        "updated_at": updated_at,
    }
    return loan, dates


def _applied_at(reader: Reader, applied_on: date | None) -> datetime | None:
    """Return the application's instant; midnight where only its day can be read."""
    try:
        return to_instant(reader.record.get("application_date"), reader.zone)
    except InvalidValueError:
        # The loan's dates have noted the field if it holds no day either.
        return applied_on and datetime.combine(applied_on, time(), reader.zone)


def _is_filled(reader: Reader, name: str) -> bool:
    """Tell whether somebody entered a value.

    0, a day before 1990 and a word for nothing such as "N/A" are none. What else was
    entered but cannot be read is a sign of a loan all the same.
    """
    value = reader.record.get(name)
    is_word = isinstance(value, str) and normalize_name(value) in NOTHING
    if is_missing(value) or is_word:
        return False
    try:
        if name.endswith("_amount"):
            return to_amount(value) != 0
        return to_day(value) is not None
    except EmptyDateError:
        return False
    except InvalidValueError:
        return True


def _first_amount(reader: Reader, *names: str) -> Any:
    for name in names:
        amount = reader.amount(name)
        if amount is not None:
            return amount
    return None


def _loan_type(reader: Reader, rules: MappingConfig) -> str | None:
    for name in rules.loan_type:
        if not is_empty(reader.record.get(name)):
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
    return "" if value is None else unescape(str(value))
