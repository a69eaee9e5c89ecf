"""Keeps users.email unique while addresses wander between team members."""

from __future__ import annotations

from collections.abc import Iterable

from psycopg import Connection

from loader.database.tables import USER_EMAILS, USERS
from loader.database.upsert import Counts, upsert
from loader.mapping.users import User, synthetic_email


def _fold(email: str) -> str:
    return email.strip().casefold()


class UserRegistry:
    """The team as far as it is known.

    Of several members with one address the smallest id has it in users.email,
    the others have a synthetic one. `commit_cache` after the transaction that `save`
    ran in, so that a rollback leaves the book as it was.
    """

    def __init__(self, connection: Connection) -> None:
        self._stored: dict[int, str] = dict(
            connection.execute("select user_id, email from users").fetchall()
        )
        self._claims: dict[int, str | None] = dict(
            connection.execute("select user_id, email from loader.user_emails")
        )
        self._seen: dict[int, User] = {}
        self._pending: tuple[dict, dict, dict] | None = None

    def save(self, connection: Connection, users: Iterable[User]) -> Counts:
        """Write members not yet seen in this run; the first sight of each counts.

        A member known only by id never replaces one with a name.
        """
        fresh: dict[int, User] = {}
        for user in users:
            known = fresh.get(user.user_id) or self._seen.get(user.user_id)
            if known is None or (known.is_placeholder and not user.is_placeholder):
                fresh[user.user_id] = user
        if not fresh:
            return Counts()
        told = {i: u.email for i, u in fresh.items() if not u.is_placeholder}
        claims = {**self._claims, **told}
        written = {
            i: u
            for i, u in fresh.items()
            if not u.is_placeholder or i not in self._stored
        }
        claims.update({i: None for i in written if i not in claims})
        holders = {i: e for i, e in self._stored.items() if i not in claims}
        targets = _settle({**holders, **claims})
        counts, stored = self._write(connection, written, targets)
        upsert(
            connection,
            USER_EMAILS,
            [{"user_id": i, "email": email} for i, email in told.items()],
        )
        self._pending = (fresh, claims, stored)
        return counts

    def commit_cache(self) -> None:
        """Remember what the last `save` wrote; its transaction is through."""
        if self._pending:
            fresh, self._claims, self._stored = self._pending
            self._seen.update(fresh)
            self._pending = None

    def settle(self, connection: Connection) -> Counts:
        """After a complete pass: only members that it saw have a claim."""
        claims = {i: self._claims.get(i) for i in self._seen}
        targets = _settle(claims)
        taken = {_fold(email): i for i, email in targets.items()}
        for user_id, email in self._stored.items():
            if user_id not in claims and _fold(email) in taken:
                targets[user_id] = synthetic_email(user_id)
        counts, stored = self._write(connection, {}, targets)
        connection.execute(
            "delete from loader.user_emails where user_id <> all(%s)", [list(claims)]
        )
        self._pending = ({}, claims, stored)
        return counts

    def _write(
        self, connection: Connection, users: dict[int, User], targets: dict[int, str]
    ) -> tuple[Counts, dict[int, str]]:
        """Write users and addresses; give way first where addresses change hands."""
        moved = {
            i: targets[i]
            for i in self._stored
            if i in targets and targets[i] != self._stored[i]
        }
        wanted = {targets[i] for i in (*users, *moved)}
        for user_id in moved:
            if self._stored[user_id] in wanted:
                _set_email(connection, user_id, synthetic_email(user_id))
        counts = Counts()
        for user_id, email in moved.items():
            if user_id not in users:
                counts.updated += _set_email(connection, user_id, email)
        counts += upsert(connection, USERS, [_row(u, targets) for u in users.values()])
        stored = {**self._stored, **moved, **{i: targets[i] for i in users}}
        return counts, stored


def _settle(claims: dict[int, str | None]) -> dict[int, str]:
    """User id -> address to store, given who uses which address."""
    owner: dict[str, int] = {}
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
