"""Writes rows in bulk: COPY into a temporary table, then one guarded upsert.

What is known to be new goes by COPY into its own table, which takes half the time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
from typing import Any
from uuid import UUID

from psycopg import Connection, errors, sql

from loader.database.tables import Table

# Rows that cannot go by COPY: some are there, or a policy guards the table's rows.
NOT_BY_COPY = (errors.UniqueViolation, errors.FeatureNotSupported)


@dataclass
class Counts:
    """What became of the rows given for one table."""

    read: int = 0
    inserted: int = 0
    updated: int = 0
    deleted: int = 0

    def __iadd__(self, other: Counts) -> Counts:
        self.read += other.read
        self.inserted += other.inserted
        self.updated += other.updated
        self.deleted += other.deleted
        return self

    @property
    def changed(self) -> int:
        """Rows that are not as they were."""
        return self.inserted + self.updated + self.deleted

    @property
    def unchanged(self) -> int:
        """Rows that were there already, just so."""
        return self.read - self.inserted - self.updated


class TableCounts(dict[str, Counts]):
    """Counts by table, of one transaction."""

    def add(self, name: str, counts: Counts) -> None:
        """Add to a table's counts."""
        total = self.setdefault(name, Counts())
        total += counts


@dataclass
class StepChanges:
    """The campaigns whose steps may have another order now, or that all may."""

    campaigns: set[UUID] = field(default_factory=set)
    everywhere: bool = False

    def add(self, other: StepChanges) -> None:
        """Add what else has changed."""
        self.campaigns |= other.campaigns
        self.everywhere |= other.everywhere


class Writer:
    """Writes rows within one transaction and counts them by table.

    With `new_prospects` the rows about prospects are taken to be absent. Where they
    are not, psycopg raises one of NOT_BY_COPY and the transaction is lost.
    """

    def __init__(self, connection: Connection, *, new_prospects: bool = False) -> None:
        self.connection = connection
        self._new_prospects = new_prospects
        self.counts = TableCounts()
        self.steps = StepChanges()

    def upsert(self, table: Table, rows: Iterable[Mapping[str, Any]]) -> Counts:
        """Make the table hold these rows; count those of public tables."""
        write = insert if self._new_prospects and table.is_personal else upsert
        written = write(self.connection, table, rows, self.steps.campaigns)
        if table.schema == "public":
            self.counts.add(table.name, written)
        return written

    def delete(self, table: Table, condition: str, *parameters: Any) -> None:
        """Delete the rows of a public table that meet a condition with %s."""
        statement = f"delete from public.{table.name} where {condition}"
        if table.decides_steps is None:
            rows = self.connection.execute(statement, parameters).rowcount
        else:
            statement += f" returning campaign_id, {table.decides_steps}"
            deleted = self.connection.execute(statement, parameters).fetchall()
            rows = len(deleted)
            self.steps.campaigns.update(i for i, decides in deleted if i and decides)
        self.counts.add(table.name, Counts(deleted=rows))


def upsert(
    connection: Connection,
    table: Table,
    rows: Iterable[Mapping[str, Any]],
    campaigns: set[UUID] | None = None,
) -> Counts:
    """Make the table hold these rows; a row that is there already is not touched.

    Of rows with one key the last wins. Must run within a transaction. Campaigns
    whose steps a written row decides, now or before, are added to `campaigns`.
    """
    unique = _by_key(table, rows)
    if not unique:
        return Counts()
    statements = _statements(table)
    connection.execute(statements.create)
    _copy(connection, statements.copy, table, unique)
    inserted, written, *touched = connection.execute(statements.upsert).fetchone()
    connection.execute(statements.empty)
    if campaigns is not None:
        for ids in touched:
            campaigns.update(i for i in ids or () if i)
    return Counts(len(unique), inserted, written - inserted)


def insert(
    connection: Connection,
    table: Table,
    rows: Iterable[Mapping[str, Any]],
    campaigns: set[UUID] | None = None,
) -> Counts:
    """Add rows of which the table holds none; of rows with one key the last counts.

    Campaigns whose steps a row may decide are added to `campaigns`.
    """
    unique = _by_key(table, rows)
    if not unique:
        return Counts()
    _copy(connection, _statements(table).insert, table, unique)
    if campaigns is not None and table.decides_steps is not None:
        campaigns.update(i for row in unique if (i := row["campaign_id"]))
    return Counts(len(unique), len(unique))


