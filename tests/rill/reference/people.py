"""Stages, sources and officers: what a lead's labels are made of."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from tests.rill.reference.cells import is_active_word
from tests.rill.reference.csv_files import clean

NO_STAGE = "No stage"
NO_SOURCE = "Unattributed"
NO_OFFICER = "Unassigned"
NO_TEAM = "No team"


@dataclass(frozen=True)
class Stage:
    """A stage; `order` is None for a disqualified one."""

    stage_id: int
    name: str
    order: int | None
    raw_order: int
    is_disqualified: bool

    @property
    def group(self) -> str:
        """new, working, qualified, contract or disqualified."""
        if self.is_disqualified:
            return "disqualified"
        if self.order <= 2:
            return "new"
        if self.order == 3:
            return "working"
        return "qualified" if self.order <= 6 else "contract"


@dataclass(frozen=True)
class Officer:
    """A user of the CRM with what the roster file says about them."""

    user_id: int
    label: str
    team: str
    is_active: bool
    in_roster: bool


def read_stages(rows: list[dict]) -> dict[int, Stage]:
    """Stages by id."""
    return {
        row["stage_id"]: Stage(
            stage_id=row["stage_id"],
            name=row["stage_name"],
            order=None if row["is_disqualify"] else row["stage_order"],
            raw_order=row["stage_order"],
            is_disqualified=bool(row["is_disqualify"]),
        )
        for row in rows
    }


def read_roster(rows: list[dict]) -> dict[str, dict]:
    """Rows of the roster file by folded e-mail; the first of doubled ones."""
    roster: dict[str, dict] = {}
    for row in rows:
        email = folded(row.get("email"))
        if email:
            roster.setdefault(email, row)
    return roster


def read_officers(users: list[dict], roster: dict[str, dict]) -> dict[int, Officer]:
    """Every user by id; namesakes carry their e-mail in the label."""
    names = {u["user_id"]: f"{u['first_name']} {u['last_name']}".strip() for u in users}
    times = Counter(names.values())
    officers = {}
    for user in users:
        name = names[user["user_id"]]
        row = roster.get(folded(user["email"]))
        officers[user["user_id"]] = Officer(
            user_id=user["user_id"],
            label=name if times[name] == 1 else f"{name} ({folded(user['email'])})",
            team=clean(row and row.get("team")) or NO_TEAM,
            is_active=is_active_word(row and row.get("is_active")),
            in_roster=row is not None,
        )
    return officers


def folded(text: str | None) -> str:
    """Trimmed and in lower case; nothing is an empty text."""
    return (text or "").strip().lower()
