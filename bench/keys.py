"""Fills large tables faster: their keys and indexes are made once, at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from psycopg import Connection

# References, and primary keys that nothing refers to.
_CONSTRAINTS = """
select
    c.conrelid::regclass::text,
    quote_ident(c.conname),
    pg_get_constraintdef(c.oid)
from pg_constraint as c
where
    c.conrelid = any(%s::regclass[])
    and (
        c.contype = 'f'
        or c.contype = 'p' and not exists (
            select 1 from pg_constraint as r where r.confrelid = c.conrelid
        )
    )
"""
_INDEXES = """
select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
from pg_index as i
where i.indrelid = any(%s::regclass[]) and not i.indisprimary
"""


@contextmanager
def made_afterwards(connection: Connection, tables: Sequence[str]) -> Iterator[None]:
    """Drop these tables' keys and indexes, and make them again after the block.

    Within a transaction, so that a failure leaves everything as it was.
    """
    constraints = connection.execute(_CONSTRAINTS, [list(tables)]).fetchall()
    for table, name, _ in constraints:
        connection.execute(f"alter table {table} drop constraint {name}")
    indexes = connection.execute(_INDEXES, [list(tables)]).fetchall()
    for name, _ in indexes:
        connection.execute(f"drop index {name}")
    yield
    for _, definition in indexes:
        connection.execute(definition)
    for table, name, definition in constraints:
        connection.execute(f"alter table {table} add constraint {name} {definition}")