def _by_key(table: Table, rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the rows, of those with one key the last."""
    key = itemgetter(*table.key)
    return list({key(row): row for row in rows}.values())


def _copy(
    connection: Connection,
    statement: sql.Composed,
    table: Table,
    rows: Iterable[Mapping[str, Any]],
) -> None:
    values = itemgetter(*table.columns)
    with connection.cursor().copy(statement) as copy:
        for row in rows:
            copy.write_row(values(row))


@dataclass(frozen=True)
class _Statements:
    insert: sql.Composed
    create: sql.Composed
    copy: sql.Composed
    upsert: sql.Composed
    empty: sql.Composed


@lru_cache(maxsize=64)
def _statements(table: Table) -> _Statements:
    parts = {
        "stage": sql.Identifier(f"stage_{table.name}_{len(table.columns)}"),
        "target": sql.Identifier(table.schema, table.name),
        "columns": _list(table.columns),
    }
    insert = sql.SQL("copy {target} ({columns}) from stdin").format(**parts)
    # By `select` rather than `like`: without the target's constraints.
    create = sql.SQL(
        "create temporary table if not exists {stage} on commit delete rows as "
        "select {columns} from {target} with no data"
    ).format(**parts)
    copy = sql.SQL("copy {stage} ({columns}) from stdin").format(**parts)
    # Not `truncate`: it makes a new file each time, and the commit empties it anyway.
    empty = sql.SQL("delete from {stage}").format(**parts)
    return _Statements(insert, create, copy, _upsert(table, parts), empty)


def _upsert(table: Table, parts: dict[str, sql.Composable]) -> sql.Composed:
    """Only rows that are new or different reach the insert at all.

    The guard on the update holds even so: another session may have written.
    """
    compared = table.compared
    same = sql.SQL("and ({}) is not distinct from ({})").format(
        _list(compared, "t"), _list(compared, "s")
    )
    changes = [
        sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in compared
    ]
    if table.stamp:
        changes.append(sql.SQL("{} = now()").format(sql.Identifier(table.stamp)))
    update = sql.SQL("update set {} where ({}) is distinct from ({})").format(
        sql.SQL(", ").join(changes), _list(compared, "t"), _list(compared, "excluded")
    )
    keys = sql.SQL(" and ").join(
        sql.SQL("t.{0} = s.{0}").format(sql.Identifier(name)) for name in table.key
    )
    returned, campaigns = sql.SQL(""), sql.SQL("")
    if table.decides_steps is not None:
        names = dict.fromkeys((*table.key, "campaign_id"))
        returned = sql.SQL(", {names}, {decides} as decides").format(
            names=_list(names, "t"), decides=sql.SQL(table.decides_steps)
        )
        # The statement still sees the rows as they were before it.
        campaigns = sql.SQL(
            ", array_agg(distinct campaign_id) filter (where decides)"
            ", array_agg("
            "distinct (select t.campaign_id from {target} as t where {keys})"
            ") filter (where decides and not is_new)"
        ).format(keys=keys, **parts)
    return sql.SQL(
        """
        with written as (
            insert into {target} as t ({columns})
            select {columns}
            from {stage} as s
            where not exists (
                select 1 from {target} as t where {keys} {same}
            )
            on conflict ({key}) do {action}
            returning (xmax = 0) as is_new{returned}
        )
        select count(*) filter (where is_new), count(*){campaigns} from written as s
        """
    ).format(
        returned=returned,
        campaigns=campaigns,
        keys=keys,
        same=same if compared else sql.SQL(""),
        key=_list(table.key),
        action=update if compared else sql.SQL("nothing"),
        **parts,
    )


def _list(names: Iterable[str], prefix: str | None = None) -> sql.Composed:
    return sql.SQL(", ").join(
        sql.Identifier(prefix, name) if prefix else sql.Identifier(name)
        for name in names
    )
