"""Parse single values of any shape; what cannot be stored raises InvalidValueError."""

from __future__ import annotations

import html
import re
import unicodedata
from decimal import Decimal, InvalidOperation

INT4 = 2**31 - 1
INT8 = 2**63 - 1
# Rill reads money as numeric(18, …): more would break its import.
LARGEST_AMOUNT = Decimal(10) ** 12
LARGEST_RATE = Decimal(10) ** 4

# A comma or a blank separates thousands only: one to three digits, then groups of
# exactly three. "350000,00" or "6,5" means something else in other countries.
_NUMBER = re.compile(
    r"[+-]?(?:[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d{0,2}(?:\s\d{3})+|\d*)(?:\.\d*)?"
    r"(?:[eE][+-]?\d{1,4})?"
)
_HAS_DIGIT = re.compile(r"^[^eE]*\d")
# "350.000" is 350 here and 350,000 in half of Europe.
_POINT_FOR_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}")
# A table calculation makes "7.0" of 7.
_ID = re.compile(r"\+?(\d{1,19})(?:\.0{1,6})?", re.ASCII)
# With the semicolon alone: "AT&T" and "R&D" are names, not entities.
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]*);")
# Normalized words that stand for nothing: "N/A", "-", "none".
NOTHING = frozenset({"", "null", "none", "nil", "na", "undefined", "unknown", "0"})
_YES = frozenset({"1", "true", "yes", "y", "on", "t"})
_NO = frozenset({"0", "false", "no", "n", "off", "f"})


class InvalidValueError(ValueError):
    """A value that its column cannot hold; the message says why."""


def is_empty(value: object) -> bool:
    """Tell whether nothing was filled in: null, blank, or PHP's empty values.

    PHP sends an empty array or `false` where a record or a text is missing.
    """
    if isinstance(value, str):
        return not value.strip()
    return value is None or value is False or value == [] or value == {}


def is_missing(value: object) -> bool:
    """Tell whether a record, a list, an id or a date is not there.

    That is null or an empty of PHP's, 0 among them.
    """
    return is_empty(value) or value in (0, "0")


def to_text(value: object, limit: int | None = None) -> str | None:
    """Return trimmed text with entities read, None for nothing.

    Whole numbers count as text.
    """
    if is_empty(value):
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise InvalidValueError("not a text")
    text = unescape(value).strip()
    if "\x00" in text:
        raise InvalidValueError("holds a NUL character")
    if not text.isascii() and _has_surrogate(text):
        raise InvalidValueError("holds half a character (lone surrogate)")
    if limit is not None and len(text) > limit:
        raise InvalidValueError(f"longer than {limit} characters")
    return text or None


def to_id(value: object, largest: int = INT4) -> int | None:
    """Return a positive whole number, from a number or its text.

    Nothing, 0 and "0" are not ids: None.
    """
    if is_empty(value):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str) and (written := _ID.fullmatch(value.strip())):
        value = int(written[1])
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidValueError("not a whole number")
    if value == 0:
        return None
    if not 0 < value <= largest:
        raise InvalidValueError(f"not between 1 and {largest}")
    return value


def to_amount(value: object, largest: Decimal = LARGEST_AMOUNT) -> Decimal | None:
    """Return an amount of money, however it is typed: "$350,000", 350000.

    Raises InvalidValueError where a separator may mean thousands or decimals.
    """
    text = _number_text(value)
    if text is None:
        return None
    if _POINT_FOR_THOUSANDS.fullmatch(text) and isinstance(value, str):
        raise InvalidValueError("the point may separate thousands or decimals")
    return _number(text, largest)


def to_rate(value: object) -> Decimal | None:
    """Return a percentage: "6.625%", 6.625.

    No rate has thousands, so a comma or a blank in it is refused.
    """
    text = _number_text(value)
    if text is None:
        return None
    if "," in text or " " in text:
        raise InvalidValueError("the comma may separate thousands or decimals")
    return _number(text, LARGEST_RATE)


def to_score(value: object) -> int | None:
    """Return a credit score of 300 to 850: 720, "0801"; None for nothing and 0."""
    text = _number_text(value)
    if text is None:
        return None
    number = _number(text, LARGEST_AMOUNT)
    if number == 0:
        return None
    if number != int(number) or not 300 <= number <= 850:
        raise InvalidValueError("not a credit score between 300 and 850")
    return int(number)


def to_flag(value: object) -> bool | None:
    """Return yes or no, from true/false, 1/0, "Yes"/"No"; None for nothing."""
    if isinstance(value, bool):
        return value
    if is_empty(value):
        return None
    word = str(value).strip().lower() if isinstance(value, str | int) else "?"
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise InvalidValueError("neither yes nor no")


def is_yes(word: str) -> bool:
    """Tell whether a normalized word means yes."""
    return word in _YES


def normalize_name(text: str) -> str:
    """Return letters and digits alone, without case: how names are compared.

    Letters in another width or typeface are those letters; a name of symbols alone
    is its symbols, since 🔥 is another name than 🚀.
    """
    if text.isascii():
        return "".join(c for c in text.casefold() if c.isalnum())
    composed = unicodedata.normalize("NFC", text)
    letters = "".join(c for c in composed if c.isalnum())
    if not letters:
        return "".join(c for c in composed if unicodedata.category(c) == "So")
    plain = unicodedata.normalize("NFKC", letters).casefold()
    return "".join(c for c in plain if c.isalnum())


def fold_case(text: str) -> str:
    """Return what spellings share that differ in case alone, accents composed."""
    return unicodedata.normalize("NFC", text.casefold())


def fold_blanks(text: str) -> str:
    """Return the text with every run of white space as one blank."""
    return " ".join(text.split())


def unescape(text: str) -> str:
    """Return the text with its HTML entities read: "Smith &amp; Co"."""
    if "&" not in text:
        return text
    return _ENTITY.sub(lambda entity: html.unescape(entity.group()), text)


def shorten(text: str, limit: int) -> str:
    """Return the text, cut to the limit with an ellipsis that shows the cut."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def clean(text: str) -> str:
    """Return the text without characters that PostgreSQL cannot hold."""
    return "".join(c for c in text if c != "\x00" and not 0xD800 <= ord(c) <= 0xDFFF)


def _number_text(value: object) -> str | None:
    """Return the number's text without the signs of money and percent."""
    if is_empty(value):
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise InvalidValueError("not a number")
    text = re.sub(r"\s+", " ", str(value)).strip()
    sign = text[:1] if text[:1] in "+-" else ""
    text = text[len(sign) :].strip().removeprefix("$").strip()
    return sign + text.removesuffix("%").removesuffix("$").strip() or None


def _number(text: str, largest: Decimal) -> Decimal:
    is_number = text.isascii() and _NUMBER.fullmatch(text) and _HAS_DIGIT.match(text)
    if not is_number:
        raise InvalidValueError("not a number")
    try:
        number = Decimal(re.sub(r"[,\s]", "", text))
    except InvalidOperation:
        raise InvalidValueError("not a number") from None
    if abs(number) >= largest:
        raise InvalidValueError("too large")
    return _short(number)


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
