"""The user's two files by chance, with what users write into them."""

from __future__ import annotations

import random
from datetime import date

Row = dict[str, str | None]
BAD_MONTHS = ("March", "", "2026-13-01", "31/12/2025")
BAD_MONEY = ("", "a lot", "12.3.4")


def costs(chance: random.Random, today: date, sources: list[int]) -> list[Row]:
    """Rows of the cost file: sometimes none, some unreadable, some doubled."""
    rows: list[Row] = []
    for _ in range(chance.choice((0, 1, 8, 20))):
        rows.append(
            {
                "lead_source": _source(chance, sources),
                "month": _month(chance, today),
                "spend": _money(chance),
            }
        )
        if chance.random() < 0.1:
            rows.append(dict(rows[-1]))
    return rows


def _source(chance: random.Random, sources: list[int]) -> str:
    known = f"Source {chance.choice(sources)}"
    written = (known, known, known, f" {known.upper()} ", "Radio", "Unattributed", "")
    return chance.choice(written)


def _month(chance: random.Random, today: date) -> str:
    if chance.random() < 0.1:
        return chance.choice(BAD_MONTHS)
    months = (
        today.year * 12 + today.month - 1 - chance.choice((-1, 0, 0, 1, 2, 3, 4, 5))
    )
    first = date(months // 12, months % 12 + 1, 1)
    return first.strftime(chance.choice(("%Y-%m-%d", "%Y-%m-%d", "%m/%d/%Y", "%Y-%m")))


def _money(chance: random.Random) -> str:
    if chance.random() < 0.1:
        return chance.choice(BAD_MONEY)
    return chance.choice(("100", "0", "$1,250.50", "99.99", " 40 ", "-25", "1000"))


def roster(chance: random.Random, users: list[dict]) -> list[Row]:
    """Rows of the roster: sometimes none, some doubled, some of strangers."""
    if chance.random() < 0.25:
        return []
    emails = [user["email"] for user in users if chance.random() < 0.7]
    emails += [f" {email.upper()} " for email in emails if chance.random() < 0.3]
    if chance.random() < 0.3:
        emails.append("stranger@x.com")
    chance.shuffle(emails)
    return [
        {
            "email": email,
            "team": chance.choice(("North", "South", "", None)),
            "team_lead_email": chance.choice(("", "u1@x.com")),
            "is_active": chance.choice(("true", "", "yes", "false", "FALSE", None)),
        }
        for email in emails
    ]
