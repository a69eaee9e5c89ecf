"""Finds the people whom `forget` is asked about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from psycopg import Connection, sql

from loader.database.tables import PERSONAL


class Person(NamedTuple):
    """A prospect as the database names it."""

    prospect_id: int
    name: str
    email: str | None
    phone: str | None


def find(connection: Connection, asked: str) -> list[int]:
    """Return the prospects of an id or of an email address, however it is written.

    An id counts as found where any table has a row about it.
    """
    if not (asked.isascii() and asked.isdigit()):
        rows = connection.execute(
            "select prospect_id from public.prospects "
            "where lower(trim(email)) = lower(trim(%s)) order by 1",
            [asked],
        )
        return [row[0] for row in rows]
    parts = [
        sql.SQL("exists (select 1 from {} where prospect_id = %(id)s::bigint)").format(
            sql.Identifier(*name.split("."))
        )
        for name in PERSONAL
    ]
    # A record that was rejected whole is known by its text alone.
    parts.append(
        sql.SQL(
            "exists (select 1 from loader.rejected_records "
            "where resource = 'prospects' and id = %(id)s::text)"
        )
    )
    query = sql.SQL("select ") + sql.SQL(" or ").join(parts)
    is_known = connection.execute(query, {"id": asked}).fetchone()
    return [int(asked)] if is_known and is_known[0] else []


def describe(connection: Connection, ids: Iterable[int]) -> list[Person]:
    """Return what the database calls these prospects."""
    rows = connection.execute(
        "select prospect_id, concat_ws(' ', first_name, last_name), email, phone "
        "from public.prospects where prospect_id = any(%s) order by 1",
        [list(ids)],
    )
    return [Person(*row) for row in rows]


def same_contacts(connection: Connection, ids: Iterable[int]) -> list[int]:
    """Return other prospects with the email address or phone of one of these."""
    rows = connection.execute(
        """
        select distinct o.prospect_id
        from public.prospects as p
        inner join public.prospects as o
            on lower(o.email) = lower(p.email) or o.phone = p.phone
        where p.prospect_id = any(%(ids)s) and o.prospect_id <> all(%(ids)s)
        order by 1
        """,
        {"ids": list(ids)},
    )
    return [row[0] for row in rows]
