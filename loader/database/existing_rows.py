"""Which rows no load has written.

A load writes loader.sync_prospects with every prospect, loan_dates with every loan,
and the same UUID for the same user into any database.
"""

from __future__ import annotations

from collections.abc import Iterable

from psycopg import Connection

from loader.mapping.ids import user_uuid


def foreign_prospects(connection: Connection, ids: Iterable[int]) -> set[int]:
    """Return those of the ids whose prospect was not written by a load."""
    rows = connection.execute(
        """
        select p.prospect_id
        from public.prospects as p
        where
            p.prospect_id = any(%s)
            and not exists (
                select 1
                from loader.sync_prospects as s
                where s.prospect_id = p.prospect_id
            )
        """,
        [list(ids)],
    )
    return {row[0] for row in rows}


def foreign_loans(connection: Connection, ids: Iterable[int]) -> set[int]:
    """Return those of the ids whose loan was not written by a load."""
    wanted = list(ids)
    rows = connection.execute(
        "select loan_id from public.loans where loan_id = any(%s)", [wanted]
    )
    return {row[0] for row in rows} - written_loans(connection, wanted)


def written_loans(connection: Connection, ids: Iterable[int]) -> set[int]:
    """Return those of the ids whose loan was written by a load."""
    rows = connection.execute(
        """
        select l.loan_id
        from public.loans as l
        inner join public.loan_dates as d on l.loan_id = d.loan_id
        where l.loan_id = any(%s) and l.prospect_id = l.loan_id
        """,
        [list(ids)],
    )
    return {row[0] for row in rows}


def foreign_users(connection: Connection, ids: Iterable[int]) -> set[int]:
    """Return those of the ids whose user was not written by a load."""
    rows = connection.execute(
        "select user_id, bonzo_user_id from public.users where user_id = any(%s)",
        [list(ids)],
    )
    return {user_id for user_id, uuid in rows if uuid != user_uuid(user_id)}
