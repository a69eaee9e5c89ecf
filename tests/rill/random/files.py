"""The user's two files by chance, with what users write into them."""

from __future__ import annotations

import random
import unicodedata
from datetime import date, timedelta

from tests.rill.random.csv_bytes import save

Row = dict[str, str | None]
BAD_MONTHS = (
    "March",
    "",
    "2026-13-01",
    "31/12/2025",
    "10/1/26",
    "2026-02-30",
    "1989-12-01",
    "Dec-89",
    "2025",
)
GOOD_MONTHS = (
    "%Y-%m-%d",
    "%Y-%m-%d",
    "%m/%d/%Y",
    "%Y-%m",
    "%b-%y",
    "%b %Y",
    "%m/%Y",
    "%Y/%m/%d",
)
TIMES = (
    "",
    "",
    "",
    " 00:00",
    "T00:00:00",
    " 12:00:00 AM",
    " 23:59:59.999",
    "T23:00:00Z",
)
BAD_MONEY = (
    "",
    "a lot",
    "12.3.4",
    "1,25",
    "12,50",
    "1,400,00.00",
    "1.250,50",
    "(50",
    "-(5)",
    "1e3",
    "100 USD",
)
GOOD_MONEY = (
    "100",
    "0",
    "$1,250.50",
    "99.99",
    " 40 ",
    "-25",
    "1000",
    "(50.00)",
    "$ (7.50)",
    "-$3",
    " $-   ",
    "$ 1 000",
    "1,000,000.25",
    "12\u00a0000",
    "+5",
)
CREDITS = ("", "", "0", "25", "$100.00", "1,000", "$-", "250.5", " 0.00 ")
BAD_CREDITS = ("-5", "(50.00)", "soon", "1,5")
ACTIVE_WORDS = (
    "true",
    "",
    "yes",
    "Y",
    "1",
    " Active ",
    "false",
    "FALSE",
    "No",
    "n",
    "0",
    "inactive",
    "Terminated",
    "on leave",
    "2",
    None,
)


def costs(chance: random.Random, today: date, sources: list[str]) -> bytes | None:
    """The cost file: sometimes without rows, some unreadable, some doubled.

    `sources` are the names that the CRM knows.
    """
    with_credits = chance.random() < 0.6
    rows: list[Row] = []
    for _ in range(chance.choice((0, 1, 8, 20))):
        rows.append(
            {
                "lead_source": _source(chance, sources),
                "month": _month(chance, today),
                "spend": _money(chance),
                "credits": _credits(chance),
            }
        )
        if chance.random() < 0.1:
            rows.append(dict(rows[-1]))
    columns = ("lead_source", "month", "spend", "credits")
    return save(chance, rows, columns if with_credits else columns[:3])


def _source(chance: random.Random, sources: list[str]) -> str:
    known = chance.choice(sources)
    written = (
        known,
        known,
        known,
        respelled(chance, known),
        "Radio",
        "Unattributed",
        "",
    )
    return chance.choice(written)


def respelled(chance: random.Random, name: str) -> str:
    """The same name, as another program writes it."""
    blank = name.find(" ")
    ways = (
        f" {name.upper()} ",
        f"{name}\t",
        f"\ufeff{name}",
        f"{name[:2]}\u200b{name[2:]}",
        f"{name[:3]}\u00ad{name[3:]}\u200e",
        name.lower(),
        f"{name[:blank]}\u00a0 {name[blank + 1 :]}",
        unicodedata.normalize("NFD", name),
    )
    return chance.choice(ways)


def _month(chance: random.Random, today: date) -> str:
    if chance.random() < 0.1:
        return chance.choice(BAD_MONTHS)
    months = (
        today.year * 12 + today.month - 1 - chance.choice((-1, 0, 0, 1, 2, 3, 4, 5))
    )
    first = date(months // 12, months % 12 + 1, 1)
    day = first + timedelta(days=chance.choice((0, 0, 0, 14)))
    written = day.strftime(chance.choice(GOOD_MONTHS)) + chance.choice(TIMES)
    if chance.random() < 0.2:
        written = written.upper() if chance.random() < 0.5 else f" {written} "
    return without_zeros(written) if chance.random() < 0.3 else written


def without_zeros(written: str) -> str:
    """A date with slashes as a spreadsheet shows it: 3/1/2026."""
    if "/" not in written or written.strip()[:4].isdigit():
        return written
    return written.strip().lstrip("0").replace("/0", "/")


def _money(chance: random.Random) -> str:
    return chance.choice(BAD_MONEY if chance.random() < 0.1 else GOOD_MONEY)


def _credits(chance: random.Random) -> str:
    return chance.choice(BAD_CREDITS if chance.random() < 0.05 else CREDITS)


def roster(chance: random.Random, users: list[dict]) -> bytes | None:
    """The roster: sometimes without rows, some doubled, some of strangers."""
    columns = ("email", "team", "team_lead_email", "is_active")
    if chance.random() < 0.25:
        return save(chance, [], columns)
    emails = [user["email"] for user in users if chance.random() < 0.7]
    emails += [f" {email.upper()} " for email in emails if chance.random() < 0.3]
    if chance.random() < 0.3:
        emails.append("stranger@x.com")
    chance.shuffle(emails)
    rows: list[Row] = [
        {
            "email": email,
            "team": chance.choice(("North", "South", "Café", "", None)),
            "team_lead_email": chance.choice(("", "u1@x.com")),
            "is_active": chance.choice(ACTIVE_WORDS),
        }
        for email in emails
    ]
    return save(chance, rows, columns)
