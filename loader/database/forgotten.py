"""Who was forgotten: removes a person's rows, and knows the person again by a hash."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from psycopg import Connection, sql

from loader.database.campaign_steps import order_derived_steps
from loader.database.sql_files import statement
from loader.database.tables import PERSONAL
from loader.database.upsert import StepChanges, Writer
from loader.mapping.ids import engagement_uuid
from loader.mapping.parse_messages import identify

MERGED = "a load (merged in Bonzo)"


@dataclass
class Forgotten:
    """The hashes of forgotten prospects and of their messages, under one secret.

    Whoever reads the secret can try every id: see docs/operations.md.
    """

    secret: bytes | None = None
    prospects: set[bytes] = field(default_factory=set)
    messages: set[bytes] = field(default_factory=set)

    @classmethod
    def read(cls, connection: Connection) -> Forgotten:
        """Return what the database holds; nothing before the first `forget`."""
        row = connection.execute("select secret from loader.forgotten_key").fetchone()
        found = cls(row[0] if row else None)
        rows = connection.execute("select keyed_hash, kind from loader.forgotten")
        for value, kind in rows:
            (found.prospects if kind == "prospect" else found.messages).add(value)
        return found

    def holds(self, prospect_id: int | None) -> bool:
        """Return whether this prospect was forgotten."""
        if prospect_id is None or not self.prospects:
            return False
        return self.prospect_hash(prospect_id) in self.prospects

    def sift(self, prospect_id: int, items: Sequence[Any]) -> tuple[list[Any], bool]:
        """Return a prospect's messages without those of forgotten people.

        The second value says that one of theirs now names this prospect: Bonzo
        merged the two, so this prospect is the forgotten person.
        """
        if not self.prospects:
            return list(items), False
        kept, is_merged = [], False
        for item in items:
            message_id, named = identify(item)
            is_theirs = message_id is not None and self._has_message(message_id)
            is_merged = is_merged or (is_theirs and named == prospect_id)
            if not is_theirs and not self.holds(named):
                kept.append(item)
        return kept, is_merged

    def prospect_hash(self, prospect_id: int) -> bytes:
        """Return the keyed hash of a prospect's id."""
        return self._hash(f"prospect:{prospect_id}")

    def message_hash(self, engagement_id: UUID) -> bytes:
        """Return the keyed hash of a message, known by its first row's id."""
        return self._hash(f"message:{engagement_id}")

    def _has_message(self, message_id: int) -> bool:
        return any(
            self.message_hash(engagement_uuid(message_id, kind)) in self.messages
            for kind in ("Sent", "Responded")
        )

    def _hash(self, text: str) -> bytes:
        if self.secret is None:
            raise ValueError("a hash needs the secret")
        return hmac.digest(self.secret, text.encode(), "sha256")


def forget(connection: Connection, ids: Iterable[int], by: str) -> dict[str, int]:
    """Remove every row about these prospects and keep them out from now on.

    Return how many rows each table lost. `by` is who asked for it. Must run
    within a transaction, under the loader's lock.
    """
    wanted = sorted(set(ids))
    connection.execute(
        "insert into loader.forgotten_key (secret) values (%s) on conflict do nothing",
        [secrets.token_bytes(32)],
    )
    known = Forgotten.read(connection)
    messages = _messages(connection, wanted)
    hashes = [(known.prospect_hash(i), "prospect", by) for i in wanted]
    hashes += [(known.message_hash(i), "message", by) for i in messages]
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into loader.forgotten (keyed_hash, kind, forgotten_by) "
            "values (%s, %s, %s) on conflict do nothing",
            hashes,
        )
    removed = _remove(connection, wanted)
    order_derived_steps(Writer(connection), StepChanges(everywhere=True))
    return {name: count for name, count in removed.items() if count}


def _messages(connection: Connection, ids: list[int]) -> list[UUID]:
    rows = connection.execute(
        "select engagement_id from public.touch_engagements "
        "where prospect_id = any(%s) and engagement_type in ('Sent', 'Responded')",
        [ids],
    )
    return [row[0] for row in rows]


def _remove(connection: Connection, ids: list[int]) -> dict[str, int]:
    """Delete the rows, first those by which the others are found."""
    removed: dict[str, int] = {}
    for name in ("step_origins", "mentions", "yields", "run_texts"):
        connection.execute(statement(f"forget_{name}"), {"ids": ids})
    removed["loader.rejected_records"] = connection.execute(
        statement("forget_rejects"), {"ids": ids}
    ).rowcount
    removed["public.loan_dates"] = connection.execute(
        "delete from public.loan_dates as d using public.loans as l "
        "where d.loan_id = l.loan_id and l.prospect_id = any(%s)",
        [ids],
    ).rowcount
    for name in PERSONAL:
        query = sql.SQL("delete from {} where prospect_id = any(%s)").format(
            sql.Identifier(*name.split("."))
        )
        rows = connection.execute(query, [ids]).rowcount
        removed[name] = removed.get(name, 0) + rows
    return removed


def when_forgotten(connection: Connection, prospect_id: int) -> tuple | None:
    """Return when and by whom a prospect was forgotten; None if it was not."""
    known = Forgotten.read(connection)
    if not known.holds(prospect_id):
        return None
    return connection.execute(
        "select forgotten_at, forgotten_by from loader.forgotten where keyed_hash = %s",
        [known.prospect_hash(prospect_id)],
    ).fetchone()
