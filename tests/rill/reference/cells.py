"""What the cells of the user's two files say: months, money, yes and no."""

from __future__ import annotations

import re
from datetime import date, datetime
from fractions import Fraction

from tests.rill.reference.csv_files import clean

FIRST_YEAR = 1990
# What may stand behind a month: a time, with or without seconds and a zone.
CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[AP]M)?"
ZONE = r"(?: ?(?:Z|UTC|[+-]\d{2}:?\d{2}))?"
TIME = f"(?:[T ]{CLOCK}{ZONE})?"
DAY_FORMATS = (
    (r"\d{4}-\d{1,2}-\d{1,2}", "%Y-%m-%d"),
    (r"\d{4}/\d{1,2}/\d{1,2}", "%Y/%m/%d"),
    (r"\d{1,2}/\d{1,2}/\d{4}", "%m/%d/%Y"),
    (r"\d{4}-\d{1,2}", "%Y-%m"),
    (r"\d{1,2}/\d{4}", "%m/%Y"),
    (r"[A-Z]{3}-\d{2}", "%b-%y"),
    (r"[A-Z]{3} \d{4}", "%b %Y"),
)
PLAIN_NUMBER = r"(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d*)?|\.\d+"
MONEY = re.compile(
    rf"\$?(?P<open>\()?(?P<sign>[+-])?\$?(?P<second>[+-])?"
    rf"(?P<number>{PLAIN_NUMBER})(?P<close>\))?",
    re.ASCII,
)
ACTIVE_WORDS = {"", "true", "yes", "y", "1", "active"}
INACTIVE_WORDS = {"false", "no", "n", "0", "inactive", "terminated"}


def read_month(text: str | None) -> date | None:
    """Read the first day of the month of a date or month since 1990."""
    written = clean(text).upper()
    for pattern, layout in DAY_FORMATS:
        match = re.fullmatch(f"({pattern}){TIME}", written, re.ASCII)
        if match:
            try:
                month = datetime.strptime(match[1], layout).date().replace(day=1)
            except ValueError:
                return None
            return month if month.year >= FIRST_YEAR else None
    return None


def read_money(text: str | None) -> Fraction | None:
    """Read dollars as accountants write them; None where it is no amount."""
    written = clean(text).replace(" ", "")
    if written == "$-":
        return Fraction(0)
    match = MONEY.fullmatch(written)
    if not match or bool(match["open"]) != bool(match["close"]):
        return None
    if written.count("$") > 1:
        return None
    signs = [sign for sign in (match["open"], match["sign"], match["second"]) if sign]
    if len(signs) > 1:
        return None
    number = Fraction(match["number"].replace(",", "").rstrip(".") or "0")
    return -number if signs and signs[0] in "(-" else number


def read_credits(text: str | None) -> Fraction | None:
    """Read money that came back: empty is none, negative is unreadable."""
    if not clean(text):
        return Fraction(0)
    money = read_money(text)
    return money if money is not None and money >= 0 else None


def is_active_word(text: str | None) -> bool:
    """Say whether a word of the roster leaves an officer active."""
    return clean(text).lower() not in INACTIVE_WORDS


def is_known_word(text: str | None) -> bool:
    """Say whether a word of the roster means anything."""
    return clean(text).lower() in ACTIVE_WORDS | INACTIVE_WORDS
