"""Parse instants and days; dates outside this business are refused."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from loader.mapping.parsers import InvalidValueError, is_empty, is_missing

# Epoch zero, Excel's first day and the like stand for an empty field.
FIRST_YEAR = 1990

_INSTANT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?"
    r"\s*(?:\[(?=[A-Za-z]))?([A-Za-z][A-Za-z0-9_/+:-]*|[+-]\d\d(?::?\d\d)?)?"
    r"(?:\[[A-Za-z0-9_/+-]+)?\]?",
    re.ASCII,
)
_DAY = re.compile(r"(-?\d{4})-(\d\d)-(\d\d)(?![\d-])", re.ASCII)
_US_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?!\d)", re.ASCII)
_OFFSET = re.compile(
    r"(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d\d)(?::?(\d\d))?)?", re.ASCII | re.IGNORECASE
)
# PHP's zones of type 2. Only what has one meaning among American users.
_ABBREVIATIONS = {
    **dict.fromkeys(("Z", "UTC", "GMT", "UT", "ZULU"), 0),
    **{"AST": -4, "ADT": -3, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5},
    **{"MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8},
    **{"HST": -10, "HDT": -9, "SST": -11, "CHST": 10},
}


class EmptyDateError(InvalidValueError):
    """A day before 1990, which stands for an empty field."""


def to_instant(value: object, zone: tzinfo) -> datetime | None:
    """Return an instant in UTC; `zone` holds where the value names none.

    Accepts ISO-8601 text and PHP's objects of date, timezone_type and timezone.
    Raises InvalidValueError for a zone that is named but not understood, and for
    times before 1990.
    """
    named: object = None
    if isinstance(value, dict):
        value, named = value.get("date"), value.get("timezone")
    if is_missing(value):
        return None
    match = _INSTANT.fullmatch(value.strip()) if isinstance(value, str) else None
    # "2026-10-01-05" is a typing error rather than a day with an offset.
    written = match.group(8) if match else None
    if not match or (not match.group(4) and re.fullmatch(r"[+-]\d\d", written or "")):
        raise InvalidValueError("not a time")
    if written or not is_empty(named):
        zone = _zone(written or named)
    try:
        at = _build(match, zone)
    except (ValueError, OverflowError):
        raise InvalidValueError("no such time") from None
    _check_year(at.year)
    return at


def to_day(value: object) -> date | None:
    """Return the date part as written, without any shift between zones.

    Raises InvalidValueError for days before 1990.
    """
    if isinstance(value, dict):
        value = value.get("date")
    if is_missing(value):
        return None
    text = value.strip() if isinstance(value, str) else ""
    iso, american = _DAY.match(text), _US_DAY.match(text)
    if iso:
        year, month, day = map(int, iso.groups())
    elif american:
        month, day, year = map(int, american.groups())
    else:
        raise InvalidValueError("not a date")
    _check_year(year)
    try:
        return date(year, month, day)
    except ValueError:
        raise InvalidValueError("no such date") from None


def to_zone_name(value: object) -> str | None:
    """Return an IANA name of the form Area/City, spelled as the database has it."""
    if is_empty(value):
        return None
    name = value.strip() if isinstance(value, str) else ""
    if "/" not in name or _zone_names().get(name.lower()) != name:
        raise InvalidValueError("not an IANA time zone such as America/Chicago")
    return name


@lru_cache(maxsize=1)
def _zone_names() -> dict[str, str]:
    """Return the database's names by their lower-case spelling."""
    return {name.lower(): name for name in available_timezones()}


def _check_year(year: int) -> None:
    if year < FIRST_YEAR:
        raise EmptyDateError(f"before {FIRST_YEAR}: no date of this business")


def _zone(named: object) -> tzinfo:
    """Return the zone of a name, an abbreviation or an offset."""
    name = named.strip() if isinstance(named, str) else ""
    offset = _OFFSET.fullmatch(name)
    if offset:
        sign, *parts = offset.groups()
        hours, minutes, seconds = (int(part or 0) for part in parts)
        shift = timedelta(hours=hours, minutes=minutes, seconds=seconds)
        if shift < timedelta(hours=24):
            return timezone(-shift if sign == "-" else shift)
    elif name.upper() in _ABBREVIATIONS:
        return timezone(timedelta(hours=_ABBREVIATIONS[name.upper()]))
    elif name.lower() in _zone_names():
        return ZoneInfo(_zone_names()[name.lower()])
    raise InvalidValueError("its time zone is not understood")


def _build(match: re.Match[str], zone: tzinfo) -> datetime:
    year, month, day, hour, minute, second, fraction, _ = match.groups()
    micro = int((fraction or "0").ljust(6, "0")[:6])
    clock = (int(hour or 0), int(minute or 0), int(second or 0), micro)
    at = datetime(int(year), int(month), int(day), *clock, tzinfo=zone)
    return at.astimezone(timezone.utc)
