"""Keeps users.email unique while addresses move between team members."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from loader.database.tables import USER_EMAILS, USERS
from loader.database.upsert import Counts, Writer, upsert
from loader.mapping.ids import user_uuid
from loader.mapping.users import User, is_synthetic, synthetic_email


@dataclass
class _Team:
    """Users as stored, and the addresses that they use in Bonzo.

    Of several members with one address the smallest id has it in users.email,
    the others have a synthetic one.
    """

    rows: dict[int, dict[str, Any]]
    claims: dict[int, str | None]

    @property
    def foreign(self) -> set[int]:
        """Return the users whose rows no load has written."""
        return {
            i for i, row in self.rows.items() if row["bonzo_user_id"] != user_uuid(i)
        }

    @property
    def emails(self) -> dict[int, str]:
        """Return the address in users.email by user."""
        return {i: row["email"] for i, row in self.rows.items()}


def write_users(writer: Writer, users: Iterable[User], overwrite: bool = False) -> None:
    """Write team members.

    A member known only by id never replaces one with a name, and none a row that
    no load has written, unless `overwrite`.
    """
    team = _read_team(writer.connection)
    spared = set() if overwrite else team.foreign
    shown = {user.user_id: user for user in users}
    written = {
        i: user
        for i, user in shown.items()
        if i not in spared and (not user.is_placeholder or i not in team.rows)
    }
    if not written:
        return
    named = {i: u.email for i, u in written.items() if not u.is_placeholder}
    claims = {**team.claims, **named}
    claims.update({i: None for i in written if i not in claims})
    # Rows that no load has written hold their addresses.
    holders = {i: email for i, email in team.emails.items() if i not in claims}
    held = {_fold(team.emails[i]) for i in spared}
    targets = _assign_emails({**holders, **claims}, held)
    targets.update({i: team.emails[i] for i in spared})
    _write(writer, team, written, targets)
    rows = [
        {"user_id": i, "email": email}
        for i, email in named.items()
        if (i, email) not in team.claims.items()
    ]
    upsert(writer.connection, USER_EMAILS, rows)


def reconcile_emails(writer: Writer, seen: Iterable[int]) -> None:
    """Leave addresses only to the members that a complete run saw."""
    team = _read_team(writer.connection)
    spared = team.foreign
    claims = {i: team.claims.get(i) for i in seen if i not in spared}
    targets = _assign_emails(claims, {_fold(team.emails[i]) for i in spared})
    taken = {_fold(email) for email in targets.values()}
    for user_id, email in team.emails.items():
        if user_id not in {*claims, *spared} and _fold(email) in taken:
            targets[user_id] = synthetic_email(user_id)
    _write(writer, team, {}, targets)
    writer.connection.execute(
        "delete from loader.user_emails where user_id <> all(%s)", [list(claims)]
    )


def _read_team(connection: Connection) -> _Team:
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(f"select {', '.join(USERS.columns)} from users")
        stored = {row["user_id"]: row for row in rows}
    claims = connection.execute("select user_id, email from loader.user_emails")
    return _Team(stored, dict(claims.fetchall()))


def _write(
    writer: Writer, team: _Team, users: dict[int, User], targets: dict[int, str]
) -> None:
    """Write users and addresses; give way first where addresses change hands."""
    connection, emails = writer.connection, team.emails
    moved = {i: targets[i] for i in emails if i in targets and targets[i] != emails[i]}
    wanted = {targets[i] for i in (*users, *moved)}
    for user_id in moved:
        if emails[user_id] in wanted:
            _set_email(connection, user_id, synthetic_email(user_id))
    counts = Counts()
    for user_id, email in moved.items():
        if user_id not in users:
            counts.updated += _set_email(connection, user_id, email)
    rows = [_row(user, targets) for user in users.values()]
    # A user is met on many pages and mostly known.
    changed = [row for row in rows if row != team.rows.get(row["user_id"])]
    counts += upsert(connection, USERS, changed)
    # The report counts each one once, where it is first seen.
    counts.read = 0
    writer.counts.add("users", counts)


def _assign_emails(claims: dict[int, str | None], held: set[str]) -> dict[int, str]:
    """Return user id -> address to store, given who uses which address.

    Those `held` (folded) belong to rows that stay as they are. Nobody can claim a
    made-up address: it would be taken when its own user needs it.
    """
    claims = {
        i: None if email and is_synthetic(email) else email
        for i, email in claims.items()
    }
    owner: dict[str, int | None] = dict.fromkeys(held)
    for user_id in sorted(claims):
        email = claims[user_id]
        if email:
            owner.setdefault(_fold(email), user_id)
    return {
        user_id: email
        if email and owner[_fold(email)] == user_id
        else synthetic_email(user_id)
        for user_id, email in claims.items()
    }


def _fold(email: str) -> str:
    return email.strip().casefold()


def _row(user: User, targets: dict[int, str]) -> dict[str, object]:
    return {
        "user_id": user.user_id,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "email": targets[user.user_id],
        "bonzo_user_id": user.bonzo_user_id,
        "role": user.role,
    }


def _set_email(connection: Connection, user_id: int, email: str) -> int:
    return connection.execute(
        "update users set email = %s, updated_at = now() "
        "where user_id = %s and email is distinct from %s",
        [email, user_id, email],
    ).rowcount
