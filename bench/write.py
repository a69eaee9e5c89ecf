"""Rows a second by the loader's own writing, against COPY of the same rows.

Prospects and engagements of a made-up account, in batches of some prospects with their
engagements, one transaction each, as a load writes them: first as prospects that no
load has seen, then once more as they are. The peer gets all rows in one COPY per table,
as text that was rendered beforehand: once into the same tables with keys and indexes,
once into bare ones. Ratios are of speeds: above 1 the loader is faster.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from psycopg import Connection, sql
from psycopg.rows import dict_row

from bench import big_account
from bench.database import fresh_database, name_of, timed
from bench.results import Ratio, Scale
from loader.database.connection import connect
from loader.database.tables import ENGAGEMENTS, PROSPECTS, Table
from loader.database.upsert import Writer
from loader.sync.write_batch import MOST_NEW

SCALES = {
    "tiny": Scale(200, 1_000, runs=1),
    "normal": Scale(20_000, 100_000),
    "full": Scale(200_000, 1_000_000),
}
TABLES = (PROSPECTS, ENGAGEMENTS)
# Prospects written together: a page of the default size, as many as a first load joins
# where Bonzo is fast, and the most that a user may ask for in a page.
PAGES = (100, MOST_NEW, 1_000)

Rows = dict[str, list[dict[str, Any]]]
Texts = dict[str, list[bytes]]


def measure(maintenance: str, scale: Scale) -> list[Ratio]:
    """Measure each way in a database of its own, one after the other, per run."""
    with fresh_database(maintenance) as template:
        big_account.fill(template, scale.prospects, scale.engagements)
        with connect(template) as connection:
            rows = {table.name: _rows(connection, table) for table in TABLES}
            texts = {table.name: _text(connection, table) for table in TABLES}
            connection.execute("truncate prospects cascade")
        runs = [
            _measure_once(maintenance, name_of(template), rows, texts)
            for _ in range(scale.runs)
        ]
    return list(_ratios(runs))


def _ratios(runs: list[dict[str, float]]) -> Iterator[Ratio]:
    def ratio(name: str, peer: str, own: str, goal: float | None) -> Ratio:
        # Seconds for the same rows: the peer's over ours is our share of its speed.
        return Ratio(name, tuple(run[peer] / run[own] for run in runs), at_least=goal)

    for page in PAGES:
        first, again = f"first {page}", f"again {page}"
        pages = f"{page:,} at a time"
        yield ratio(f"first, {pages} ÷ COPY with keys", "keyed", first, 0.8)
        yield ratio(f"unchanged, {pages} ÷ COPY with keys", "keyed", again, 4)
        yield ratio(f"first, {pages} ÷ bare COPY", "bare", first, 0.4)
        yield ratio(f"unchanged, {pages} ÷ bare COPY", "bare", again, 0.55)
    yield ratio("COPY with keys ÷ bare COPY", "bare", "keyed", None)


def _measure_once(
    maintenance: str, template: str, rows: Rows, texts: Texts
) -> dict[str, float]:
    """Return seconds by way of writing."""
    seconds: dict[str, float] = {}
    for page in PAGES:
        with (
            fresh_database(maintenance, template) as dsn,
            connect(dsn) as connection,
        ):
            for name in ("first", "again"):
                seconds[f"{name} {page}"] = timed(
                    connection,
                    lambda size=page, new=name == "first": _write(
                        connection, rows, size, new
                    ),
                )
                connection.execute("analyze")
    with fresh_database(maintenance, template) as dsn, connect(dsn) as connection:
        seconds["keyed"] = timed(connection, lambda: _copy(connection, texts))
    with fresh_database(maintenance, template) as dsn, connect(dsn) as connection:
        _strip(connection)
        seconds["bare"] = timed(connection, lambda: _copy(connection, texts))
    return seconds


def _write(connection: Connection, rows: Rows, page: int, new: bool) -> None:
    """Write as a load does: a page of prospects and their engagements at a time."""
    prospects = rows[PROSPECTS.name]
    engagements = {
        key: list(group)
        for key, group in groupby(rows[ENGAGEMENTS.name], lambda r: r["prospect_id"])
    }
    for first in range(0, len(prospects), page):
        batch = prospects[first : first + page]
        with connection.transaction():
            writer = Writer(connection, new_prospects=new)
            writer.upsert(PROSPECTS, batch)
            writer.upsert(
                ENGAGEMENTS,
                [
                    row
                    for prospect in batch
                    for row in engagements.get(prospect["prospect_id"], [])
                ],
            )


def _copy(connection: Connection, texts: Texts) -> None:
    with connection.transaction():
        for table in TABLES:
            statement = sql.SQL("copy {} ({}) from stdin").format(
                sql.Identifier(table.name), _columns(table)
            )
            with connection.cursor().copy(statement) as copy:
                for block in texts[table.name]:
                    copy.write(block)


def _strip(connection: Connection) -> None:
    """Put tables with the same columns and nothing else in place of the two."""
    for table in TABLES:
        connection.execute(
            sql.SQL(
                "create table bench_bare as select {columns} from {name} with no data; "
                "drop table {name} cascade; "
                "alter table bench_bare rename to {name}"
            ).format(columns=_columns(table), name=sql.Identifier(table.name))
        )


def _rows(connection: Connection, table: Table) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_select(table)).fetchall()


def _text(connection: Connection, table: Table) -> list[bytes]:
    """Return the rows as COPY writes them."""
    statement = sql.SQL("copy ({}) to stdout").format(_select(table))
    with connection.cursor().copy(statement) as copy:
        return [bytes(block) for block in copy]


def _select(table: Table) -> sql.Composed:
    return sql.SQL("select {} from {} order by prospect_id, {}").format(
        _columns(table), sql.Identifier(table.name), sql.Identifier(table.key[0])
    )


def _columns(table: Table) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, table.columns))
