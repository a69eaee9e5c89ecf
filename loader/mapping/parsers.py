"""Reads single values of any shape; what cannot be stored raises InvalidValueError."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

INT4 = 2**31 - 1
INT8 = 2**63 - 1
# Rill reads money as numeric(18, …): more would break its import.
LARGEST_AMOUNT = Decimal(10) ** 12
LARGEST_RATE = Decimal(10) ** 4

_INSTANT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?"
    r"\s*(Z|z|UTC|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?![\d-])", re.ASCII)
_US_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?!\d)", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)
_ID = re.compile(r"\+?\d{1,19}", re.ASCII)
_YES = frozenset({"1", "true", "yes", "y", "on", "t"})
_NO = frozenset({"0", "false", "no", "n", "off", "f"})


class InvalidValueError(ValueError):
    """A value that its column cannot hold; the message says why."""


def to_text(value: object, limit: int | None = None) -> str | None:
    """Trimmed text, None for nothing; whole numbers count as text."""
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise InvalidValueError("not a text")
    text = value.strip()
    if "\x00" in text:
        raise InvalidValueError("holds a NUL character")
    if not text.isascii() and _has_surrogate(text):
        raise InvalidValueError("holds half a character (lone surrogate)")
    if limit is not None and len(text) > limit:
        raise InvalidValueError(f"longer than {limit} characters")
    return text or None


def to_id(value: object, largest: int = INT4) -> int | None:
    """A positive whole number, from a number or its text; None for nothing."""
    if value is None or value == "":
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str) and _ID.fullmatch(value.strip()):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidValueError("not a whole number")
    if not 0 < value <= largest:
        raise InvalidValueError(f"not between 1 and {largest}")
    return value


def to_amount(value: object, largest: Decimal = LARGEST_AMOUNT) -> Decimal | None:
    """A number, however it is typed: "$350,000", "6.625%", 350000."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise InvalidValueError("not a number")
    text = re.sub(r"[$,%\s]", "", str(value))
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        raise InvalidValueError("not a number")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise InvalidValueError("not a number") from None
    if abs(number) >= largest:
        raise InvalidValueError("too large")
    return _short(number)


def to_flag(value: object) -> bool | None:
    """Yes or no, from true/false, 1/0, "Yes"/"No"; None for nothing."""
    if value is None or isinstance(value, bool):
        return value
    word = str(value).strip().lower() if isinstance(value, str | int) else "?"
    if word == "":
        return None
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise InvalidValueError("neither yes nor no")


def to_instant(value: object, zone: ZoneInfo | timezone) -> datetime | None:
    """An instant in UTC; `zone` holds where the text names none."""
    if isinstance(value, dict):
        value, zone = value.get("date"), _zone(value.get("timezone"), zone)
    if value is None or value == "":
        return None
    match = _INSTANT.fullmatch(value.strip()) if isinstance(value, str) else None
    if not match:
        raise InvalidValueError("not a time")
    try:
        return _build(match, zone)
    except (ValueError, OverflowError):
        raise InvalidValueError("no such time") from None


def to_day(value: object) -> date | None:
    """The date part as written, without any shift between zones."""
    if isinstance(value, dict):
        value = value.get("date")
    if value is None or value == "":
        return None
    text = value.strip() if isinstance(value, str) else ""
    iso, american = _DAY.match(text), _US_DAY.match(text)
    try:
        if iso:
            return date(*map(int, iso.groups()))
        if american:
            month, day, year = map(int, american.groups())
            return date(year, month, day)
    except ValueError:
        raise InvalidValueError("no such date") from None
    raise InvalidValueError("not a date")


def is_set(value: object) -> bool:
    """Whether somebody filled the field with anything at all."""
    return value is not None and (not isinstance(value, str) or bool(value.strip()))


def normalize_name(text: str) -> str:
    """Letters and digits alone, without case: how names are compared."""
    return "".join(c for c in text.casefold() if c.isalnum())


def shorten(text: str, limit: int) -> str:
    """The text, cut to the limit with an ellipsis that shows the cut."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def clean(text: str) -> str:
    """The text without characters that PostgreSQL cannot hold."""
    return "".join(c for c in text if c != "\x00" and not 0xD800 <= ord(c) <= 0xDFFF)


def _has_surrogate(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _short(number: Decimal) -> Decimal:
    # More decimals than this are noise of a float's conversion.
    exponent = number.as_tuple().exponent
    return round(number, 10) if isinstance(exponent, int) and exponent < -10 else number


def _zone(name: object, default: ZoneInfo | timezone) -> ZoneInfo | timezone:
    try:
        return ZoneInfo(name) if isinstance(name, str) and name else default
    except (KeyError, ValueError, OSError):
        return default


def _build(match: re.Match[str], zone: ZoneInfo | timezone) -> datetime:
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    micro = int((fraction or "0").ljust(6, "0")[:6])
    if offset in ("Z", "z", "UTC"):
        zone = timezone.utc
    elif offset:
        digits = offset[1:].replace(":", "")
        shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        zone = timezone(-shift if offset[0] == "-" else shift)
    clock = (int(hour or 0), int(minute or 0), int(second or 0), micro)
    at = datetime(int(year), int(month), int(day), *clock, tzinfo=zone)
    return at.astimezone(timezone.utc)
